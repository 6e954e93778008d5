//! Meshes of agents in both languages.

use airway_interop_tests::{
    contract::{Flags, Transport},
    driver::{Language, Peer},
};
use futures::future::join_all;
use serde_json::json;

use crate::{
    hearing::{Ear, exchange, introduce},
    size::size,
    stage::{ask, persist, start, state, text, until},
};

/// Agents of each language.
fn agents() -> usize {
    size(3, 10)
}

/// A peer, and where it is in the network.
struct Member {
    peer: Peer,
    who: String,
}

/// A network that the first Rust agent has founded and all others have joined: those in Rust, then those in Go.
async fn mesh(transport: Transport) -> Vec<Member> {
    let names =
        |language: Language| (0..agents()).map(move |number| (language, format!("{language}-{number}")));
    let all = names(Language::Rust).chain(names(Language::Go));
    let peers = join_all(
        all.map(|(language, name)| async move { start(language, Flags::new(&name, transport)).await }),
    );
    let mut peers = peers.await.into_iter();
    let founder = peers.next().unwrap();
    let who = text(&ask(&founder, "network_create", json!({ "name": "lab" })).await, "endpoint");
    let invite = &text(&ask(&founder, "invite", json!({ "reusable": true })).await, "invite");
    let joined = join_all(peers.map(|peer| async move {
        let who = text(&persist(&peer, "join", json!({ "invite": invite })).await, "endpoint");
        Member { peer, who }
    }));
    let mut members = vec![Member { peer: founder, who }];
    members.extend(joined.await);
    members
}

#[tokio::test]
async fn everybody_finds_everybody_by_name() {
    let members = mesh(Transport::Quic).await;
    let looks = members.iter().map(|member| async {
        for other in &members {
            if other.who == member.who {
                continue;
            }
            let found = persist(&member.peer, "find", json!({ "who": other.peer.name() })).await;
            assert_eq!(
                text(&found, "who"),
                other.who,
                "{} looks for {}",
                member.peer.name(),
                other.peer.name()
            );
        }
    });
    join_all(looks).await;
}

#[tokio::test]
async fn a_go_agent_is_asked_approves_is_revoked_and_is_expelled() {
    let members = mesh(Transport::TcpNoise).await;
    let (founder, rust) = (&members[0], &members[1]);
    let (go, friend) = (&members[agents()], &members[agents() + 1]);

    // By name: its card is what the network knows of it.
    for asker in [rust, friend] {
        let card = text(&ask(&go.peer, "card", json!({})).await, "card");
        persist(&asker.peer, "find", json!({ "who": go.peer.name() })).await;
        ask(&asker.peer, "knock", json!({ "card": card, "text": "of the same lab" })).await;
        until("it was asked", async || {
            let requests = ask(&go.peer, "requests", json!({})).await;
            requests["requests"].as_array().is_some_and(|all| all.iter().any(|one| one["who"] == asker.who))
        })
        .await;
        ask(&go.peer, "approve", json!({ "who": asker.who })).await;
        trusted(asker, go, true).await;
        ask(&asker.peer, "ping", json!({ "who": go.who })).await;
        ask(&go.peer, "echo", json!({ "who": asker.who, "bytes": 1000 })).await;
    }

    ask(&rust.peer, "untrust", json!({ "who": go.who })).await;
    trusted(rust, go, false).await;
    go.peer.ask("ping", json!({ "who": rust.who })).await.unwrap_err();
    // Membership is another thing, and so are other contacts.
    persist(&rust.peer, "find", json!({ "who": go.peer.name() })).await;
    ask(&go.peer, "ping", json!({ "who": friend.who })).await;

    ask(&founder.peer, "expel", json!({ "who": go.who })).await;
    for other in members.iter().filter(|other| other.who != go.who && other.who != friend.who) {
        let gone = async || other.peer.ask("find", json!({ "who": go.peer.name() })).await.is_err();
        until("nobody finds it", gone).await;
    }
    until("it finds nobody", async || go.peer.ask("find", json!({ "who": "rust-0" })).await.is_err()).await;
}

#[tokio::test]
async fn everybody_hears_everybody_once() {
    let members = mesh(Transport::Quic).await;
    let ears =
        join_all(members.iter().map(async |member| {
            Ear::open(&member.peer, json!({ "mesh": true, "patterns": ["lab/**"] })).await
        }));
    let ears = ears.await;
    introduce(&ears, "lab/hello").await;
    let ears: Vec<_> = ears.into_iter().zip(members.iter().map(|member| member.who.clone())).collect();
    exchange(&ears, "lab/news/today", size(3, 20)).await;
}

/// Waits until both say so.
async fn trusted(one: &Member, other: &Member, trusted: bool) {
    for (peer, who) in [(&one.peer, &other.who), (&other.peer, &one.who)] {
        let is_so = async || (state(peer, who).await.as_deref() == Some("trusted")) == trusted;
        until("both know how they stand", is_so).await;
    }
}
