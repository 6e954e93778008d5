//! Swarms on real sockets for the tests of behaviours.
#![expect(unreachable_pub, reason = "compiled into each test by itself")]

use std::time::Duration;

use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    noise,
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};

/// The transports that an agent listens on.
pub const LISTEN: [&str; 2] = ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"];

/// However loaded the machine is, what has not happened by then will not happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A swarm that speaks QUIC and TCP.
pub fn swarm<B: NetworkBehaviour>(behaviour: impl FnOnce(&Keypair) -> B) -> Swarm<B> {
    swarm_negotiating(Version::V1Lazy, behaviour)
}

/// The same, with another way to negotiate outbound streams.
pub fn swarm_negotiating<B: NetworkBehaviour>(
    version: Version,
    behaviour: impl FnOnce(&Keypair) -> B,
) -> Swarm<B> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::new(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_quic()
        .with_behaviour(behaviour)
        .unwrap_or_else(|never| match never {})
        .with_swarm_config(|config| {
            config.with_idle_connection_timeout(PATIENCE).with_substream_upgrade_protocol_override(version)
        })
        .build()
}

/// Listens and returns the address.
pub async fn listen<B: NetworkBehaviour>(swarm: &mut Swarm<B>, address: &str) -> Multiaddr {
    swarm.listen_on(address.parse().unwrap()).unwrap();
    loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            return address;
        }
    }
}

/// Drives a swarm for the rest of the test.
pub fn spawn<B: NetworkBehaviour>(mut swarm: Swarm<B>) -> PeerId
where
    Swarm<B>: Send + 'static,
{
    let peer = *swarm.local_peer_id();
    tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
    peer
}
