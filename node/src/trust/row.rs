//! A relation as the store keeps it, and as the state machine and people see it.

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    trust::{Relation, State, StatementId},
};
use libp2p::{PeerId, identity};

use crate::{
    clock,
    store::{self, RelationState},
};

/// The address of an agent of whom nothing else is known.
pub(super) const NOWHERE: [u8; 6] = [0; 6];

/// The peer whose relation this is; `None` for a damaged row.
pub(super) fn peer(row: &store::Relation) -> Option<PeerId> {
    let key = identity::ed25519::PublicKey::try_from_bytes(&row.public_key).ok()?;
    Some(identity::PublicKey::from(key).to_peer_id())
}

/// The relation as the state machine knows it.
pub(super) fn relation(row: &store::Relation) -> Relation {
    let request = row.request.map(StatementId::from_bytes);
    let state = match (row.state, request) {
        (RelationState::Requested, Some(request)) => State::Requested { request },
        (RelationState::Pending, Some(request)) => State::Pending { request },
        (RelationState::Trusted, request) => State::Trusted { request },
        (RelationState::Blocked, _) => State::Blocked,
        (RelationState::Stranger | RelationState::Requested | RelationState::Pending, _) => State::Stranger,
    };
    Relation { state, generation: row.generation, heard: row.heard }
}

/// The reverse of [`relation`].
pub(super) fn put(row: &mut store::Relation, relation: &Relation) {
    let (state, request) = match relation.state {
        State::Stranger => (RelationState::Stranger, None),
        State::Requested { request } => (RelationState::Requested, Some(request)),
        State::Pending { request } => (RelationState::Pending, Some(request)),
        State::Trusted { request } => (RelationState::Trusted, request),
        State::Blocked => (RelationState::Blocked, None),
    };
    row.state = state;
    row.request = request.map(|request| *request.as_bytes());
    row.generation = relation.generation;
    row.heard = relation.heard;
}

/// The time of our next statement to an agent: the present, or just behind the one before if the clock went back.
pub(super) fn time_to_speak(row: &mut store::Relation) -> u64 {
    row.spoke_ms = clock::unix_ms().max(row.spoke_ms + 1);
    row.spoke_ms
}

/// What to call the agent of a relation in a sentence of ours, where no word of a stranger belongs: the name that it gave
/// itself is used only if it is trusted.
pub(super) fn label(row: &store::Relation) -> String {
    let name = row.name.as_ref().filter(|_| row.state == RelationState::Trusted);
    row.alias.as_ref().or(name).cloned().unwrap_or_else(|| endpoint(row).to_string())
}

/// Address and fingerprint of the agent of a relation.
pub(super) fn endpoint(row: &store::Relation) -> Endpoint {
    Endpoint::full(Address::from_bytes(row.address), &AgentId::from_bytes(row.agent))
}
