//! Everybody who wants to hear something hears it, once, wherever in the network it is.

use std::time::Duration;

use airway::{
    InviteOptions, NetworkOptions, Overrides, Uses,
    protocols::{events::Since, invite::Invite},
};
use futures::future::join_all;
use tokio::time::{interval, timeout};

use crate::{
    common::{Agent, LISTEN, PATIENCE, until},
    ears::{Ears, say},
    stage::{founder, invite, member},
};

/// Events of each member.
const EACH: usize = 5;

/// Between two greetings of a member.
const HELLO: Duration = Duration::from_millis(500);

/// A founder whom everybody knows, and an invite for as many as come.
pub(crate) async fn town() -> (Agent, Invite) {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }).await;
    (founder, invite)
}

/// So many members, who know nobody but the founder at first.
pub(crate) async fn members(count: usize, invite: &Invite) -> Vec<Agent> {
    join_all((0..count).map(async |n| member(&format!("member-{n}"), invite).await)).await
}

/// Waits until each of them has heard each of them: what is said before the network has formed may go past somebody.
async fn meet(all: &[Agent]) {
    let ears = join_all(all.iter().map(|agent| Ears::new(&agent.node, &["hello"]))).await;
    let meeting = async {
        let mut rounds = interval(HELLO);
        while ears.iter().any(|ears| ears.texts().len() < all.len()) {
            rounds.tick().await;
            join_all(all.iter().zip(0..).map(|(agent, n)| say(&agent.node, "hello", &n.to_string()))).await;
        }
    };
    timeout(PATIENCE, meeting).await.expect("all have met");
}

#[tokio::test]
async fn every_subscriber_gets_every_event_once() {
    let (founder, invite) = town().await;
    let mut all = members(8, &invite).await;
    all.push(founder);
    let ears = join_all(all.iter().map(|agent| Ears::new(&agent.node, &["lab/**"]))).await;
    meet(&all).await;
    let mut said = Vec::new();
    for round in 0..EACH {
        let texts: Vec<String> = (0..all.len()).map(|n| format!("{n}: {round}")).collect();
        join_all(all.iter().zip(&texts).map(|(agent, text)| say(&agent.node, "lab/news", text))).await;
        said.extend(texts);
    }
    for (n, ears) in ears.iter().enumerate() {
        ears.hears_exactly(&n.to_string(), &said).await;
    }
    // Whoever was said to have said it has.
    for event in ears[0].events() {
        let text = String::from_utf8(event.payload).unwrap();
        let n: usize = text.split(':').next().unwrap().parse().unwrap();
        assert_eq!(event.publisher, all[n].node.me().agent);
    }
}

#[tokio::test]
async fn a_subscriber_hears_what_its_patterns_say() {
    let (founder, invite) = town().await;
    let alice = member("alice", &invite).await;
    let (builds, one, all) = (
        Ears::new(&alice.node, &["builds/**"]).await,
        Ears::new(&alice.node, &["*/done", "deploys/*"]).await,
        Ears::new(&alice.node, &["*"]).await,
    );
    let topics = ["builds/done", "builds/a/b", "builds", "deploys/started", "deploys/a/b", "tests/done"];
    for topic in topics {
        say(&founder.node, topic, topic).await;
    }
    let texts = |topics: &[&str]| topics.iter().map(ToString::to_string).collect::<Vec<_>>();
    all.hears_exactly("all", &texts(&topics)).await;
    builds.hears_exactly("builds", &texts(&["builds/done", "builds/a/b"])).await;
    one.hears_exactly("one", &texts(&["builds/done", "deploys/started", "tests/done"])).await;
}

/// Members that serve the DHT find each other by it, and hear each other when all whom they knew at first is gone.
#[tokio::test]
async fn members_do_without_whoever_brought_them_together() {
    let (founder, invite) = town().await;
    let server = || Overrides { dht: Some("server".into()), ..Overrides::default() };
    let all = join_all((0..6).map(async |n| {
        let agent = Agent::set(&format!("server-{n}"), server(), &LISTEN).await;
        agent.node.join(&invite, None, PATIENCE).await.unwrap();
        agent
    }))
    .await;
    let ears = join_all(all.iter().map(|agent| Ears::new(&agent.node, &["**"]))).await;
    for agent in &all {
        let neighbours = async || {
            let peers = agent.node.gossip().await.peers;
            peers.iter().filter(|peer| peer.joined).count()
        };
        until("they are neighbours", async || neighbours().await >= 4).await;
    }
    founder.node.shut_down().await;
    let texts: Vec<String> = (0..all.len()).map(|n| format!("from {n}")).collect();
    for (agent, text) in all.iter().zip(&texts) {
        say(&agent.node, "lab", text).await;
    }
    for (n, ears) in ears.iter().enumerate() {
        ears.hears_exactly(&n.to_string(), &texts).await;
    }
}

/// It publishes to whoever takes part, does not take part itself, and need not be connected to anybody.
#[tokio::test]
async fn a_publisher_need_not_subscribe() {
    let (founder, invite) = town().await;
    let alice = member("alice", &invite).await;
    let ears = Ears::new(&founder.node, &["**"]).await;
    say(&alice.node, "lab", "first").await;
    let alice = alice.restart("alice").await;
    say(&alice.node, "lab", "after a restart").await;
    ears.hears_exactly("founder", &["first".into(), "after a restart".into()]).await;
}

#[tokio::test]
async fn whoever_comes_late_and_whoever_comes_back_hears_what_follows() {
    let (founder, invite) = town().await;
    let alice = member("alice", &invite).await;
    let early = Ears::new(&alice.node, &["**"]).await;
    say(&founder.node, "lab", "before").await;
    early.hears("before").await;

    let bob = member("bob", &invite).await;
    let late = Ears::new(&bob.node, &["**"]).await;
    say(&founder.node, "lab", "with bob").await;
    late.hears("with bob").await;
    early.hears("with bob").await;

    drop(early);
    let alice = alice.restart("alice").await;
    let again = Ears::since(&alice.node, &["**"], Since::Start).await;
    // What alice says under the numbers of her new life is not taken for what she said in the former one.
    say(&alice.node, "lab", "alice is back").await;
    say(&founder.node, "lab", "with alice").await;
    for ears in [&again, &late] {
        ears.hears("alice is back").await;
        ears.hears("with alice").await;
    }
    assert!(late.texts().values().all(|times| *times == 1), "{:?}", late.texts());
    assert!(again.texts().values().all(|times| *times == 1), "{:?}", again.texts());
}

/// Nobody can dial it: it hears by the connections that it makes itself, and is heard by them.
#[tokio::test]
async fn a_member_without_a_listener_hears_and_is_heard() {
    let (founder, invite) = town().await;
    let hidden = Agent::set("hidden", Overrides::default(), &[]).await;
    hidden.node.join(&invite, None, PATIENCE).await.unwrap();
    let open = Agent::with("open", &LISTEN).await;
    open.node.join(&invite, None, PATIENCE).await.unwrap();
    let (hidden_ears, open_ears) =
        (Ears::new(&hidden.node, &["**"]).await, Ears::new(&open.node, &["**"]).await);
    say(&hidden.node, "lab", "from hiding").await;
    say(&open.node, "lab", "in the open").await;
    say(&founder.node, "lab", "from the founder").await;
    let all = ["from hiding", "in the open", "from the founder"].map(String::from);
    hidden_ears.hears_exactly("hidden", &all).await;
    open_ears.hears_exactly("open", &all).await;
}

/// More than members pass on of one author is not lost: whoever says it waits for its turn.
#[tokio::test]
async fn whoever_says_much_is_slowed_down_and_loses_nothing() {
    let (founder, invite) = town().await;
    let alice = member("alice", &invite).await;
    let ears = Ears::new(&founder.node, &["**"]).await;
    let texts: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    for text in &texts {
        say(&alice.node, "lab", text).await;
    }
    ears.hears_exactly("founder", &texts).await;
    let topic = "lab".parse().unwrap();
    let mut refused = None;
    for _ in 0..200 {
        let said = alice.node.broadcast(&topic, Vec::new(), std::time::Duration::ZERO).await;
        refused = refused.or(said.err());
    }
    assert_eq!(refused.unwrap().to_string(), "this agent broadcasts more than members pass on");
}
