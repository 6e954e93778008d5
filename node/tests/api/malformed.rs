//! Requests to the local API that no client of ours would make.
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::UnixStream};

use crate::{
    http::{call, exchange, request},
    process::{Daemon, friends},
};

/// The error in an answer, which has a message and a hint.
fn explained(body: &str) -> Value {
    let error: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{body:?}"));
    assert_eq!(error["status"], "error", "{error}");
    for part in ["message", "hint"] {
        assert!(error[part].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    }
    error
}

/// Asserts that a call is refused so, with an envelope that says what and what next.
async fn refused(daemon: &Daemon, (method, path, body): (&str, &str, &[u8]), status: u16, code: &str) {
    let (got, answer) = call(daemon, method, path, body).await;
    let error = explained(&answer);
    assert_eq!((got, &error["code"]), (status, &code.into()), "{method} {path}: {error}");
}

#[tokio::test]
async fn a_malformed_call_gets_an_error_that_says_what_is_wrong() {
    let bob = Daemon::new("bob").await;
    let calls: [(&str, &str, &[u8]); 14] = [
        ("POST", "/v1/ping", b""),
        ("POST", "/v1/ping", b"{"),
        ("POST", "/v1/ping", b"[]"),
        ("POST", "/v1/ping", b"{\"who\": 7}"),
        ("POST", "/v1/ping", b"{\"who\": \"bob\", \"timeout\": 1}"),
        ("POST", "/v1/ping", b"{\"who\": \"bob\", \"timeout_ms\": -1}"),
        ("POST", "/v1/ping", b"\xff\xfe"),
        ("POST", "/v1/trust", b"{\"who\": \"airway:AAAA\"}"),
        ("POST", "/v1/messages", b"no receiver"),
        ("GET", "/v1/inbox?limit=many", b""),
        ("GET", "/v1/inbox?colour=red", b""),
        ("GET", "/v1/inbox/%ff", b""),
        ("DELETE", "/v1/inbox?all=true&read=true", b""),
        ("DELETE", "/v1/inbox", b""),
    ];
    for call in calls {
        refused(&bob, call, 400, "bad_request").await;
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
}

#[tokio::test]
async fn a_call_that_is_too_much_or_of_another_type_has_a_status_of_its_own() {
    let bob = Daemon::new("bob").await;
    let ping = b"{\"who\": \"bob\"}";
    let (status, _, body) = request(&bob, "POST", "/v1/ping", "Content-Type: text/plain\r\n", ping).await;
    assert_eq!((status, explained(&body)["code"].as_str()), (415, Some("bad_request")), "{body}");
    let (status, _, body) = request(&bob, "POST", "/v1/ping", "", ping).await;
    assert_eq!(status, 415, "{body}");
    for (bytes, status) in [(60 * 1024, 400), (100 * 1024, 413), (2 * 1024 * 1024, 413)] {
        refused(&bob, ("POST", "/v1/ping", &vec![b' '; bytes]), status, "bad_request").await;
        refused(&bob, ("POST", "/v1/trust", &vec![b' '; bytes]), status, "bad_request").await;
    }
    let filler = format!("X-Filler: {}\r\n", "x".repeat(20 * 1024));
    let (status, _, body) = request(&bob, "GET", "/v1/status", &filler, b"").await;
    assert_eq!((status, explained(&body)["code"].as_str()), (431, Some("bad_request")), "{body}");
    // Beyond what is buffered, nobody can tell what was asked.
    for head in [format!("X-Filler: {}\r\n", "x".repeat(200 * 1024)), "X-Filler: x\r\n".repeat(200)] {
        let (status, _, body) = request(&bob, "GET", "/v1/status", &head, b"").await;
        assert_eq!((status, body.as_str()), (431, ""));
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
}

#[tokio::test]
async fn a_caller_hears_nothing_of_the_language_that_the_daemon_is_written_in() {
    let bob = Daemon::new("bob").await;
    let bodies: [&[u8]; 7] = [
        b"7",
        b"[]",
        b"null",
        b"{\"who\": 7}",
        b"{\"who\": \"bob\", \"timeout_ms\": -1}",
        b"{}",
        b"\"\xff\"",
    ];
    let mut messages = Vec::new();
    for body in bodies {
        messages.push(call(&bob, "POST", "/v1/ping", body).await.1);
    }
    for query in
        ["limit=many", "limit=-1", "limit=99999999999", "unread=perhaps", "colour=red", "limit=1&limit=2"]
    {
        messages.push(call(&bob, "GET", &format!("/v1/inbox?{query}"), b"").await.1);
    }
    messages.push(call(&bob, "POST", "/v1/messages?to=bob&type=cbor", b"").await.1);
    messages.push(call(&bob, "POST", "/v1/messages", b"").await.1);
    for text in messages {
        let message = explained(&text)["message"].as_str().unwrap().to_owned();
        for term in
            ["struct", "u64", "u32", "enum", "variant", "deserialize", "target type", "Option", "tuple"]
        {
            assert!(!message.contains(term), "{message}");
        }
    }
}

#[tokio::test]
async fn calls_that_do_not_exist_are_told_from_those_that_do() {
    let bob = Daemon::new("bob").await;
    for path in ["/", "/v1", "/v2/status", "/v1/status/", "/v1/contacts/a/b/c", "/../etc/passwd"] {
        refused(&bob, ("GET", path, b""), 404, "not_found").await;
    }
    for (method, path) in [("POST", "/v1/status"), ("GET", "/v1/shutdown"), ("BREW", "/v1/inbox")] {
        refused(&bob, (method, path, b""), 405, "bad_request").await;
    }
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid(), "a GET does not end it");
}

#[tokio::test]
async fn a_stream_is_not_opened_without_the_upgrade() {
    let (alice, bob) = friends().await;
    for path in ["/v1/listen/5000", "/v1/dial/bob/7", "/v1/listen/0", "/v1/dial/bob/echo"] {
        refused(&alice, ("POST", path, b""), 400, "bad_request").await;
    }
    assert!(alice.json(&["status"]).await["ports"].as_array().unwrap().is_empty());
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_and_the_wait_may_be_any() {
    let (alice, bob) = friends().await;
    let large = vec![b'x'; 2 * 1024 * 1024];
    refused(&alice, ("POST", "/v1/messages?to=bob", &large), 413, "bad_request").await;
    refused(&alice, ("POST", "/v1/messages?to=bob", b"\xff"), 400, "bad_request").await;
    refused(&alice, ("POST", "/v1/messages?to=carol", b"hello"), 404, "not_found").await;
    refused(&alice, ("POST", "/v1/messages?to=bob&id=7", b"hello"), 400, "bad_request").await;
    refused(&alice, ("POST", "/v1/messages?to=bob&timeout_ms=0&expires_s=0", b"hello"), 504, "timeout").await;
    let ever = format!("/v1/messages?to=bob&timeout_ms={}", u64::MAX);
    assert_eq!(call(&alice, "POST", &ever, b"hello").await.0, 200);
    let bodies = bob.inbox().await;
    assert!(bodies.iter().all(|message| message["body"] == "hello"), "{bodies:?}");
}

#[tokio::test]
async fn what_is_not_http_is_hung_up_on() {
    let bob = Daemon::new("bob").await;
    let endless = vec![b'a'; 4 * 1024 * 1024];
    for bytes in [&b"\0\0\0\0\r\n\r\n"[..], b"hello?\r\n\r\n", b"GET\r\n\r\n", &endless] {
        let answer = exchange(&bob, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // Who begins a request and never ends it holds up nobody.
    let mut idle = UnixStream::connect(bob.home.join("run/api.sock")).await.unwrap();
    idle.write_all(b"POST /v1/ping HTTP/1.1\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
    assert_eq!(bob.run(&["down"]).await.code, 0, "and not the end, either");
}
