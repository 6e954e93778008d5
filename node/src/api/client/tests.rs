//! The client against a small server of canned answers.

use axum::{
    Json, Router,
    body::{self, Body},
    extract::{Path, Query, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixListener,
};

use super::*;
use crate::api::{Code, FOUND, Kind, ProfileRequest, UPGRADE, UntrustQuery};

/// A server on a socket of its own, for as long as the directory lives.
fn serve(router: Router) -> (TempDir, Client) {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("api.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (home, Client::new(socket))
}

fn ok(data: Value) -> Json<Value> {
    Json(json!({"status": "ok", "data": data}))
}

fn item(seq: u64) -> Value {
    json!({
        "seq": seq, "id": "i", "from": "f", "name": null, "type": "text", "reply_to": null,
        "sent_at": 0, "received_at": 0, "read": false, "size": 1, "body": "x"
    })
}

/// Answers 101 if it was asked for our upgrade, says `greeting`, then echoes.
fn upgrade(mut request: Request, greeting: &'static str) -> Response {
    assert_eq!(request.headers()[header::UPGRADE], UPGRADE);
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let (mut read, mut write) = tokio::io::split(TokioIo::new(upgraded.await.unwrap()));
        write.write_all(greeting.as_bytes()).await.unwrap();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
        write.write_all(b" and the rest").await.unwrap();
        write.shutdown().await.unwrap();
    });
    let headers = [(header::CONNECTION, "upgrade"), (header::UPGRADE, UPGRADE)];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The same with the header that names whom the network has found.
fn upgrade_found(request: Request) -> Response {
    let mut response = upgrade(request, "");
    response
        .headers_mut()
        .insert(FOUND, header::HeaderValue::from_static("0:0000.EB19.D348#foc5k3hjvu2rpbac"));
    response
}

async fn say_and_hear(mut stream: PortStream) -> String {
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    heard
}

#[tokio::test]
async fn data_comes_out_of_its_envelope() {
    let me = json!({"address": "a", "agent_id": "i", "fingerprint": "f", "peer_id": "p", "name": null,
        "tags": [], "network": null, "visibility": "hidden", "dht": "off"});
    let (_home, client) = serve(Router::new().route("/v1/me", get(|| async { ok(me) })));
    assert_eq!(client.me().await.unwrap().address, "a");
}

#[tokio::test]
async fn an_error_comes_out_of_its_envelope() {
    let refusal =
        json!({"status": "error", "code": "not_found", "message": "no contact bob", "hint": "look"});
    let answer = || async { (StatusCode::NOT_FOUND, Json(refusal)) };
    let (_home, client) = serve(Router::new().route("/v1/contacts/{who}", any(answer)));
    let error = client.untrust("bob", &UntrustQuery::default()).await.unwrap_err();
    assert_eq!(error, Error::new(Code::NotFound, "no contact bob").hint("look"));
}

#[tokio::test]
async fn names_and_payloads_arrive_as_they_are() {
    let who = "airway:a/b?c=d&e f%#ü";
    let alias = |Path(who): Path<String>| async move {
        ok(json!({
            "address": who, "agent_id": "", "peer_id": "", "alias": null, "name": null,
            "multiaddrs": [], "trusted_at": 0, "last_used": null, "connected": false, "scopes": {}, "granted": null,
            "expires": null, "confirmed": true
        }))
    };
    let send = |Query(query): Query<SendQuery>, request: Request| async move {
        let payload = body::to_bytes(request.into_body(), 1024).await.unwrap();
        let duplicate = query.kind == Kind::Binary && payload[..] == [0, 255];
        ok(
            json!({"id": "i", "to": query.to, "size": payload.len(), "state": "delivered", "duplicate": duplicate}),
        )
    };
    let router =
        Router::new().route("/v1/contacts/{who}/alias", any(alias)).route("/v1/messages", post(send));
    let (_home, client) = serve(router);

    let contact = client.alias(who, &AliasRequest { alias: None }).await.unwrap();
    assert_eq!(contact.address, who);
    let query = SendQuery {
        to: who.into(),
        kind: Kind::Binary,
        reply_to: None,
        id: None,
        timeout_ms: Some(1000),
        expires_s: None,
    };
    let sent = client.send(&query, vec![0, 255]).await.unwrap();
    assert_eq!((sent.to.as_str(), sent.size, sent.duplicate), (who, 2, true));
}

#[tokio::test]
async fn messages_are_followed_to_the_end() {
    let lines = format!("{}\n\n{}\n", item(1), item(2));
    let (_home, client) = serve(Router::new().route("/v1/inbox/follow", get(|| async move { lines })));
    let mut follow =
        client.follow_inbox(&InboxQuery { after: Some(0), ..InboxQuery::default() }).await.unwrap();
    assert_eq!(follow.next().await.unwrap().unwrap().seq, 1);
    assert_eq!(follow.next().await.unwrap().unwrap().seq, 2);
    assert!(follow.next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_error_may_end_what_is_followed() {
    let lines = "{\"status\":\"error\",\"code\":\"busy\",\"message\":\"too slow\"}\n";
    let (_home, client) = serve(Router::new().route("/v1/inbox/follow", get(move || async move { lines })));
    let error = client.follow_inbox(&InboxQuery::default()).await.unwrap().next().await.unwrap_err();
    assert_eq!(error, Error::new(Code::Busy, "too slow"));
}

#[tokio::test]
async fn a_dialled_stream_closes_each_way_on_its_own() {
    let route = post(|request: Request| async { upgrade(request, "") });
    let (_home, client) = serve(Router::new().route("/v1/dial/{who}/{port}", route));
    let stream = client.dial("bob", 7, &DialQuery::default()).await.unwrap();
    assert_eq!(say_and_hear(stream).await, "hello and the rest");
}

#[tokio::test]
async fn a_listener_learns_who_came_and_loses_no_byte() {
    let route =
        post(|request: Request| async { upgrade(request, "{\"from\":\"a\",\"name\":\"bob\"}\nat once: ") });
    let (_home, client) = serve(Router::new().route("/v1/listen/{port}", route));
    let (accepted, stream) = client.listen(7).await.unwrap().accept().await.unwrap();
    assert_eq!(accepted.name.as_deref(), Some("bob"));
    assert_eq!(say_and_hear(stream).await, "at once: hello and the rest");
}

#[tokio::test]
async fn a_refused_upgrade_says_why() {
    let refusal = json!({"status": "error", "code": "port_closed", "message": "nobody listens"});
    let answer = post(|| async { (StatusCode::CONFLICT, Json(refusal)) });
    let (_home, client) = serve(Router::new().route("/v1/dial/{who}/{port}", answer));
    assert_eq!(client.dial("bob", 7, &DialQuery::default()).await.unwrap_err().code, Code::PortClosed);
}

#[tokio::test]
async fn no_socket_means_not_running() {
    let home = tempfile::tempdir().unwrap();
    let error = Client::new(home.path().join("api.sock")).status().await.unwrap_err();
    assert_eq!(error.code, Code::NotRunning);
    assert_eq!(error.hint.as_deref(), Some("run `airway up`"));
}

#[tokio::test]
async fn a_socket_left_behind_means_not_running() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("api.sock");
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(Client::new(socket).status().await.unwrap_err().code, Code::NotRunning);
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_named() {
    let error = Client::new(format!("/{}", "x".repeat(200))).status().await.unwrap_err();
    assert_eq!(error.code, Code::Home);
    assert!(error.message.contains("too long"), "{error}");
}

#[tokio::test]
async fn garbage_is_an_error_with_a_next_step() {
    let router = Router::new()
        .route("/v1/status", get(|| async { "not json" }))
        .route("/v1/me", get(|| async { ok(json!({"unknown": 1})) }))
        .route("/v1/inbox/follow", get(|| async { "nor this\n" }));
    let (_home, client) = serve(router);
    let mut follow = client.follow_inbox(&InboxQuery::default()).await.unwrap();
    let errors = [
        client.status().await.unwrap_err(),
        client.me().await.unwrap_err(),
        client.peers().await.unwrap_err(),
        client.dial("bob", 7, &DialQuery::default()).await.unwrap_err(),
        follow.next().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code, Code::Internal, "{error}");
        assert!(error.hint.is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_server_of_another_kind_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("api.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"SSH-2.0-other\r\n").await.ok();
        }
    });
    assert_eq!(Client::new(socket).status().await.unwrap_err().code, Code::Internal);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = || async {
        let piece = Bytes::from(vec![b' '; 1 << 20]);
        Body::from_stream(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone())))
    };
    let (_home, client) = serve(Router::new().route("/v1/status", get(endless)));
    assert_eq!(client.status().await.unwrap_err().code, Code::Internal);
}

#[tokio::test]
async fn a_stream_says_whom_the_network_has_found() {
    let router = Router::new()
        .route("/v1/dial/bob/7", post(|request: Request| async { upgrade_found(request) }))
        .route("/v1/dial/carol/7", post(|request: Request| async { upgrade(request, "") }));
    let (_home, client) = serve(router);
    let found = client.dial("bob", 7, &DialQuery::default()).await.unwrap();
    assert_eq!(found.leads_to(), Some("0:0000.EB19.D348#foc5k3hjvu2rpbac"));
    let known = client.dial("carol", 7, &DialQuery::default()).await.unwrap();
    assert_eq!(known.leads_to(), None);
}

#[tokio::test]
async fn what_is_taken_away_is_sent_as_null() {
    let me = |Json(body): Json<Value>| async move {
        assert_eq!(body, json!({"name": null}));
        ok(json!({
            "address": "a", "agent_id": "i", "fingerprint": "f", "peer_id": "p", "name": null,
            "tags": [], "network": null, "visibility": "hidden", "dht": "off",
        }))
    };
    let (_home, client) = serve(Router::new().route("/v1/me", axum::routing::patch(me)));
    let request = ProfileRequest { name: Some(None), tags: None };
    assert_eq!(client.set_profile(&request).await.unwrap().name, None);
}
