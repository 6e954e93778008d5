//! The connections that there are, and what is spoken on each.

use std::collections::{HashMap, HashSet};

use libp2p::{
    PeerId,
    core::ConnectedPoint,
    swarm::{ConnectionId, NotifyHandler},
};

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) state: State,
    /// `None` until it is established.
    pub(super) endpoint: Option<ConnectedPoint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Speaks nothing.
    Shut,
    /// Has a handler; inner hears of it when it is established.
    Made,
    /// Inner knows it.
    Open,
    /// Was open.
    Over,
}

/// By peer, which has one or two.
#[derive(Debug, Default)]
pub(super) struct Connections(HashMap<PeerId, Vec<Connection>>);

impl Connections {
    pub(super) fn peers(&self) -> Vec<PeerId> {
        self.0.keys().copied().collect()
    }

    pub(super) fn contains(&self, peer: &PeerId) -> bool {
        self.0.contains_key(peer)
    }

    /// Those who have a connection in this state.
    pub(super) fn peers_with(&self, state: State) -> HashSet<PeerId> {
        let has = self.0.iter().filter(|(_, all)| all.iter().any(|known| known.state == state));
        has.map(|(peer, _)| *peer).collect()
    }

    pub(super) fn count(&self, peer: &PeerId, state: State) -> usize {
        self.of(peer).iter().filter(|known| known.state == state).count()
    }

    pub(super) fn of(&self, peer: &PeerId) -> &[Connection] {
        self.0.get(peer).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn state(&self, peer: &PeerId, id: ConnectionId) -> Option<State> {
        self.of(peer).iter().find(|known| known.id == id).map(|known| known.state)
    }

    pub(super) fn find(&mut self, peer: &PeerId, id: ConnectionId) -> Option<&mut Connection> {
        self.0.get_mut(peer)?.iter_mut().find(|known| known.id == id)
    }

    pub(super) fn insert(&mut self, peer: PeerId, id: ConnectionId, state: State) {
        let connections = self.0.entry(peer).or_insert_with(|| Vec::with_capacity(1));
        connections.push(Connection { id, state, endpoint: None });
    }

    /// Forgets a connection; says what it was.
    pub(super) fn remove(&mut self, peer: &PeerId, id: ConnectionId) -> Option<State> {
        let connections = self.0.get_mut(peer)?;
        let at = connections.iter().position(|known| known.id == id)?;
        let state = connections.swap_remove(at).state;
        if connections.is_empty() {
            self.0.remove(peer);
        }
        Some(state)
    }

    /// The established connections of a peer in this state, all of which are in the other from now on.
    pub(super) fn turn(
        &mut self,
        peer: &PeerId,
        from: State,
        to: State,
    ) -> Vec<(ConnectionId, ConnectedPoint)> {
        let connections = self.0.get_mut(peer).into_iter().flatten();
        let turned = connections.filter(|known| known.state == from).filter_map(|known| {
            let endpoint = known.endpoint.clone()?;
            known.state = to;
            Some((known.id, endpoint))
        });
        turned.collect()
    }

    /// The same of one connection; `None` if it is in another state, or not established yet.
    pub(super) fn turn_one(
        &mut self,
        peer: &PeerId,
        id: ConnectionId,
        from: State,
        to: State,
    ) -> Option<ConnectedPoint> {
        let known = self.find(peer, id).filter(|known| known.state == from)?;
        let endpoint = known.endpoint.clone()?;
        known.state = to;
        Some(endpoint)
    }

    /// A connection on which inner may be heard by the peer.
    pub(super) fn route(&self, peer: &PeerId, to: NotifyHandler) -> Option<ConnectionId> {
        let mut speak = self.of(peer).iter().filter(|known| matches!(known.state, State::Made | State::Open));
        match to {
            NotifyHandler::One(id) => speak.find(|known| known.id == id),
            NotifyHandler::Any => speak.next(),
        }
        .map(|known| known.id)
    }
}
