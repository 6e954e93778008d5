//! Another user of the machine: refused by the permissions of the home, and should those fail, by user id.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Stdio,
};

use serde_json::Value;
use tokio::process::Command;

use super::openapi::{documented, filled};
use crate::process::Daemon;

/// The user id of nobody.
const NOBODY: &str = "65534";

/// Makes calls as nobody by `curl`, each a method and a path; returns each status and body. `None` where that is not
/// possible, and this may be passed over.
///
/// # Panics
/// Where it is not possible and the run has not been told that this may be.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
async fn as_nobody(test: &str, socket: &Path, calls: &[(String, String)]) -> Option<Vec<(u16, String)>> {
    let command = |program: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", program]);
        command.stdin(Stdio::null());
        command
    };
    let able = command("curl").arg("--version").output().await;
    if !able.as_ref().is_ok_and(|output| output.status.success()) {
        let allowed = std::env::var("AIRWAY_ALLOW_SKIP").is_ok_and(|skip| skip == "1");
        assert!(
            allowed,
            "{test} cannot run here, for want of root, setpriv or curl (AIRWAY_ALLOW_SKIP=1 skips it)"
        );
        eprintln!("NOT RUN: {test}: {able:?}");
        return None;
    }
    let mut answers = Vec::new();
    for (method, path) in calls {
        let mut curl = command("curl");
        curl.args(["--silent", "--max-time", "20", "--request", method, "--unix-socket"]).arg(socket);
        curl.args(["--write-out", "\n%{http_code}", &format!("http://airway{path}")]);
        let output = String::from_utf8(curl.output().await.unwrap().stdout).unwrap();
        let (body, status) = output.rsplit_once('\n').unwrap();
        answers.push((status.parse().unwrap(), body.to_owned()));
    }
    Some(answers)
}

/// Every call of the document, and one that does not exist.
fn calls() -> Vec<(String, String)> {
    let none = ("GET".to_owned(), "/v1/none".to_owned());
    documented().into_iter().chain([none]).map(|(method, path)| (method, filled(&path))).collect()
}

#[tokio::test]
async fn no_call_of_another_user_gets_through_to_the_socket() {
    let test = "no_call_of_another_user_gets_through_to_the_socket";
    let bob = Daemon::new("bob").await;
    assert_eq!(fs::metadata(&bob.home).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(bob.socket()).unwrap().mode() & 0o777, 0o600);
    let Some(answers) = as_nobody(test, &bob.socket(), &calls()).await else { return };
    for ((status, body), call) in answers.iter().zip(calls()) {
        assert_eq!((*status, body.as_str()), (0, ""), "{call:?}");
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
}

#[tokio::test]
async fn a_socket_that_was_opened_by_mistake_still_serves_its_owner_alone() {
    let test = "a_socket_that_was_opened_by_mistake_still_serves_its_owner_alone";
    let bob = Daemon::new("bob").await;
    let socket = bob.socket();
    for place in socket.ancestors().take_while(|place| *place != std::env::temp_dir()) {
        fs::set_permissions(place, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let Some(answers) = as_nobody(test, &socket, &calls()).await else { return };
    for ((status, body), call) in answers.iter().zip(calls()) {
        let error: Value =
            serde_json::from_str(body).unwrap_or_else(|_| panic!("{call:?}: {status} {body:?}"));
        assert_eq!((*status, &error["code"]), (403, &"not_trusted".into()), "{call:?}: {error}");
        assert!(error["message"].as_str().unwrap().contains("another user"), "{error}");
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid(), "its owner is served");
    assert!(bob.json(&["trusted"]).await.as_array().unwrap().is_empty());
}
