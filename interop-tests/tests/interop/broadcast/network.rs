//! Members who listen, and what they have heard.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use airway::protocols::{card::Card, invite::Invite};
use airway_interop_tests::{
    contract::{Flags, Transport},
    driver::{Language, Peer},
};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use super::rogues::Attack;
use crate::{
    size::size,
    stage::{PATIENCE, ask, persist, start, text, until},
};

/// Between two broadcasts, whoever publishes them: below what one author may, also if it is alone.
const PACE: Duration = Duration::from_millis(40);

/// Between two looks at what was heard.
const LOOK: Duration = Duration::from_millis(200);

/// Between two attempts to be heard, while members are still finding each other.
const AGAIN: Duration = Duration::from_secs(1);

/// The score below which all that a peer says is ignored.
const GRAYLIST: f64 = -80.0;

/// Rust, and Go.
fn members() -> (usize, usize) {
    size((4, 2), (20, 10))
}

/// A member, and all that it has heard so far.
struct Member {
    peer: Peer,
    subscription: Value,
    heard: RefCell<Vec<Value>>,
}

/// See the module.
pub(super) struct Network {
    members: Vec<Member>,
    pub(super) cards: Vec<Card>,
    pub(super) invite: Invite,
    runs: RefCell<usize>,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Run {
    publishers: usize,
    broadcasts: usize,
    expected: usize,
    arrived: usize,
    /// Milliseconds from the publisher's signature to the subscriber, sorted.
    latencies: Vec<i64>,
    /// Messages that came to a member, of anybody, for each broadcast; of members that count them.
    copies: Option<f64>,
}

/// How many others each member has to do with, sorted.
#[derive(Debug)]
pub(super) struct Ties {
    connected: Vec<usize>,
    mesh: Vec<usize>,
}

/// How soon members have found out a rogue.
#[derive(Debug)]
pub(super) struct Found {
    members: usize,
    /// Since its attack began, sorted.
    after: Vec<Duration>,
}

impl Network {
    /// Members who all hear each other.
    pub(super) async fn new() -> Self {
        let (rust, go) = members();
        let names = (0..rust).map(|n| (Language::Rust, format!("rust-{n}")));
        let names = names.chain((0..go).map(|n| (Language::Go, format!("go-{n}"))));
        let starting = names.enumerate().map(|(at, (language, name))| {
            // Whoever serves others is found by all; without, everybody would know the founder alone.
            let flags = Flags { relay_server: at < rust / 2, ..Flags::new(&name, Transport::Quic) };
            start(language, flags)
        });
        let mut peers = join_all(starting).await;
        let founder = peers.remove(0);
        ask(&founder, "network_create", json!({ "name": "lab" })).await;
        let invite = text(&ask(&founder, "invite", json!({ "reusable": true })).await, "invite");
        join_all(peers.iter().map(|peer| persist(peer, "join", json!({ "invite": invite })))).await;
        peers.insert(0, founder);
        let members = join_all(peers.into_iter().map(|peer| async {
            let subscription = ask(&peer, "subscribe", json!({ "mesh": true, "patterns": ["**"] })).await;
            Member { peer, subscription: subscription["subscription"].clone(), heard: RefCell::default() }
        }));
        let members = members.await;
        let cards =
            join_all(members.iter().map(async |member| {
                text(&ask(&member.peer, "card", json!({})).await, "card").parse().unwrap()
            }));
        let cards = cards.await;
        let network = Self { members, cards, invite: invite.parse().unwrap(), runs: RefCell::new(0) };
        network.meet().await;
        network
    }

    /// Waits until what anybody says reaches everybody.
    async fn meet(&self) {
        let hello = |member: &Member| format!("hello of {}", member.peer.name());
        let is_heard = |member: &Member| {
            let hello = hello(member);
            self.members.iter().all(|other| other.heard.borrow().iter().any(|event| event["text"] == hello))
        };
        let mut pace = interval(AGAIN);
        until("all hear each other", async || {
            pace.tick().await;
            let unheard: Vec<_> = self.members.iter().filter(|member| !is_heard(member)).collect();
            join_all(unheard.iter().map(async |member| {
                let words = json!({ "topic": "hello", "text": hello(member), "mesh": true });
                persist(&member.peer, "publish", words).await;
            }))
            .await;
            self.listen().await;
            self.members.iter().all(is_heard)
        })
        .await;
    }

    /// Takes what has come since the last time.
    async fn listen(&self) {
        join_all(self.members.iter().map(async |member| {
            let skip = member.heard.borrow().len();
            let asked = json!({ "subscription": member.subscription, "skip": skip });
            let mut answer = ask(&member.peer, "events", asked).await;
            assert_eq!(
                (&answer["ended"], &answer["gaps"]),
                (&Value::Null, &json!([])),
                "{}",
                member.peer.name()
            );
            let Value::Array(more) = answer["events"].take() else { panic!("no events in {answer}") };
            let mut heard = member.heard.borrow_mut();
            // Somebody else may have taken them meanwhile.
            if heard.len() == skip {
                heard.extend(more);
            }
        }))
        .await;
    }

    /// Has so many members publish so many broadcasts together, and waits until all have arrived, or for a minute.
    pub(super) async fn run(&self, publishers: usize, broadcasts: usize) -> Run {
        let number = self.runs.replace_with(|runs| *runs + 1);
        let topic = format!("run/{number}");
        let each = broadcasts.div_ceil(publishers);
        let before = self.copies().await;
        // Of both languages, as far as it goes.
        let step = self.members.len() / publishers;
        let speakers: Vec<_> = self.members.iter().step_by(step).take(publishers).collect();
        join_all(speakers.iter().map(async |member| {
            let mut pace = interval(PACE * u32::try_from(publishers).unwrap());
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for n in 0..each {
                pace.tick().await;
                let words = format!("{n} of {}", member.peer.name());
                ask(&member.peer, "publish", json!({ "topic": topic, "text": words, "mesh": true })).await;
            }
        }))
        .await;
        let said = each * publishers;
        let mut run = Run {
            publishers,
            broadcasts: said,
            expected: said * (self.members.len() - 1),
            arrived: 0,
            latencies: Vec::new(),
            copies: None,
        };
        let start = Instant::now();
        let mut looks = interval(LOOK);
        while run.arrived < run.expected && start.elapsed() < PATIENCE {
            looks.tick().await;
            self.listen().await;
            (run.arrived, run.latencies) = self.arrived(&topic);
        }
        let after = self.copies().await;
        run.copies = before.zip(after).map(|(before, after)| (after - before) / said as f64);
        run
    }

    /// How much of a topic has arrived at others than its author, each once, and after how long.
    fn arrived(&self, topic: &str) -> (usize, Vec<i64>) {
        let mut latencies = Vec::new();
        for member in &self.members {
            let heard = member.heard.borrow();
            let mut times: HashMap<&str, usize> = HashMap::new();
            for event in heard.iter().filter(|event| event["topic"] == topic) {
                let words = event["text"].as_str().unwrap();
                let count = times.entry(words).or_default();
                *count += 1;
                assert_eq!(*count, 1, "{} has heard it twice: {event}", member.peer.name());
                // What it has said itself is nothing that has arrived.
                if !words.ends_with(&format!(" of {}", member.peer.name())) {
                    latencies.push(event["heard"].as_i64().unwrap() - event["at"].as_i64().unwrap());
                }
            }
        }
        latencies.sort_unstable();
        (latencies.len(), latencies)
    }

    /// Messages that came so far to a member, each as often as it did; of those who count them.
    async fn copies(&self) -> Option<f64> {
        let counts = join_all(self.members.iter().map(async |member| {
            let answer = ask(&member.peer, "gossip", json!({})).await;
            answer["copies"].as_f64()
        }));
        let counts: Vec<_> = counts.await.into_iter().flatten().collect();
        (!counts.is_empty()).then(|| counts.iter().sum::<f64>() / counts.len() as f64)
    }

    /// With how many others members speak gossip, and of how many they hear all at once.
    pub(super) async fn ties(&self) -> Ties {
        let states = join_all(self.members.iter().map(|member| ask(&member.peer, "gossip", json!({})))).await;
        let count = |which: &dyn Fn(&Value) -> bool| {
            let counts = states.iter().map(|state| {
                state["peers"].as_array().map_or(0, |peers| peers.iter().filter(|peer| which(peer)).count())
            });
            let mut counts: Vec<_> = counts.collect();
            counts.sort_unstable();
            counts
        };
        Ties { connected: count(&|_| true), mesh: count(&|peer| peer["mesh"] == true) }
    }

    /// Watches until all members ignore each of these, or have cut it off; for a minute at most.
    pub(super) async fn find_out(&self, attacks: &[Attack]) -> Vec<Found> {
        let mut sights = vec![vec![Sight::NotYet; self.members.len()]; attacks.len()];
        let start = Instant::now();
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let asked = self.members.iter().map(|member| ask(&member.peer, "gossip", json!({})));
            for (at, answer) in join_all(asked).await.iter().enumerate() {
                for (attack, sights) in attacks.iter().zip(&mut sights) {
                    sights[at] = sights[at].then(score(answer, attack), attack.began);
                }
            }
            let found: Vec<_> = sights.iter().map(|sights| Found::new(sights)).collect();
            let open =
                attacks.iter().zip(&found).any(|(attack, found)| attack.is_found_out() && !found.by_all());
            if !open || start.elapsed() > PATIENCE {
                return found;
            }
        }
    }
}

impl Run {
    /// The part that has arrived.
    pub(super) fn delivered(&self) -> f64 {
        self.arrived as f64 / self.expected as f64
    }
}

/// What the answer of a member says of a rogue, if it has anything to do with it.
fn score(answer: &Value, attack: &Attack) -> Option<f64> {
    let peers = answer["peers"].as_array().unwrap_or_else(|| panic!("no peers in {answer}"));
    let peer = peers.iter().find(|other| other["peer"] == attack.peer.to_string())?;
    Some(peer["score"].as_f64().unwrap_or_else(|| panic!("no score in {peer}")))
}

/// How a member sees a rogue.
#[derive(Debug, Clone, Copy)]
enum Sight {
    /// It has not noticed it.
    NotYet,
    Listened,
    /// It ignores it or has cut it off, since so long after the attack began.
    Ignored(Duration),
}

impl Sight {
    fn then(self, score: Option<f64>, began: Instant) -> Self {
        match (self, score) {
            (Self::NotYet | Self::Listened, Some(score)) if score < GRAYLIST => {
                Self::Ignored(began.elapsed())
            }
            (Self::NotYet, Some(_)) => Self::Listened,
            (Self::Listened, None) => Self::Ignored(began.elapsed()),
            (sight, _) => sight,
        }
    }
}

impl Found {
    fn new(sights: &[Sight]) -> Self {
        let ignored = sights.iter().filter_map(|sight| match sight {
            Sight::Ignored(after) => Some(*after),
            Sight::NotYet | Sight::Listened => None,
        });
        let mut after: Vec<_> = ignored.collect();
        after.sort_unstable();
        Self { members: sights.len(), after }
    }

    /// Whether anybody has.
    pub(super) fn by_any(&self) -> bool {
        !self.after.is_empty()
    }

    /// Whether everybody has.
    pub(super) fn by_all(&self) -> bool {
        self.after.len() == self.members
    }
}

/// The value at this part of what is sorted.
fn percentile<T: Copy>(sorted: &[T], part: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * part).round() as usize).copied()
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rust, go) = members();
        write!(f, "{rust} members in Rust and {go} in Go")
    }
}

impl fmt::Display for Ties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [connected, mesh] = [&self.connected, &self.mesh]
            .map(|counts| [0.0, 0.5, 1.0].map(|part| percentile(counts, part).unwrap_or_default()));
        let ([least, median, most], [low, middle, high]) = (connected, mesh);
        write!(f, "connected with {least} to {most} others (median {median}), ")?;
        write!(f, "of whom {low} to {high} ({middle}) are in the mesh")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { publishers, broadcasts, expected, arrived, latencies, copies } = self;
        let percent = 100.0 * self.delivered();
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| percentile(latencies, part).unwrap_or_default());
        write!(
            f,
            "{publishers} publishers, {broadcasts} broadcasts: {arrived} of {expected} arrived ({percent:.3} %), "
        )?;
        write!(f, "p50 {p50} ms, p99 {p99} ms, at most {max} ms")?;
        copies.map_or(Ok(()), |copies| write!(f, "; for each {copies:.2} messages came to a member"))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { members, after } = self;
        write!(f, "ignored by {} of {members}", after.len())?;
        let [p50, last] = [0.5, 1.0].map(|part| percentile(after, part).unwrap_or_default().as_secs_f64());
        if after.is_empty() {
            Ok(())
        } else {
            write!(f, ", p50 after {p50:.1} s, the last after {last:.1} s")
        }
    }
}
