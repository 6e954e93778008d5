//! Asks an address for a key, under a name that means nothing to anybody.

use std::time::Duration;

use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    identity::Keypair,
    pnet::PreSharedKey,
    swarm::{SwarmEvent, dial_opts::DialOpts, dummy},
};
use tokio::time::{sleep, timeout};

use super::swarm;

/// How long an address may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// How long a connection is held that was answered with the right key: if it leads back to ourselves, our own
/// side has to see it meanwhile. Counted in turns of the runtime that both share, so that a machine under load
/// gives both the same time.
const TURNS: u32 = 20;

/// One of these turns.
const TURN: Duration = Duration::from_millis(100);

/// Whether whoever answers at `address` holds the key of `expected`. It learns nothing of us.
pub(super) async fn answers(
    as_: Keypair,
    expected: PeerId,
    address: Multiaddr,
    swarm_key: Option<PreSharedKey>,
) -> bool {
    let Ok(mut swarm) = swarm::nameless(as_, swarm_key) else { return false };
    let dial = DialOpts::peer_id(expected).addresses(vec![address]).build();
    if swarm.dial(dial).is_err() {
        return false;
    }
    let answered = timeout(ANSWER, answer(&mut swarm)).await.unwrap_or(false);
    for _ in 0..if answered { TURNS } else { 0 } {
        tokio::select! {
            _ = async { loop { swarm.select_next_some().await; } } => {}
            () = sleep(TURN) => {}
        }
    }
    answered
}

async fn answer(swarm: &mut Swarm<dummy::Behaviour>) -> bool {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => return true,
            SwarmEvent::OutgoingConnectionError { .. } => return false,
            _ => {}
        }
    }
}
