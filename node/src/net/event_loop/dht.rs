//! What the event loop does for the DHT.

use std::collections::{HashMap, HashSet};

use airway_protocols::gate::admission::{self, Turn};
use libp2p::{
    Multiaddr, PeerId, kad,
    swarm::{ConnectionId, DialError},
};
use tokio::{
    sync::oneshot,
    time::{Interval, MissedTickBehavior, interval},
};

use super::{Event, EventLoop};
use crate::{
    members::Members,
    metrics,
    net::dht::{self, Admitted, Command, Dht, Ended, MAX_ADDRESSES, Providing, Queries},
};

type Kad = kad::Behaviour<dht::Records>;

/// A server that could not be dialled so often in a row is forgotten: each query would try it again.
const STRIKES: u8 = 3;

/// What the event loop knows of the DHT, besides the behaviour.
#[derive(Debug)]
pub(in crate::net) struct State {
    own: PeerId,
    members: Members,
    queries: Queries,
    providing: Providing,
    /// Whether it is open to all.
    everyone: bool,
    /// Those who wait for a peer's connections to speak it.
    admitting: HashMap<PeerId, Vec<oneshot::Sender<()>>>,
    /// Dials of servers that failed since the last one that did not.
    strikes: HashMap<PeerId, u8>,
    sweep: Interval,
}

impl State {
    /// Must be called on a tokio runtime.
    pub(in crate::net) fn new(own: PeerId, members: Members, counts: metrics::Queries) -> Self {
        let mut sweep = interval(dht::SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            own,
            members,
            queries: Queries::new(counts),
            providing: Providing::default(),
            everyone: false,
            admitting: HashMap::new(),
            strikes: HashMap::new(),
            sweep,
        }
    }

    /// Whether the peer is a member of our network at this moment.
    pub(super) fn is_member(&self, peer: &PeerId) -> bool {
        self.members.contains(peer)
    }

    /// When it is time to look after the DHT. Cancel-safe.
    pub(super) async fn due(&mut self) {
        self.sweep.tick().await;
    }
}

impl EventLoop {
    pub(super) fn on_dht_command(&mut self, command: Command) {
        let behaviour = &mut self.swarm.behaviour_mut().dht;
        let queries = &mut self.dht.queries;
        match command {
            Command::Enter(dht, done) => return self.enter(dht.map(|dht| *dht), done),
            Command::Admit(peer, addresses, proved, done) => {
                return self.admit(peer, addresses, proved, done);
            }
            Command::Refuse(peer) => return behaviour.refuse(&peer),
            Command::Expel(peer, done) => return self.expel(peer, done),
            Command::Introduce(peer, addresses, done) => {
                self.introduce(peer, addresses);
                let _ = done.send(());
                return;
            }
            _ => {}
        }
        // Whoever waits for an answer hears that there is none.
        let Some(kad) = behaviour.inner() else { return };
        match command {
            Command::Serve(serves) => kad.set_mode(Some(dht::mode(serves))),
            Command::Servers(reply) => drop(reply.send(servers(kad))),
            Command::FindServers(done) => queries.search(kad, self.dht.own, done),
            Command::Lookup(key, answers) => queries.look_up(kad, key, answers),
            Command::EndAbandoned => queries.end_abandoned(kad),
            Command::Publish(key, value, done) => queries.publish(kad, key, value, done),
            Command::Provide(key, addresses, done) => self.dht.providing.provide(kad, key, addresses, done),
            Command::Unprovide(key) => kad.stop_providing(&key.into()),
            Command::Providers(key, found) => self.dht.providing.look_up(kad, key, found),
            _ => {}
        }
    }

    fn enter(&mut self, dht: Option<Dht>, done: oneshot::Sender<()>) {
        let state = &mut self.dht;
        state.queries.clear();
        state.providing = Providing::default();
        state.admitting.clear();
        state.strikes.clear();
        state.everyone = dht.as_ref().is_some_and(|dht| dht.everyone);
        let admitted = Admitted { everyone: state.everyone };
        let kad = dht.map(|dht| dht::build(state.own, &dht, state.members.clone()));
        let behaviour = &mut self.swarm.behaviour_mut().dht;
        let spoke = behaviour.admitted();
        behaviour.replace(kad, admitted);
        let open = self.peers.list().into_iter().filter(|known| spoke.contains(&known.peer));
        self.close(open.map(|known| known.id).collect(), done);
    }

    fn admit(
        &mut self,
        peer: PeerId,
        addresses: Option<Vec<Multiaddr>>,
        proved: Option<(ConnectionId, Turn)>,
        done: oneshot::Sender<()>,
    ) {
        // Of a network that was left before the order came here, or expelled by now.
        if !self.dht.members.contains(&peer) {
            return;
        }
        for connection in self.peers.list().into_iter().filter(|known| known.peer == peer) {
            self.swarm.behaviour_mut().arrivals.expect(connection.id, &connection.address);
        }
        if let Some((connection, turn)) = proved {
            self.admit_to_gossip(peer, connection, turn);
        }
        let behaviour = &mut self.swarm.behaviour_mut().dht;
        // Before it comes into the table, which asks whether it is connected.
        behaviour.admit(peer);
        self.dht.admitting.entry(peer).or_default().push(done);
        let Some(kad) = behaviour.inner() else { return };
        match addresses {
            Some(addresses) => set_server(kad, peer, addresses),
            None => drop(kad.remove_peer(&peer)),
        }
    }

    fn expel(&mut self, peer: PeerId, done: oneshot::Sender<()>) {
        self.dht.strikes.remove(&peer);
        let behaviour = &mut self.swarm.behaviour_mut().dht;
        if let Some(kad) = behaviour.inner() {
            kad.remove_peer(&peer);
            kad.store_mut().sweep();
        }
        behaviour.expel(&peer);
        self.swarm.behaviour_mut().gossip.expel(&peer);
        self.disconnect(peer, done);
    }

    fn introduce(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        let Some(kad) = self.swarm.behaviour_mut().dht.inner() else { return };
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            kad.add_address(&peer, address);
        }
    }

    pub(super) fn on_dht_event(&mut self, event: dht::Event) {
        match event {
            admission::Event::Inner(event) => {
                let Some(kad) = self.swarm.behaviour_mut().dht.inner() else { return };
                self.dht.providing.on_event(kad, &event);
                if let Ended::Closest(peers) = self.dht.queries.on_event(kad, event) {
                    let peers: HashSet<_> = peers.into_iter().map(|peer| peer.peer_id).collect();
                    self.note_servers(&peers);
                }
            }
            admission::Event::Wanted(peer) => {
                if self.events.try_send(Event::Wanted(peer)).is_err() {
                    self.swarm.behaviour_mut().dht.refuse(&peer);
                }
            }
            admission::Event::Admitted(peer) => {
                for done in self.dht.admitting.remove(&peer).into_iter().flatten() {
                    let _ = done.send(());
                }
            }
        }
    }

    /// Where nobody proves anything, a server is who has answered as one, and can be dialled.
    fn note_servers(&mut self, answered: &HashSet<PeerId>) {
        if !self.dht.everyone {
            return;
        }
        let open = self.peers.list().into_iter();
        let dialled = open.filter(|known| known.dialled && !known.is_relayed());
        let Some(kad) = self.swarm.behaviour_mut().dht.inner() else { return };
        for connection in dialled.filter(|known| answered.contains(&known.peer)) {
            kad.add_address(&connection.peer, connection.address);
        }
    }

    /// Counts dials of servers that fail, and forgets those to which too many did.
    pub(super) fn on_server_dialled(&mut self, peer: &PeerId, failed: Option<&DialError>) {
        let strikes = &mut self.dht.strikes;
        match failed {
            None => drop(strikes.remove(peer)),
            Some(DialError::Transport(_) | DialError::WrongPeerId { .. } | DialError::NoAddresses) => {
                let Some(kad) = self.swarm.behaviour_mut().dht.inner() else { return };
                if !is_server(kad, peer) {
                    return;
                }
                let count = strikes.entry(*peer).or_default();
                *count += 1;
                if *count >= STRIKES {
                    tracing::debug!(%peer, "a server of the DHT cannot be reached, and is forgotten");
                    strikes.remove(peer);
                    kad.remove_peer(peer);
                }
            }
            Some(_) => {}
        }
    }

    /// Drops what has expired.
    pub(super) fn look_after_dht(&mut self) {
        let Some(kad) = self.swarm.behaviour_mut().dht.inner() else { return };
        kad.store_mut().sweep();
        self.dht.strikes.retain(|peer, _| is_server(kad, peer));
    }
}

/// The table.
fn servers(kad: &mut Kad) -> Vec<(PeerId, Vec<Multiaddr>)> {
    let buckets: Vec<_> = kad.kbuckets().collect();
    let entries = buckets.iter().flat_map(|bucket| bucket.iter());
    entries.map(|entry| (*entry.node.key.preimage(), entry.node.value.iter().cloned().collect())).collect()
}

fn is_server(kad: &mut Kad, peer: &PeerId) -> bool {
    kad.kbucket(*peer).is_some_and(|bucket| bucket.iter().any(|entry| entry.node.key.preimage() == peer))
}

/// Has a server be found at these addresses alone.
fn set_server(kad: &mut Kad, peer: PeerId, addresses: Vec<Multiaddr>) {
    let wanted: Vec<_> =
        addresses.into_iter().filter_map(|address| address.with_p2p(peer).ok()).take(MAX_ADDRESSES).collect();
    let known = kad.kbucket(peer).and_then(|bucket| {
        let entry = bucket.iter().find(|entry| *entry.node.key.preimage() == peer)?;
        Some(entry.node.value.iter().cloned().collect::<Vec<_>>())
    });
    // To put one in anew has kad look for others, each time.
    if known.as_ref().is_some_and(|known| *known == wanted) {
        return;
    }
    kad.remove_peer(&peer);
    for address in wanted {
        kad.add_address(&peer, address);
    }
}
