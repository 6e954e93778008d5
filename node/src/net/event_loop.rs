//! The task that owns the swarm. It waits for nobody and touches no disk.

mod copies;
mod dht;
mod gossip;
mod moved;
mod observe;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

pub(super) use copies::Copies;
pub(super) use dht::State as DhtState;
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    core::transport::ListenerId,
    dcutr, identify,
    metrics::Recorder as _,
    ping,
    swarm::{ConnectionId, SwarmEvent},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use super::{
    Event, Heard,
    behaviour::{Behaviour, BehaviourEvent},
    instances::{Instance, Instances},
    peers::{Connection, Peers},
    relays::OwnRelays,
};
use crate::{access::Access, metrics};

/// How long closing the connections may take at the end, so that peers hear of it.
const GOODBYE: Duration = Duration::from_millis(500);

/// How long listeners may take to report their addresses; one on a network that is down never does.
const LISTENING: Duration = Duration::from_secs(2);

/// Two peers that dial each other at the same time get two good connections, at most so far apart.
const SIMULTANEOUS: Duration = Duration::from_secs(3);

/// An order to the event loop.
#[derive(Debug)]
pub(super) enum Command {
    /// Close all connections of a peer; the answer comes when they are closed.
    Disconnect(PeerId, oneshot::Sender<()>),
    /// Close those connections of a peer on which it was met as a stranger; the answer comes when they are closed.
    Shed(PeerId, oneshot::Sender<()>),
    /// Dial a peer soon, and keep it.
    Keep(PeerId),
    /// Ask at these addresses for another process with our key.
    LookForCopies(Vec<Multiaddr>),
    /// Be known under these addresses alone.
    Advertise(Vec<Multiaddr>),
    /// Something about the DHT.
    Dht(super::dht::Command),
    /// Something about gossip.
    Gossip(super::gossip::Command),
    /// Show that the loop turns.
    Answer(oneshot::Sender<()>),
    /// Close everything and end.
    Shutdown(oneshot::Sender<()>),
}

pub(super) struct EventLoop {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) heard: mpsc::Sender<Heard>,
    pub(super) peers: Peers,
    pub(super) listening: watch::Sender<Vec<Multiaddr>>,
    pub(super) recorder: metrics::Recorder,
    /// Connections that are to close, for whoever waits for it.
    pub(super) closing: Vec<(HashSet<ConnectionId>, oneshot::Sender<()>)>,
    pub(super) copies: Copies,
    pub(super) instances: Instances,
    /// Which process speaks on each open connection to a contact.
    pub(super) speakers: HashMap<ConnectionId, Instance>,
    pub(super) access: Access,
    pub(super) dht: DhtState,
    pub(super) relays: OwnRelays,
}

impl EventLoop {
    /// Waits until each listener has reported an address, or ended, and it is clear which relays will have us: a card is
    /// to name them all.
    pub(super) async fn until_listening(&mut self, mut listeners: HashSet<ListenerId>) {
        let reported = async {
            while !listeners.is_empty() || !self.swarm.behaviour().relays.is_settled() {
                let event = self.swarm.select_next_some().await;
                if let SwarmEvent::NewListenAddr { listener_id, .. }
                | SwarmEvent::ListenerClosed { listener_id, .. } = &event
                {
                    listeners.remove(listener_id);
                }
                self.on_swarm_event(event);
            }
        };
        if timeout(LISTENING, reported).await.is_err() {
            tracing::warn!("not all listeners have an address yet");
        }
    }

    /// Runs until it is told to shut down or the last handle is dropped.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(Command::Disconnect(peer, done)) => self.disconnect(peer, done),
                    Some(Command::Shed(peer, done)) => self.shed(peer, done),
                    Some(Command::Keep(peer)) => self.swarm.behaviour_mut().keeper.hurry(peer),
                    Some(Command::LookForCopies(addresses)) => {
                        addresses.into_iter().for_each(|address| self.probe(address));
                    }
                    Some(Command::Advertise(addresses)) => self.advertise(&addresses),
                    Some(Command::Dht(command)) => self.on_dht_command(command),
                    Some(Command::Gossip(command)) => self.on_gossip_command(command),
                    Some(Command::Answer(done)) => drop(done.send(())),
                    Some(Command::Shutdown(done)) => {
                        self.shut_down().await;
                        let _ = done.send(());
                        return;
                    }
                    None => return self.shut_down().await,
                },
                () = self.dht.due() => self.look_after_dht(),
                probed = self.copies.probed() => self.on_probed(probed),
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
            }
        }
    }

    fn advertise(&mut self, addresses: &[Multiaddr]) {
        let known: Vec<_> = self.swarm.external_addresses().cloned().collect();
        for former in known.iter().filter(|known| !addresses.contains(known)) {
            self.swarm.remove_external_address(former);
        }
        addresses.iter().for_each(|address| self.swarm.add_external_address(address.clone()));
    }

    fn disconnect(&mut self, peer: PeerId, done: oneshot::Sender<()>) {
        // The peer may come back before they are closed: nobody waits for what it opens then.
        let open = self.peers.list().into_iter().filter(|known| known.peer == peer).map(|known| known.id);
        let open: HashSet<_> = open.collect();
        if self.swarm.disconnect_peer_id(peer).is_err() || open.is_empty() {
            let _ = done.send(());
            return;
        }
        self.closing.push((open, done));
    }

    fn shed(&mut self, peer: PeerId, done: oneshot::Sender<()>) {
        let strange = |known: &Connection| known.peer == peer && !known.trusted;
        let open = self.peers.list().into_iter().filter(strange).map(|known| known.id);
        self.close(open.collect(), done);
    }

    /// Closes connections; the answer comes when they are closed.
    fn close(&mut self, connections: HashSet<ConnectionId>, done: oneshot::Sender<()>) {
        for connection in &connections {
            self.swarm.close_connection(*connection);
        }
        if connections.is_empty() {
            let _ = done.send(());
        } else {
            self.closing.push((connections, done));
        }
    }

    fn on_swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        self.watch_for_copies(&event);
        self.record(&event);
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                tracing::debug!(peer = %peer_id, address = %endpoint.get_remote_address(), "connected");
                let trusted = self.access.allows(&peer_id);
                self.peers.insert(peer_id, connection_id, &endpoint, trusted);
                self.on_server_dialled(&peer_id, None);
                self.on_gossip_connected(peer_id, &endpoint);
                if endpoint.is_listener() && !self.swarm.behaviour_mut().reachable.is_asked(&peer_id) {
                    self.close_stale(peer_id, connection_id);
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                tracing::debug!(peer = %peer_id, ?cause, "connection closed");
                self.on_closed(connection_id);
                self.on_gossip_closed(peer_id);
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                tracing::info!(%address, "listening");
                self.add_listening(address);
            }
            // The address of a circuit as we know the relay, which may know others of itself; or one at which a relay could
            // dial us.
            SwarmEvent::ExternalAddrConfirmed { address } => self.add_listening(address),
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.remove_listening(&address);
                self.on_address_gone(&address);
            }
            SwarmEvent::ExternalAddrExpired { address } => self.remove_listening(&address),
            SwarmEvent::ListenerClosed { addresses, reason, .. } => {
                tracing::warn!(?addresses, ?reason, "a listener closed");
                let closed = HashSet::<_>::from_iter(addresses);
                self.listening.send_modify(|all| all.retain(|known| !closed.contains(known)));
            }
            SwarmEvent::OutgoingConnectionError { peer_id, error, .. } => {
                tracing::debug!(?peer_id, %error, "dial failed");
                if let Some(peer) = &peer_id {
                    self.on_server_dialled(peer, Some(&error));
                }
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                tracing::debug!(from = %send_back_addr, %error, "inbound connection failed");
            }
            SwarmEvent::Behaviour(event) => self.on_behaviour_event(event),
            _ => {}
        }
    }

    fn on_behaviour_event(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { peer_id, connection_id, info }) => {
                self.note_instance(peer_id, connection_id, &info.agent_version);
                self.observe(peer_id, connection_id, &info);
                // Full queue: the peer's addresses come again with its next connection.
                let _ = self.events.try_send(Event::Addresses(peer_id, info.listen_addrs));
            }
            BehaviourEvent::Dht(event) => self.on_dht_event(event),
            BehaviourEvent::Gossip(event) => self.on_gossip_event(event),
            BehaviourEvent::Quiet(identify::Event::Received { peer_id, connection_id, info }) => {
                self.observe(peer_id, connection_id, &info);
            }
            BehaviourEvent::Punch(dcutr::Event { remote_peer_id, result }) => {
                tracing::debug!(peer = %remote_peer_id, ?result, "tried to do without the relay");
            }
            BehaviourEvent::Ping(ping) => match ping.result {
                // A peer need not speak ping; one that is gone does not even say so.
                Ok(_) | Err(ping::Failure::Unsupported) => {}
                // Lazy negotiation shows a protocol that is not spoken as a broken stream; every agent speaks ping, and
                // clients of a relay need not.
                Err(ping::Failure::Other { .. }) if !self.access.allows(&ping.peer) => {}
                Err(error) => {
                    tracing::debug!(peer = %ping.peer, %error, "ping failed");
                    self.swarm.close_connection(ping.connection);
                }
            },
            _ => {}
        }
    }

    fn on_closed(&mut self, connection: ConnectionId) {
        self.peers.remove(connection);
        self.speakers.remove(&connection);
        for (open, _) in &mut self.closing {
            open.remove(&connection);
        }
        self.closing.extract_if(.., |(open, _)| open.is_empty()).for_each(|(_, done)| {
            let _ = done.send(());
        });
    }

    fn add_listening(&self, address: Multiaddr) {
        self.listening.send_if_modified(|all| {
            let is_new = !all.contains(&address);
            if is_new {
                all.push(address);
            }
            is_new
        });
    }

    fn remove_listening(&self, address: &Multiaddr) {
        self.listening.send_modify(|all| all.retain(|known| known != address));
    }

    /// Notes which process of a contact has spoken.
    fn note_instance(&mut self, peer: PeerId, connection: ConnectionId, agent_version: &str) {
        let instance = Instance::parse(agent_version);
        let Some((instance, connection)) = instance.zip(self.peers.get(connection)) else { return };
        let access = &self.access;
        if self.instances.met(peer, instance, connection.since, |peer| access.allows(peer)) {
            // Full queue: they come again, in turns.
            let _ = self.events.try_send(Event::Copies(peer));
        }
        self.speakers.insert(connection.id, instance);
        self.close_predecessors(&connection, instance);
    }

    /// A process that speaks has taken the place of those before it: their connections lead nowhere, but nothing
    /// else says so until a timeout.
    fn close_predecessors(&mut self, newest: &Connection, instance: Instance) {
        for older in self.peers.list() {
            let other = self.speakers.get(&older.id).is_some_and(|speaker| *speaker != instance);
            if other && older.peer == newest.peer && older.since < newest.since {
                tracing::debug!(peer = %older.peer, "closing a connection of an earlier process");
                self.swarm.close_connection(older.id);
            }
        }
    }

    /// Counts what happens: a few additions in memory.
    fn record(&self, event: &SwarmEvent<BehaviourEvent>) {
        match event {
            // Counted by the form of an address that a peer has made up: as many counters as it likes.
            SwarmEvent::NewExternalAddrCandidate { .. } => return,
            event => self.recorder.swarm.record(event),
        }
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => self.recorder.swarm.record(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.recorder.swarm.record(event),
            _ => {}
        }
    }

    /// Nobody dials a peer that it is connected to: one that does has lost the connections that we still see,
    /// most likely in a crash, and whatever we write to them goes nowhere.
    fn close_stale(&mut self, peer: PeerId, new: ConnectionId) {
        let known: Vec<_> = self.peers.list().into_iter().filter(|known| known.peer == peer).collect();
        let Some(relayed) = known.iter().find(|known| known.id == new).map(Connection::is_relayed) else {
            return;
        };
        let stale = known.iter().filter(|known| known.id != new && known.is_relayed() == relayed);
        for connection in stale.filter(|known| !known.dialled || known.since.elapsed() > SIMULTANEOUS) {
            tracing::debug!(%peer, "closing a connection that the peer has lost");
            self.swarm.close_connection(connection.id);
        }
    }

    /// Closes every connection; peers notice at once and not by a timeout.
    async fn shut_down(&mut self) {
        let peers: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in peers {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let closed = async {
            while self.swarm.network_info().num_peers() > 0 {
                self.swarm.select_next_some().await;
            }
        };
        if timeout(GOODBYE, closed).await.is_err() {
            tracing::debug!("some connections did not close in time");
        }
    }
}
