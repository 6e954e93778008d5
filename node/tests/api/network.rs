//! Networks over the bare API.

use serde_json::{Value, json};

use crate::{http::call, process::Daemon};

/// Makes a call, and returns its status and its answer.
async fn ask(daemon: &Daemon, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let (status, answer) = call(daemon, method, path, &body).await;
    (status, serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer:?}")))
}

/// The same of a call that succeeds.
async fn done(daemon: &Daemon, method: &str, path: &str, body: Value) -> Value {
    let (status, mut answer) = ask(daemon, method, path, &body).await;
    assert_eq!((status, &answer["status"]), (200, &"ok".into()), "{method} {path}: {answer}");
    answer["data"].take()
}

#[tokio::test]
async fn what_makes_no_sense_changes_nothing() {
    let bob = Daemon::new("bob").await;
    let calls = [
        ("POST", "/v1/network", json!({})),
        ("POST", "/v1/network", json!({"name": 7})),
        ("POST", "/v1/network", json!({"name": "Lab"})),
        ("POST", "/v1/network", json!({"name": "lab", "number": 0})),
        ("POST", "/v1/network", json!({"name": "lab", "number": 65535})),
        ("POST", "/v1/network", json!({"name": "lab", "number": 65536})),
        ("POST", "/v1/network", json!({"name": "lab", "colour": "red"})),
        ("DELETE", "/v1/network?abandon=perhaps", Value::Null),
        ("POST", "/v1/network/join", json!({})),
        ("POST", "/v1/network/join", json!({"invite": "hello"})),
        ("POST", "/v1/network/join", json!({"invite": "airway-net:AAAA", "name": "Bob"})),
        ("POST", "/v1/network/invites", json!({"uses": 0})),
        ("POST", "/v1/network/invites", json!({"uses": 1, "reusable": true})),
        ("POST", "/v1/network/invites", json!({"roles": ["king"]})),
        ("DELETE", "/v1/network/invites/7", Value::Null),
        ("POST", "/v1/network/expel", json!({"whom": "bob"})),
        ("POST", "/v1/network/export", json!({"passphrase": ""})),
        ("POST", "/v1/network/import", json!({"sealed": "hello", "passphrase": ""})),
        ("GET", "/v1/find", Value::Null),
        ("GET", "/v1/find?who=bob&tag=ocr", Value::Null),
        ("GET", "/v1/find?tag=OCR", Value::Null),
        ("PATCH", "/v1/me", json!({"name": "Bob"})),
        ("PATCH", "/v1/me", json!({"name": "robert", "tags": ["OCR"]})),
        ("PATCH", "/v1/me", json!({"name": "robert", "tags": ["a", "b", "c", "d"]})),
        ("PATCH", "/v1/me", json!({"tags": "ocr"})),
        ("PATCH", "/v1/me", json!({"address": "0:0000.0001.0000"})),
    ];
    for (method, path, body) in calls {
        let (status, answer) = ask(&bob, method, path, &body).await;
        assert_eq!(
            (status, &answer["code"]),
            (400, &"bad_request".into()),
            "{method} {path} {body}: {answer}"
        );
        assert!(answer["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{answer}");
    }
    let me = bob.json(&["me"]).await;
    assert_eq!((&me["address"], &me["name"]), (&bob.address().into(), &"bob".into()));
    assert_eq!((&me["tags"], &me["network"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn a_network_looks_the_same_to_every_call() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let request = json!({"name": "lab", "number": 77, "trust_members": true});
    let lab = done(&alice, "POST", "/v1/network", request).await;
    let home = done(&alice, "GET", "/v1/network", Value::Null).await;
    for field in
        ["id", "name", "number", "address", "trust_members", "created", "roles", "authority", "expires"]
    {
        assert_eq!(home["network"][field], lab[field], "{field}");
        assert!(!lab[field].is_null(), "{field}: {lab}");
    }
    assert_eq!(home["visibility"], "public", "members find each other unless they are told not to");

    let request = json!({"uses": 3, "expires_ms": 60_000, "roles": ["relay"]});
    let made = done(&alice, "POST", "/v1/network/invites", request).await;
    assert_eq!(
        (&made["uses"], &made["roles"], &made["network"]),
        (&3.into(), &json!(["relay"]), &"lab".into())
    );
    let join = json!({"invite": made["invite"], "name": "ocr-1", "timeout_ms": 50_000});
    let joined = done(&bob, "POST", "/v1/network/join", join).await;
    assert_eq!((&joined["id"], &joined["member_name"]), (&lab["id"], &"ocr-1".into()));
    assert_eq!((&joined["roles"], &joined["authority"]), (&json!(["relay"]), &false.into()));

    let listed = done(&alice, "GET", "/v1/network/invites", Value::Null).await;
    assert_eq!((&listed[0]["id"], &listed[0]["uses_left"]), (&made["id"], &2.into()));
    assert!(listed[0]["invite"].is_null(), "secrets are not listed");
    let path = format!("/v1/network/invites/{}", made["id"].as_str().unwrap());
    assert_eq!(call(&alice, "DELETE", &path, b"").await.0, 200);
    let unknown = format!("/v1/network/invites/{}", "0".repeat(32));
    assert_eq!(call(&alice, "DELETE", &unknown, b"").await.0, 404);

    let members = done(&alice, "GET", "/v1/network/members", Value::Null).await;
    let named = |own: bool| {
        let these = members.as_array().unwrap().iter().filter(|member| member["own"] == own);
        these.map(|member| (member["name"].clone(), member["address"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(named(false), [("ocr-1".into(), joined["address"].clone())], "{members}");
    assert_eq!(named(true), [("alice".into(), lab["address"].clone())], "{members}");
    let expelled = done(&alice, "POST", "/v1/network/expel", json!({"who": "ocr-1"})).await;
    assert_eq!((&expelled["address"], &expelled["membership"]), (&joined["address"], &"expelled".into()));
    assert_eq!(ask(&alice, "DELETE", "/v1/network", &Value::Null).await.0, 409, "the key is here");
    let left = done(&alice, "DELETE", "/v1/network?abandon=true", Value::Null).await;
    assert_eq!((&left["id"], &left["address"]), (&lab["id"], &alice.address().into()));
    assert!(done(&alice, "GET", "/v1/network", Value::Null).await["network"].is_null());
}

#[tokio::test]
async fn a_profile_changes_only_where_it_is_told_to() {
    let bob = Daemon::new("bob").await;
    let me = done(&bob, "PATCH", "/v1/me", json!({"tags": ["ocr"]})).await;
    assert_eq!((&me["name"], &me["tags"]), (&"bob".into(), &json!(["ocr"])));
    let me = done(&bob, "PATCH", "/v1/me", json!({"name": "robert"})).await;
    assert_eq!((&me["name"], &me["tags"]), (&"robert".into(), &json!(["ocr"])));
    let me = done(&bob, "PATCH", "/v1/me", json!({"name": null, "tags": []})).await;
    assert_eq!((&me["name"], &me["tags"]), (&Value::Null, &json!([])));
    assert_eq!(done(&bob, "PATCH", "/v1/me", json!({})).await, me);
}
