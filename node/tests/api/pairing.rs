//! Tickets of programs that come and go.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::{http::call, process::Daemon};

#[tokio::test]
async fn a_client_that_goes_away_leaves_the_ticket() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let (status, made) = call(&alice, "POST", "/v1/pair", b"{}").await;
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(status, 200, "{made}");
    let path = format!("/v1/pair/{}", made["data"]["id"].as_str().unwrap());
    let client = timeout(Duration::from_millis(50), call(&alice, "GET", &path, b"")).await;
    assert!(client.is_err(), "it waits: {client:?}");
    bob.json(&["pair", made["data"]["ticket"].as_str().unwrap(), "--timeout", "50s"]).await;
    let (status, used) = call(&alice, "GET", &path, b"").await;
    let used: Value = serde_json::from_str(&used).unwrap();
    assert_eq!((status, &used["data"]["contact"]["address"]), (200, &bob.address().into()));

    let (status, made) = call(&alice, "POST", "/v1/pair", b"{\"expires_ms\":60000}").await;
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(status, 200, "{made}");
    let path = format!("/v1/pair/{}", made["data"]["id"].as_str().unwrap());
    assert_eq!(call(&alice, "DELETE", &path, b"").await.0, 200);
    assert_eq!(call(&alice, "DELETE", &path, b"").await.0, 404);
    assert_eq!(call(&alice, "GET", &path, b"").await.0, 403);
    assert_eq!(call(&alice, "GET", "/v1/pair/xyz", b"").await.0, 400);
}
