//! What the driver relies on, of every peer.

use std::process::Command;

use airway_interop_tests::{
    contract::{Flags, Transport},
    driver::{Error, Language, Peer},
};
use serde_json::json;

use crate::stage::{ask, start, text};

const LANGUAGES: [Language; 2] = [Language::Rust, Language::Go];

#[tokio::test]
async fn what_is_not_understood_is_answered() {
    for language in LANGUAGES {
        let peer = start(language, Flags::new("alice", Transport::Quic)).await;
        let refused =
            async |verb, args| peer.ask(verb, args).await.unwrap_err().refusal().unwrap().to_owned();
        assert!(refused("fly", json!({})).await.starts_with("unknown verb"), "{language}");
        refused("echo", json!({ "who": "nobody", "bytes": 1 })).await;
        refused("pair", json!({ "ticket": "airway-pair:" })).await;
        refused("serve", json!({ "port": "five thousand" })).await;
        // And the peer goes on.
        ask(&peer, "card", json!({})).await;
    }
}

#[tokio::test]
async fn a_peer_that_cannot_start_says_why() {
    for language in LANGUAGES {
        let flags = Flags { relay: vec!["airway:nonsense".into()], ..Flags::new("alice", Transport::Quic) };
        match Peer::start(language, flags).await {
            Err(Error::Start { reason, .. }) => assert!(!reason.is_empty()),
            other => panic!("{language}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_home_outlives_its_process() {
    for language in LANGUAGES {
        let mut peer = start(language, Flags::new("alice", Transport::TcpTls)).await;
        let other = start(Language::Rust, Flags::new("bob", Transport::TcpTls)).await;
        let ticket = text(&ask(&peer, "ticket", json!({})).await, "ticket");
        ask(&other, "pair", json!({ "ticket": ticket })).await;
        let before = peer.ready().endpoint.clone();

        peer.restart().await.unwrap();
        assert_eq!(peer.ready().endpoint, before, "{language}");
        ask(&peer, "ping", json!({ "who": other.ready().endpoint })).await;
        assert_eq!(peer.stop().await.unwrap(), Some(0), "{language} ends with its input");
        assert!(matches!(peer.ask("card", json!({})).await, Err(Error::Ended { .. })));
    }
}

#[test]
fn without_go_it_is_said_what_to_install() {
    let matrix = Command::new(env!("CARGO_BIN_EXE_matrix")).env("PATH", "").output().unwrap();
    assert!(!matrix.status.success());
    let said = String::from_utf8_lossy(&matrix.stderr);
    assert!(said.contains("needs Go 1.26 or newer") && said.contains("https://go.dev/dl"), "{said}");
}
