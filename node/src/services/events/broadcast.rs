//! Broadcasts: what members say to all members of their network, over gossip.
//!
//! ```text
//! Node::broadcast ─► wait for our turn ─► somebody takes part? ─► sign ─► gossip ─► members
//!                                                                   └─► log
//! members ─► gossip ─► queue ─► judge, on a thread beside the network's ─┬─► log ─► subscriptions
//!                        ◄──────────── accept, ignore, reject, flood ────┘
//! ```
//!
//! Gossip forwards nothing before it was judged here. Each broadcast brings what it takes to judge it: the signature and the
//! certificate of its author. The id by which gossip knows it again is a hash of all its bytes, and nothing is remembered of
//! an author that is not validly signed; so whatever is sent ahead of a broadcast, the broadcast passes.
//!
//! | finding | the broadcast | who has brought it |
//! |---|---|---|
//! | passed | is kept and forwarded | |
//! | forged, expelled, lapsed, misdated | is dropped | loses score, and so does whoever else brings it: no honest member does |
//! | flood: more of one author than an honest member lets pass | is dropped | loses score alone: from others the same was in order |
//! | excess, duplicate, early, late, leaving, ending, elsewhere | is dropped | nothing: an honest member may know less, or sooner |

mod certificates;
mod finding;
mod judge;
mod kept;
mod send;
mod windows;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use airway_protocols::{
    agent::AgentId,
    events::{Subscribe, broadcast::Broadcast},
    network::{NetworkId, Realm},
    revocations::Revocations,
};
use tokio::{sync::mpsc, task::spawn_blocking};

pub use self::send::Reached;
use self::{
    finding::Finding,
    judge::{Here, Judge},
    kept::Kept,
    send::Said,
};
use super::{
    Events, SubscribeError, Subscription,
    log::{New, TopicInfo},
};
use crate::{clock, mesh::Mesh, metrics::Metrics, net::Heard};

/// Broadcasts that are judged in one go: 4 MiB of the largest, and a few milliseconds of the usual ones.
const BATCH: usize = 64;

/// See the module; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Broadcasts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mesh: Mesh,
    events: Events,
    metrics: Metrics,
    said: Said,
    kept: Kept,
}

impl Broadcasts {
    /// Takes in what gossip hears, and keeps it in the log, until the network ends.
    pub(crate) fn start(mesh: Mesh, events: Events, metrics: Metrics, heard: mpsc::Receiver<Heard>) -> Self {
        let (net, said, kept) = (mesh.net.clone(), Said::new(events.epoch()), Kept::new(events.mesh.clone()));
        let broadcasts = Self(Arc::new(Inner { mesh, events, metrics, said, kept }));
        net.spawn(broadcasts.clone().take_in(heard));
        broadcasts
    }

    /// Has a program hear what members broadcast, and takes part for as long as it does.
    pub(crate) async fn subscribe(
        &self,
        what: &Subscribe,
        wait: Duration,
    ) -> Result<Subscription, SubscribeError> {
        let by = tokio::time::Instant::now() + wait;
        what.validate()?;
        let mesh = &self.0.mesh;
        let part = mesh.take_part()?;
        let subscription = self.0.events.follow(self.0.kept.of(Some(part.network())), what, "mesh")?;
        mesh.settle_in(by).await;
        Ok(subscription.until(async move { part.over().await.into() }))
    }

    /// The topics of what members have broadcast.
    pub(crate) fn topics(&self) -> Vec<TopicInfo> {
        self.0.kept.of(self.network()).topics()
    }

    /// The network that we are in now.
    fn network(&self) -> Option<NetworkId> {
        self.0.mesh.standing().map(|standing| standing.genesis.id())
    }

    fn keep(&self, network: NetworkId, event: New) {
        self.0.kept.keep(network, event, || self.network());
    }

    async fn take_in(self, mut heard: mpsc::Receiver<Heard>) {
        let mut bench = None;
        let mut batch = Vec::with_capacity(BATCH);
        while heard.recv_many(&mut batch, BATCH).await > 0 {
            let session = Session::new(&self.0.mesh, bench.take());
            // Verifying a batch would hold up the whole network on its own thread.
            let heard = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            let judged = spawn_blocking(move || session.judge(heard)).await;
            let Ok((session, judged)) = judged else { continue };
            bench = session;
            for (heard, finding, passed) in judged {
                if let Some((network, event)) = passed {
                    self.keep(network, event);
                }
                self.0.metrics.broadcasts.one(finding.label());
                self.0.mesh.net.gossip_report(heard.id, heard.from, finding.verdict()).await;
            }
        }
    }
}

/// One that passed, taken apart, and where.
type Passed = Option<(NetworkId, New)>;

/// The judge of a network, with what it needs to know at this moment.
struct Session {
    place: Option<Place>,
    judge: Judge,
}

struct Place {
    realm: Realm,
    revocations: Revocations,
    own: AgentId,
}

/// What is carried from one batch to the next: in another network everything begins anew.
type Bench = Option<(Realm, Judge)>;

impl Session {
    fn new(mesh: &Mesh, bench: Bench) -> Self {
        let members = &mesh.net.shared().members;
        let place = mesh.insider(None).ok().map(|standing| Place {
            realm: standing.realm,
            revocations: members.revocations(),
            own: mesh.own.me().agent,
        });
        let judge = match (&place, bench) {
            (Some(place), Some((realm, judge))) if realm == place.realm => judge,
            _ => Judge::default(),
        };
        Self { place, judge }
    }

    fn judge(mut self, heard: Vec<Heard>) -> (Bench, Vec<(Heard, Finding, Passed)>) {
        let judged = heard.into_iter().map(|heard| {
            let Some(Place { realm, revocations, own }) = &self.place else {
                return (heard, Finding::Elsewhere, None);
            };
            let here = Here { realm, revocations, own: *own, now: clock::unix_ms(), instant: Instant::now() };
            let (finding, broadcast) = self.judge.look(heard.from, &heard.data, &here);
            let passed = broadcast.filter(|_| finding == Finding::Passed);
            let passed = passed.map(|broadcast| (realm.id(), taken_apart(&broadcast)));
            (heard, finding, passed)
        });
        let judged = judged.collect();
        (self.place.map(|place| (place.realm, self.judge)), judged)
    }
}

fn taken_apart(broadcast: &Broadcast) -> New {
    New {
        topic: broadcast.topic().clone(),
        publisher: broadcast.publisher(),
        at: broadcast.at(),
        payload: broadcast.payload().to_vec(),
    }
}
