//! Honest members of a network, who listen to it and speak to each other, whatever somebody else does.

use std::{collections::HashSet, time::Duration};

use airway::{
    Delivery, InviteOptions, NetworkOptions, Overrides, Source, Subscription, Uses,
    protocols::{
        events::{Event, Pattern, Since, Subscribe},
        invite::Invite,
    },
};
use libp2p::PeerId;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use crate::{
    common::{Agent, LISTEN, PATIENCE, until},
    rogue::Rogue,
};

/// One at a time: what each takes is measured.
static TURN: Mutex<()> = Mutex::const_new(());

/// Between two attempts to be heard, while members are still finding each other.
const PACE: Duration = Duration::from_secs(1);

/// The score below which all that a peer says is ignored.
const GRAYLIST: f64 = -80.0;

/// See the module.
pub(crate) struct Stage {
    pub(crate) alice: Agent,
    pub(crate) bob: Agent,
    pub(crate) invite: Invite,
    /// What alice hears of the network.
    pub(crate) ear: Ear,
    said: usize,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Two members who hear each other.
    pub(crate) async fn new() -> Self {
        let turn = TURN.lock().await;
        let settings = Overrides { dht: Some("server".into()), ..Overrides::default() };
        let alice = Agent::set("alice", settings, &LISTEN).await;
        alice.node.create_network("lab", NetworkOptions::default()).await.unwrap();
        let options = InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() };
        let invite = alice.node.invite(options).await.unwrap();
        let bob = Agent::new("bob").await;
        bob.node.join(&invite, None, PATIENCE).await.unwrap();
        let ear = Ear::new(&alice).await;
        let mut stage = Self { alice, bob, invite, ear, said: 0, _turn: turn };
        stage.meet().await;
        stage
    }

    /// Has bob speak until alice hears him.
    async fn meet(&mut self) {
        let met = async {
            loop {
                let said = self.bob_says().await;
                if timeout(PACE, self.ear.hears(&said)).await.is_ok() {
                    return;
                }
            }
        };
        timeout(PATIENCE, met).await.unwrap();
    }

    /// Bob says something new to all.
    pub(crate) async fn bob_says(&mut self) -> String {
        self.said += 1;
        let text = format!("bob's {}", self.said);
        let payload = text.clone().into_bytes();
        self.bob.node.broadcast(&"bob/words".parse().unwrap(), payload, PATIENCE).await.unwrap();
        text
    }

    /// Sees that what bob says reaches alice, each of it once.
    pub(crate) async fn goes_on(&mut self) {
        for _ in 0..10 {
            let said = self.bob_says().await;
            timeout(PATIENCE, self.ear.hears(&said)).await.unwrap();
        }
    }

    /// Waits until alice ignores a rogue for what it has done.
    pub(crate) async fn is_graylisted(&self, rogue: &Rogue) {
        let peer = rogue.peer();
        until("it is graylisted", async || self.score(peer).await.is_some_and(|score| score < GRAYLIST))
            .await;
    }

    /// What alice thinks of a peer.
    pub(crate) async fn score(&self, peer: PeerId) -> Option<f64> {
        let peers = self.alice.node.gossip().await.peers;
        peers.into_iter().find(|other| other.peer == peer).map(|other| other.score)
    }
}

/// A subscription to all that is said in the network, which knows what it has heard.
pub(crate) struct Ear {
    subscription: Subscription,
    heard: HashSet<String>,
    last: Vec<Event>,
}

impl Ear {
    pub(crate) async fn new(agent: &Agent) -> Self {
        let what = Subscribe { patterns: vec![Pattern::any()], since: Since::Now };
        let subscription = agent.node.subscribe(&Source::Mesh, what, PATIENCE).await.unwrap();
        Self { subscription, heard: HashSet::new(), last: Vec::new() }
    }

    /// The next event; none comes twice, and none is missing.
    pub(crate) async fn next(&mut self) -> String {
        match self.subscription.next().await {
            Some(Ok(Delivery::Event(event))) => {
                let text = String::from_utf8(event.payload.clone()).unwrap();
                assert!(self.heard.insert(text.clone()), "twice: {text}");
                self.last.push(event);
                text
            }
            other => panic!("{other:?}"),
        }
    }

    /// Waits for these words.
    pub(crate) async fn hears(&mut self, words: &str) {
        while self.next().await != words {}
    }

    /// All that it has heard of an author.
    pub(crate) fn heard_of(&self, author: &Rogue) -> usize {
        let agent = author.certificate.agent();
        self.last.iter().filter(|event| event.publisher == agent).count()
    }
}
