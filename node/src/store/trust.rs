//! What there is between this agent and others: one relation for each, the log of what happened, pins and tickets.
//!
//! The store keeps all of it and understands none: what a statement means, and when a state follows another, is for
//! its callers. [`Store::relation_turn`] gives them a relation to look at and writes what they make of it in one
//! change: relation, contact, pin, ticket, log, and the end of what waited in the outbox.

mod list;
mod log;
mod pins;
mod room;
mod row;
mod tickets;
mod turn;

use libp2p::Multiaddr;

#[cfg(test)]
pub(super) use self::log::{LOG_ROWS, LOG_STRANGERS};
pub(super) use self::{
    list::{carried, find},
    log::newest,
    pins::{all as all_pins, pin},
    row::put,
};
pub use self::{
    log::{EVICTED, LogEntry, NewLogEntry},
    pins::{MAX_CONFLICTS, Pin, PinConflict, PinError},
    room::{MAX_PENDING, MAX_STRANGERS},
    tickets::{MAX_TICKETS, TicketError, TicketRow},
    turn::{ContactChange, Look, TrustStoreError, Turn},
};
use super::{Error, Store};

/// The version of the schema that these tables came with.
pub(super) const SINCE_VERSION: u32 = 3;

/// How we stand to an agent. The numbers are those in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RelationState {
    /// Nothing is between us, or nothing any more.
    Stranger = 0,
    /// We asked it to trust us.
    Requested = 1,
    /// It asked us, and the owner has not decided.
    Pending = 2,
    /// We trust each other: it is a contact.
    Trusted = 3,
    /// We want to hear nothing from it.
    Blocked = 4,
}

/// One agent, and what there is between it and us.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// The agent, for life.
    pub agent: [u8; 32],
    /// Its Ed25519 public key.
    pub public_key: [u8; 32],
    /// How we stand to it.
    pub state: RelationState,
    /// The highest generation that counts between the two.
    pub generation: u64,
    /// When the newest request that we heard from it was made, by its clock.
    pub heard: u64,
    /// When our newest statement to it was made; each is newer than the one before, whatever our clock does.
    pub spoke_ms: u64,
    /// The id of the request that the state rests on.
    pub request: Option<[u8; 32]>,
    /// Its address: network number and node number, big-endian.
    pub address: [u8; 6],
    /// What it calls itself.
    pub name: Option<String>,
    /// What the owner wants to call it once it is a contact; then the contact has it, and this is empty.
    pub alias: Option<String>,
    /// Where it was last known to be reached; kept up with the contact's, if it is one.
    pub multiaddrs: Vec<Multiaddr>,
    /// Why it asks, of a request that is pending.
    pub justification: Option<String>,
    /// Where a pending request came from: what each source may occupy is bounded.
    pub source: Option<String>,
    /// The pending request showed a ticket of ours: it does not have to make room for others.
    pub invited: bool,
    /// What it may do here; `None` is everything.
    pub scopes: Option<Vec<u8>>,
    /// What it lets us do; `None` is everything.
    pub granted: Option<Vec<u8>>,
    /// When the state last changed, in milliseconds since 1970.
    pub since_ms: u64,
    /// When the request lapses or the trust ends, in milliseconds since 1970.
    pub expires_at_ms: Option<u64>,
    /// Our latest statement, as long as it has not acknowledged it.
    pub said: Option<Vec<u8>>,
    /// The ticket that goes with it.
    pub said_ticket: Option<Vec<u8>>,
    /// The proof that goes with the ticket.
    pub said_proof: Option<Vec<u8>>,
    /// When we stop trying to say it, in milliseconds since 1970.
    pub said_until_ms: Option<u64>,
    /// We trusted it or asked it to trust us, at some time: it is never forgotten. Set by the store.
    pub known: bool,
}

impl Relation {
    /// An agent that nothing is known of but who it is.
    pub fn stranger(agent: [u8; 32], public_key: [u8; 32], address: [u8; 6], since_ms: u64) -> Self {
        Self {
            agent,
            public_key,
            state: RelationState::Stranger,
            generation: 0,
            heard: 0,
            spoke_ms: 0,
            request: None,
            address,
            name: None,
            alias: None,
            multiaddrs: Vec::new(),
            justification: None,
            source: None,
            invited: false,
            scopes: None,
            granted: None,
            since_ms,
            expires_at_ms: None,
            said: None,
            said_ticket: None,
            said_proof: None,
            said_until_ms: None,
            known: false,
        }
    }
}

impl Store {
    /// Forgets what need not be kept at the time `now_ms`, in milliseconds since 1970, and returns how many rows:
    /// strangers that were never more than that for 8 days, and tickets that ended a day ago. Once an hour is enough.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then nothing is forgotten.
    pub async fn trust_prune(&self, now_ms: u64) -> Result<usize, Error> {
        self.write(move |db| Ok(room::forget_strangers(db, now_ms)? + tickets::forget(db, now_ms)?)).await
    }
}
