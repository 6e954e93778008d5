//! Files in the inbox, on the command line.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::support::{ToSend, bytes, node_and_daemon, received, send};
use crate::process::run;

#[tokio::test]
async fn a_file_is_listed_shown_saved_and_cleared() {
    let (alice, bob) = node_and_daemon().await;
    let file = ToSend::new("report.pdf", bytes(3000));
    let id = send(&alice.node, &alice.who("bob"), &file, None).await.0.unwrap().id().to_string();

    let item = bob.inbox().await.remove(0);
    assert_eq!((&item["type"], &item["size"], &item["id"]), (&json!("file"), &json!(3000), &json!(id)));
    let path = received(&bob.home).remove(0);
    assert_eq!(item["body"]["path"], json!(path));
    assert_eq!((&item["body"]["name"], &item["body"]["size"]), (&json!("report.pdf"), &json!(3000)));
    for args in [&["inbox"][..], &["inbox", "follow", "--after", "0", "--count", "1"]] {
        let shown = bob.run(args).await.text();
        assert!(shown.contains("report.pdf") && shown.contains("2.9 KiB"), "{shown}");
    }
    let shown = bob.run(&["inbox", "show", &id]).await.text();
    assert!(shown.contains(path.to_str().unwrap()), "{shown}");
    bob.fails(&["inbox", "show", &id, "--raw"], 2, "bad_request").await;

    let there = TempDir::with_prefix("airway-").unwrap();
    let save = async |to: Option<&str>| {
        let mut command = bob.command(["--json", "inbox", "save", &id]);
        command.args(to).current_dir(there.path());
        run(command, b"").await
    };
    let renamed = there.path().join("copy");
    for (to, lies) in
        [(None, "report.pdf"), (Some(renamed.to_str().unwrap()), "copy"), (Some("relative"), "relative")]
    {
        assert_eq!(save(to).await.data()["size"], 3000);
        assert!(fs::read(there.path().join(lies)).unwrap() == file.bytes, "{lies}");
    }
    save(None).await.error(1, "conflict");
    save(Some("copy")).await.error(1, "conflict");
    save(Some("no/such/place")).await.error(6, "not_found");

    assert_eq!(bob.json(&["inbox", "clear", &id]).await["cleared"], 1);
    assert!(received(&bob.home).is_empty());
    bob.fails(&["inbox", "save", &id], 6, "not_found").await;
}

#[tokio::test]
async fn a_text_is_not_saved_as_a_file() {
    let (alice, bob) = crate::process::friends().await;
    let id = alice.json(&["send", "bob", "hi"]).await["id"].as_str().unwrap().to_owned();
    let error = bob.fails(&["inbox", "save", &id], 2, "bad_request").await;
    assert!(error["hint"].as_str().unwrap().contains("--raw"), "{error}");
}
