//! Builds the swarm: QUIC, and TCP with TLS or Noise under yamux, on IPv4 and IPv6; the latter also through relays. With a
//! swarm key TCP alone, and under that key.

mod private;

use std::{error::Error, time::Duration};

use libp2p::{
    Swarm, SwarmBuilder,
    core::upgrade::Version,
    identity::Keypair,
    noise,
    pnet::PreSharedKey,
    relay,
    swarm::{self, dummy},
    tcp, tls, yamux,
};

use super::{Config, behaviour::Behaviour};

/// A connection without use is closed after this, unless the keeper holds it.
const IDLE: Duration = Duration::from_secs(120);

/// Streams of one yamux connection, both ways together; beyond it yamux ends the connection. Well over what
/// the streams behaviour lets through.
const YAMUX_STREAMS: usize = 1024;

/// Streams that a peer may open over one QUIC connection before it has to wait; over the 100 that the streams behaviour
/// lets through, so that a peer hears `busy` in place of waiting.
///
/// Quinn makes room for all of them when a connection is set up, in two hash tables of 17 and 25 bytes an entry. 112 are
/// what 128 entries hold, 5 KiB; each doubling doubles that, for every idle connection.
const QUIC_STREAMS: u32 = 112;

/// QUIC finds out after this that a peer is gone.
const QUIC_IDLE_MS: u32 = 12_000;

/// Often enough that two lost packets do not end a connection.
const QUIC_KEEP_ALIVE: Duration = Duration::from_secs(4);

/// Inbound streams of one connection that are being negotiated.
const NEGOTIATING: usize = 256;

/// A swarm that says and serves nothing, to ask an address for a key; must be called on the runtime that will
/// drive it. With a swarm key it is one of that network.
pub(crate) fn nameless(
    key: Keypair,
    swarm_key: Option<PreSharedKey>,
) -> Result<Swarm<dummy::Behaviour>, Box<dyn Error + Send + Sync>> {
    let builder = SwarmBuilder::with_existing_identity(key).with_tokio();
    let idle = |swarm: swarm::Config| swarm.with_idle_connection_timeout(IDLE);
    if let Some(shared) = swarm_key {
        let swarm = builder
            .with_other_transport(|key| Ok(private::tcp(key, shared, yamux::Config::default())?))?
            .with_behaviour(|_| dummy::Behaviour)
            .map_err(|error| error.to_string())?
            .with_swarm_config(idle)
            .build();
        return Ok(swarm);
    }
    let swarm = builder
        .with_tcp(tcp::Config::new(), (tls::Config::new, noise::Config::new), yamux::Config::default)?
        .with_quic()
        .with_dns()?
        .with_behaviour(|_| dummy::Behaviour)
        .map_err(|error| error.to_string())?
        .with_swarm_config(idle)
        .build();
    Ok(swarm)
}

/// Builds the swarm; must be called on the runtime that will drive it.
pub(crate) fn build(key: Keypair, config: &Config) -> Result<Swarm<Behaviour>, Box<dyn Error + Send + Sync>> {
    let mut muxer = yamux::Config::default();
    muxer.set_max_num_streams(YAMUX_STREAMS);
    match config.swarm_key {
        Some(shared) => build_private(key, shared, muxer, config),
        None => build_open(key, muxer, config),
    }
}

/// QUIC and TCP, and circuits.
fn build_open(
    key: Keypair,
    muxer: yamux::Config,
    config: &Config,
) -> Result<Swarm<Behaviour>, Box<dyn Error + Send + Sync>> {
    let circuit_muxer = muxer.clone();
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::new().nodelay(true), (tls::Config::new, noise::Config::new), move || {
            muxer.clone()
        })?
        .with_quic_config(|mut quic| {
            quic.max_concurrent_stream_limit = QUIC_STREAMS;
            quic.max_idle_timeout = QUIC_IDLE_MS;
            quic.keep_alive_interval = QUIC_KEEP_ALIVE;
            quic
        })
        .with_dns()?
        .with_relay_client((tls::Config::new, noise::Config::new), move || circuit_muxer.clone())?
        .with_behaviour(|key, circuits| Behaviour::new(key.public(), circuits, config))
        .map_err(|error| error.to_string())?
        .with_swarm_config(tuned)
        .build();
    Ok(swarm)
}

/// TCP, and circuits, all under the swarm key.
fn build_private(
    key: Keypair,
    shared: PreSharedKey,
    muxer: yamux::Config,
    config: &Config,
) -> Result<Swarm<Behaviour>, Box<dyn Error + Send + Sync>> {
    let (through_relays, circuits) = relay::client::new(key.public().to_peer_id());
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_other_transport(|key| Ok(private::protect(through_relays, key, shared, muxer.clone())?))?
        .with_other_transport(|key| Ok(private::tcp(key, shared, muxer)?))?
        .with_behaviour(|key| Behaviour::new(key.public(), circuits, config))
        .map_err(|error| error.to_string())?
        .with_swarm_config(tuned)
        .build();
    Ok(swarm)
}

fn tuned(swarm: swarm::Config) -> swarm::Config {
    swarm
        .with_idle_connection_timeout(IDLE)
        // Saves a round trip for each new stream. Looks the same on the wire.
        .with_substream_upgrade_protocol_override(Version::V1Lazy)
        .with_max_negotiating_inbound_streams(NEGOTIATING)
}
