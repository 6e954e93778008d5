//! Why nobody was found, and why a change of the contacts was refused.

use airway_protocols::{
    address::{self, Address, Endpoint},
    agent::AgentId,
    card, name, trust,
};

use super::Standing;
use crate::store::{self, AddContactError, PinError, TicketError, TrustStoreError};

/// Why a text names no contact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhoError {
    /// It looks like a card but is none.
    #[error("{0}")]
    Card(#[from] card::Error),
    /// It looks like an address but is none.
    #[error("{who:?} is not an address: {source}")]
    Address {
        /// As given.
        who: String,
        /// What is wrong with it.
        source: address::ParseEndpointError,
    },
    /// An address with a port, where only the agent is meant.
    #[error("{who:?} has a port; here only the agent is meant")]
    Port {
        /// As given.
        who: String,
    },
    /// An agent, but not one that we trust.
    #[error("{who} is not trusted")]
    NotTrusted {
        /// Its endpoint.
        who: String,
    },
    /// Another agent than we trust under that address.
    #[error("{address} is trusted as {trusted}, not as {given}")]
    Fingerprint {
        /// The address alone.
        address: String,
        /// The fingerprint of the contact.
        trusted: String,
        /// The fingerprint in the text.
        given: String,
    },
    /// Neither an alias nor a name of a contact.
    #[error("nobody is called {who:?}")]
    Unknown {
        /// As given.
        who: String,
    },
    /// Several gave themselves this name, or claim this address.
    #[error("{who:?} may be {}", candidates.join(" and "))]
    Ambiguous {
        /// As given.
        who: String,
        /// The endpoints of all of them.
        candidates: Vec<String>,
    },
}

/// Why a change of the contacts was refused; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The card is our own.
    #[error("that is our own card")]
    Own,
    /// Nobody is meant.
    #[error(transparent)]
    Who(#[from] WhoError),
    /// An alias that cannot be one.
    #[error("{alias:?} cannot be an alias: {source}")]
    BadAlias {
        /// As given.
        alias: String,
        /// The rule it breaks.
        source: name::ParseNameError,
    },
    /// Another contact has the alias.
    #[error("the alias {alias:?} belongs to {holder}")]
    AliasTaken {
        /// As given.
        alias: String,
        /// Endpoint of who has it.
        holder: String,
    },
    /// Another agent is pinned to the address on the card.
    #[error("{address} belongs to another agent that is trusted already: {holder}")]
    AddressTaken {
        /// The address alone.
        address: String,
        /// Endpoint of who has it.
        holder: String,
    },
    /// This cannot be done as things stand with the agent.
    #[error("{who}: {reason}")]
    Refused {
        /// Its label.
        who: String,
        /// What stands against it.
        reason: trust::Refused,
    },
    /// The agent is known, but not in the standing that this takes.
    #[error("{who} {}", standing.phrase())]
    Standing {
        /// Its label.
        who: String,
        /// How we stand with it.
        standing: Standing,
    },
    /// More requests of ours wait than may.
    #[error("too many requests wait for an answer")]
    TooMany,
    /// As many requests of others wait as may.
    #[error("too many requests of others wait")]
    Full,
    /// A justification or a reason is too long.
    #[error("{size} bytes are too long for a text of at most {}", trust::MAX_TEXT)]
    TooLong {
        /// Bytes that were given.
        size: usize,
    },
    /// Scopes that cannot be granted, or a text that cannot be said.
    #[error(transparent)]
    Statement(#[from] trust::Error),
    /// Our own card cannot be made.
    #[error("our own card cannot be made: {0}")]
    Card(#[source] card::Error),
    /// The ticket was used or taken back meanwhile.
    #[error("the ticket cannot be used any more")]
    Ticket,
    /// As many tickets as there may be.
    #[error("too many tickets wait to be used")]
    TooManyTickets,
    /// Only a fingerprint settles whose address it is.
    #[error("{who:?} has no fingerprint")]
    NoFingerprint {
        /// As given.
        who: String,
    },
    /// Nobody of this fingerprint has claimed the address.
    #[error("nobody with this fingerprint has claimed the address")]
    NoPin,
    /// The address cannot go to another agent while a contact has it.
    #[error("the address is that of {who}, who is trusted")]
    Held {
        /// Alias, name or fingerprint of the contact.
        who: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<TrustStoreError> for ChangeError {
    fn from(error: TrustStoreError) -> Self {
        match error {
            TrustStoreError::Contact(AddContactError::AddressConflict { address, holder, .. }) => {
                let address = Address::from_bytes(address);
                let holder = Endpoint::full(address, &AgentId::from_bytes(holder)).to_string();
                Self::AddressTaken { address: address.to_string(), holder }
            }
            // The id is the hash of the key: another key for it is a damaged row.
            TrustStoreError::Contact(_) => store::Error::Corrupt.into(),
            TrustStoreError::Full => Self::Full,
            TrustStoreError::Ticket => Self::Ticket,
            TrustStoreError::Store(error) => error.into(),
        }
    }
}

impl From<TicketError> for ChangeError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::TooMany => Self::TooManyTickets,
            TicketError::Store(error) => error.into(),
        }
    }
}

impl From<PinError> for ChangeError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Held { holder, name } => {
                let holder = AgentId::from_bytes(holder);
                Self::Held { who: name.unwrap_or_else(|| holder.fingerprint().to_string()) }
            }
            PinError::NoClaim => Self::NoPin,
            PinError::Store(error) => error.into(),
        }
    }
}
