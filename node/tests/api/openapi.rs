//! The document of the API is the API. `AIRWAY_WRITE_GOLDEN=1` writes `openapi.json` anew.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{http::call, process::Daemon};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Method and path of every call in the document.
pub(super) fn documented() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_str(&airway::api::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
        methods.map(|method| (method, path.clone()))
    });
    calls.collect()
}

/// A path with something in the place of its variable parts.
pub(super) fn filled(path: &str) -> String {
    path.replace("{who}", "nobody").replace("{port}", "5000").replace("{id}", "199")
}

#[test]
fn the_document_is_the_one_that_was_committed() {
    let document = airway::api::openapi() + "\n";
    if std::env::var_os("AIRWAY_WRITE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &document).unwrap();
    }
    let committed = std::fs::read_to_string(GOLDEN).unwrap();
    assert!(document == committed, "openapi.json is old: write it anew with AIRWAY_WRITE_GOLDEN=1");
}

#[tokio::test]
async fn every_documented_call_is_answered_and_no_other_method_is() {
    let bob = Daemon::new("bob").await;
    let calls = documented();
    for path in calls.iter().map(|(_, path)| path).collect::<BTreeSet<_>>() {
        for method in METHODS.map(str::to_uppercase) {
            // It ends the daemon, and has a test of its own.
            if path == "/v1/shutdown" && method == "POST" {
                continue;
            }
            // A follow mode would never end: a query that it does not know ends it at once.
            let (status, body) = call(&bob, &method, &format!("{}?colour=red", filled(path)), b"").await;
            let known = calls.contains(&(method.clone(), path.clone()));
            let answered = status != 405 && !body.contains("no such call");
            assert_eq!(answered, known, "{method} {path}: {status} {body}");
        }
    }
}

#[tokio::test]
async fn the_daemon_serves_the_document() {
    let bob = Daemon::new("bob").await;
    let (status, body) = call(&bob, "GET", "/v1/openapi.json", b"").await;
    assert_eq!((status, body), (200, airway::api::openapi()));
}

#[test]
fn the_table_in_the_documentation_names_the_same_calls() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api.rs")).unwrap();
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let told: BTreeSet<_> = rows
        .map(|row| {
            let mut words = row.split(['`', ' ', '?']);
            (words.next().unwrap().to_owned(), words.next().unwrap().to_owned())
        })
        .collect();
    assert_eq!(told, documented());
}

#[test]
fn each_operation_has_a_name_of_its_own_and_names_nothing_that_is_missing() {
    let text = airway::api::openapi();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{operation}");
            assert!(operation["responses"]["default"]["$ref"].is_string(), "{operation}");
        }
    }
    for reference in text.lines().filter_map(|line| line.trim().strip_prefix("\"$ref\": \"#")) {
        let pointer = reference.trim_end_matches(['"', ',']);
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
