//! Broadcasts of our own.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use airway_protocols::{
    events::{Position, Publication, broadcast::Broadcast},
    network::NetworkId,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::{super::error::PublishError, Broadcasts};
use crate::{
    bucket::{Buckets, Rate},
    clock,
    mesh::Standing,
    services::events::log::New,
};

/// How much we say: less than [others let pass](super::judge::AUTHOR), since what is sent evenly does not arrive so, and clocks
/// do not all run alike.
const PACE: Rate = Rate::per_second(100, 48);

/// Between two looks whether it is our turn, or whether somebody takes what we say.
const AGAIN: Duration = Duration::from_millis(10);

/// What became of a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Its place among our broadcasts, by which all members know it.
    pub position: Position,
    /// Neighbours that it went to; from them it goes on.
    pub peers: usize,
}

/// How much we have said.
#[derive(Debug)]
pub(super) struct Said {
    epoch: u64,
    /// The number given out last.
    last: AtomicU64,
    pace: Mutex<Buckets<()>>,
}

impl Said {
    pub(super) fn new(epoch: u64) -> Self {
        Self { epoch, last: AtomicU64::new(0), pace: Mutex::new(Buckets::new(PACE, 1)) }
    }

    fn next(&self) -> Position {
        Position { epoch: self.epoch, seq: self.last.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    fn may(&self) -> bool {
        let (mut pace, now) =
            (self.pace.lock().unwrap_or_else(PoisonError::into_inner), std::time::Instant::now());
        let may = pace.has(&(), now);
        if may {
            pace.take((), now);
        }
        may
    }

    /// Returns when it is our turn.
    async fn turn(&self) {
        while !self.may() {
            sleep(AGAIN).await;
        }
    }
}

impl Broadcasts {
    /// Says something to all members that take part, and to our own subscriptions; waits until it has gone to at least one
    /// neighbour, for as long as `wait`.
    pub(crate) async fn send(&self, said: Publication, wait: Duration) -> Result<Reached, PublishError> {
        let by = Instant::now() + wait;
        self.0.mesh.insider(None)?;
        said.validate()?;
        timeout_at(by, self.0.said.turn()).await.map_err(|_| PublishError::TooMany)?;
        let position = self.0.said.next();
        loop {
            // Signed now: a broadcast is of no use when it is minutes old.
            let (bytes, network, at) = self.sign(&said, position)?;
            match self.0.mesh.net.gossip_publish(bytes).await {
                Ok(peers) => {
                    let (publisher, Publication { topic, payload }) = (self.0.mesh.own.me().agent, said);
                    self.keep(network, New { topic, publisher, at, payload });
                    return Ok(Reached { position, peers });
                }
                Err(error) => tracing::debug!(%error, "not broadcast yet"),
            }
            if Instant::now() >= by || !self.0.mesh.reach_somebody(by).await {
                return Err(PublishError::NobodyReached);
            }
            sleep(AGAIN).await;
        }
    }

    /// The bytes for gossip, the network that they are for, and the time in them.
    fn sign(
        &self,
        said: &Publication,
        position: Position,
    ) -> Result<(Vec<u8>, NetworkId, u64), PublishError> {
        let mesh = &self.0.mesh;
        let Standing { realm, certificate, .. } = mesh.insider(None)?;
        let (key, at) = (mesh.own.keypair(), clock::unix_ms());
        let Publication { topic, payload } = said.clone();
        let signed = Broadcast::sign(&key, realm.id(), topic, position, at, payload, &certificate);
        let signed = signed.map_err(|error| {
            // Its parts are valid, and the certificate is ours.
            tracing::error!(%error, "a broadcast cannot be signed");
            PublishError::NoNetwork
        })?;
        Ok((signed.as_bytes().to_vec(), realm.id(), at))
    }
}
