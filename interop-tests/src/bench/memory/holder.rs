//! The two servers that hold connections and do nothing with them.

use std::io;

use airway::{
    Overrides,
    protocols::{address::Address, agent::AgentId},
    store::{ContactChange, Relation, RelationState, Store, TrustStoreError, Turn},
};
use futures::StreamExt as _;
use libp2p::{SwarmBuilder, identity::Keypair, multiaddr::Protocol, swarm::SwarmEvent};
use tempfile::TempDir;

use super::{
    super::{
        Stack,
        child::{Ready, client_gone},
        plain::IDLE,
    },
    clients::{Behaviour, key},
};
use crate::agent::{Agent, QUIC};

/// Holds so many connections until the client is gone. Calls `ready` with the line to print.
pub(in super::super) async fn hold(
    stack: Stack,
    connections: usize,
    ready: impl FnOnce(&Ready),
) -> io::Result<()> {
    match stack {
        Stack::Airway => airway(connections, ready).await,
        Stack::Plain => plain(ready).await,
        Stack::AirwayFiles | Stack::QuinnDefault | Stack::QuinnTuned => {
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

/// A node that trusts the clients, with room for all of them and the wish to keep them.
async fn airway(connections: usize, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let room = Some(connections as u64);
    let limits = Overrides { connections: room, kept_connections: room, ..Overrides::default() };
    let home = TempDir::with_prefix("airway-")?;
    befriend(&home, connections).await?;
    let agent = Agent::start_on(home, "holder", &[QUIC], limits).await?;
    let peer = agent.node.me().peer;
    let address = agent.node.listening().into_iter().next();
    let address = address.ok_or_else(|| io::Error::other("the node listens nowhere"))?;
    ready(&Ready { listening: address.with(Protocol::P2p(peer)).to_string(), credential: None });
    client_gone().await;
    agent.node.shut_down().await;
    Ok(())
}

/// Writes the clients into a home as contacts, as if each had used a ticket: that would take a swarm for each, in the
/// process whose memory is measured.
async fn befriend(home: &TempDir, clients: usize) -> io::Result<()> {
    let store = Store::open(&home.path().join("airway.db")).map_err(io::Error::other)?;
    for index in 0..clients {
        let relation = relation(&key(index)?)?;
        let turn =
            Turn { relation: relation.clone(), log: None, contact: ContactChange::Add, ticket_used: None };
        let turned =
            store.relation_turn(relation.agent, move |_, _| Ok::<_, TrustStoreError>((Some(turn), ())));
        turned.await.map_err(io::Error::other)?;
    }
    store.close().await;
    Ok(())
}

/// A client that is trusted, without addresses: it will dial us.
fn relation(key: &Keypair) -> io::Result<Relation> {
    let agent = AgentId::of_peer(&key.public().to_peer_id()).map_err(io::Error::other)?;
    let public = key.public().try_into_ed25519().map_err(io::Error::other)?;
    let (address, _) = Address::derive(0, &agent, 0).map_err(io::Error::other)?;
    let stranger = Relation::stranger(*agent.as_bytes(), public.to_bytes(), address.to_bytes(), 0);
    Ok(Relation { state: RelationState::Trusted, known: true, ..stranger })
}

/// A swarm as `SwarmBuilder` makes it, but for the idle timeout; it holds a connection open that nobody uses.
async fn plain(ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|key| Behaviour::new(key.public()))
        .map_err(io::Error::other)?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build();
    swarm.listen_on(QUIC.parse().map_err(io::Error::other)?).map_err(io::Error::other)?;
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address.with(Protocol::P2p(*swarm.local_peer_id()));
        }
    };
    tokio::spawn(swarm.for_each(|_| std::future::ready(())));
    ready(&Ready { listening: address.to_string(), credential: None });
    client_gone().await;
    Ok(())
}
