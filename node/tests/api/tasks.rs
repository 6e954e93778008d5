//! Tasks over the local API: what malformed calls hear, and what followers hold.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};

use crate::{
    http::call,
    process::{Daemon, friends, until},
};

async fn post(daemon: &Daemon, path: &str, body: Value) -> (u16, Value) {
    let (status, body) = call(daemon, "POST", path, body.to_string().as_bytes()).await;
    (status, serde_json::from_str(&body).unwrap())
}

async fn get(daemon: &Daemon, path: &str) -> (u16, Value) {
    let (status, body) = call(daemon, "GET", path, b"").await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_task_is_done_over_http_alone() {
    let (alice, bob) = friends().await;
    let input = vec![7_u8; 64 * 1024];
    let given = json!({
        "to": "bob",
        "description": "\u{1}".repeat(16 * 1024),
        "input": {"base64": data_encoding::BASE64.encode(&input)},
        "limit_ms": 60_000,
        "execution": "at-most-once",
        "max_reward": 3,
    });
    let (status, mut answer) = post(&alice, "/v1/tasks", given).await;
    assert_eq!(status, 200, "{answer}");
    let task = answer["data"].take();
    let path = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    until("it has come", async || get(&bob, &path).await.0 == 200).await;
    assert_eq!(post(&bob, &format!("{path}/accept"), Value::Null).await.0, 200);
    let (_, taken) = post(&bob, "/v1/tasks/next", json!({"lease_ms": 60_000, "wait_ms": 1000})).await;
    let taken = &taken["data"]["task"];
    assert_eq!((&taken["execution"], &taken["max_reward"]), (&json!("at-most-once"), &json!(3)));
    let (status, raw) = call(&bob, "GET", &format!("{path}/input"), b"").await;
    assert_eq!((status, raw.into_bytes()), (200, input));
    assert_eq!(get(&bob, &format!("{path}/output")).await.1["code"], "not_found");

    let stale = post(&bob, &format!("{path}/complete"), json!({"attempt": 2})).await;
    assert_eq!((stale.0, &stale.1["code"]), (409, &json!("conflict")));
    let done = json!({"attempt": 1, "output": {"json": {"lines": [1, 2]}}});
    assert_eq!(post(&bob, &format!("{path}/complete"), done.clone()).await.0, 200);
    assert_eq!(post(&bob, &format!("{path}/complete"), done).await.0, 200, "a repeat is the same");
    until("it is over", async || get(&alice, &path).await.1["data"]["state"] == "succeeded").await;
    let (_, over) = get(&alice, &path).await;
    assert_eq!(over["data"]["output"], json!({"json": {"lines": [1, 2]}}));
    assert!(over["data"]["receipt"]["reward"].as_u64().unwrap() <= 3);
    let (_, log) = get(&alice, &format!("/v1/tasks/log?task={}", task["id"].as_str().unwrap())).await;
    assert!(log["data"].as_array().unwrap().iter().all(|entry| entry["task"] == task["id"]), "{log}");
}

#[tokio::test]
async fn tasks_that_make_no_sense_are_refused() {
    let (alice, _bob) = friends().await;
    let refused = [
        json!({"to": "bob"}),
        json!({"to": "bob", "description": 7}),
        json!({"to": "bob", "description": ""}),
        json!({"to": "bob", "description": "x", "colour": "red"}),
        json!({"to": "bob", "description": "x", "input": {"base64": "?"}}),
        json!({"to": "bob", "description": "x", "input": {"file": {"path": "relative"}}}),
        json!({"to": "bob", "description": "x", "input": {"file": {"path": "/etc/hostname", "name": "../up"}}}),
        json!({"to": "bob", "description": "x", "input": {"text": "a", "json": 1}}),
        json!({"to": "bob", "description": "x", "limit_ms": 0}),
        json!({"to": "bob", "description": "x", "id": "../../etc/passwd"}),
        json!({"to": "bob", "description": "x", "execution": "thrice"}),
    ];
    for body in refused {
        let (status, answer) = post(&alice, "/v1/tasks", body.clone()).await;
        assert_eq!((status, &answer["code"]), (400, &json!("bad_request")), "{body}: {answer}");
    }
    for path in ["/v1/tasks/..%2F..%2Fetc", "/v1/tasks/%00", "/v1/tasks/x%20y/output"] {
        let (status, answer) = get(&alice, path).await;
        assert_eq!((status, &answer["code"]), (400, &json!("bad_request")), "{path}: {answer}");
    }
    let too_long = vec![b' '; 513 * 1024];
    assert_eq!(call(&alice, "POST", "/v1/tasks", &too_long).await.0, 413);
    assert_eq!(get(&alice, "/v1/tasks").await.1["data"], json!([]));
}

#[tokio::test]
async fn what_comes_is_accepted_for_as_long_as_somebody_follows_who_wants_that() {
    let (alice, bob) = friends().await;
    let submit = async |description: &str| {
        let (_, answer) = post(&alice, "/v1/tasks", json!({"to": "bob", "description": description})).await;
        format!("/v1/tasks/{}", answer["data"]["id"].as_str().unwrap())
    };
    let is = async |path: &str, state: &str| {
        until(state, async || get(&bob, path).await.1["data"]["state"] == state).await;
    };
    let before = submit("before").await;
    is(&before, "new").await;
    let client = airway::api::client::Client::new(bob.socket());
    let query = airway::api::TaskFollowQuery { accept: true, ..Default::default() };
    let follow = client.follow_tasks(&query).await.unwrap();
    is(&before, "accepted").await;
    is(&submit("meanwhile").await, "accepted").await;
    drop(follow);
    // The daemon hears that the caller is gone when it next looks.
    until("nothing is accepted any more", async || {
        let path = submit("after").await;
        until("it has come", async || get(&bob, &path).await.0 == 200).await;
        get(&bob, &path).await.1["data"]["state"] == "new"
    })
    .await;
}
