//! Runs of bytes that are measured at the other end; see [`super::bench`] for who asks for them.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use airway_protocols::{
    perf,
    streams::{Incoming, Status, Stream},
};
use futures::AsyncWriteExt as _;
use libp2p::PeerId;
use tokio::time::timeout;

use super::patient::Patient;
use crate::net::Net;

/// Runs at once, of one peer each: what a run moves is taken from everybody else. A further one hears `busy`.
const RUNS: usize = 4;

/// How long a run may stand still in the middle.
const IDLE: Duration = Duration::from_secs(10);

/// How long a run may take in all, however slow the way.
const RUN_TIME: Duration = Duration::from_secs(60);

/// The peers that have a run.
#[derive(Debug, Clone, Default)]
struct Running(Arc<Mutex<HashSet<PeerId>>>);

impl Running {
    /// A place for a run of this peer, unless it has one or all are taken.
    fn enter(&self, peer: PeerId) -> Option<Place> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = running.len() < RUNS && running.insert(peer);
        is_free.then(|| Place { running: self.clone(), peer })
    }
}

/// Given back on drop.
#[derive(Debug)]
struct Place {
    running: Running,
    peer: PeerId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.peer);
    }
}

/// Serves a run on every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net) {
    let running = Running::default();
    while let Some(stream) = incoming.next().await {
        let peer = stream.peer();
        let Some(place) = running.enter(peer) else {
            stream.refuse(Status::Busy);
            continue;
        };
        net.touch(peer);
        net.spawn(async move {
            match timeout(RUN_TIME, run(stream, place)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%peer, %error, "a run ended early"),
                Err(_) => tracing::debug!(%peer, "a run took too long"),
            }
        });
    }
}

async fn run(stream: Stream, place: Place) -> Result<(), perf::Error> {
    let mut stream = Patient::new(stream, IDLE);
    perf::serve(&mut stream).await?;
    // Whoever has the last byte may ask for the next run at once.
    drop(place);
    Ok(stream.close().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_one_run_and_all_have_four() {
        let running = Running::default();
        let peers: Vec<_> = (0..=RUNS).map(|_| PeerId::random()).collect();
        let mut places: Vec<_> = peers[..RUNS].iter().map(|peer| running.enter(*peer).unwrap()).collect();
        assert!(running.enter(peers[0]).is_none());
        assert!(running.enter(peers[RUNS]).is_none());

        places.remove(0);
        assert!(running.enter(peers[1]).is_none(), "a refused run took the place of another");
        let _fifth = running.enter(peers[RUNS]).unwrap();
        assert!(running.enter(peers[0]).is_none());
    }
}
