//! Tickets: a card with a secret that is good for one request, for two agents of one owner, or for somebody whom the owner
//! talks to already.
//!
//! ```text
//! airway-pair:<base64url, no padding, of a CBOR map ‖ the first 4 bytes of its SHA-256>
//! ```
//!
//! Whoever has the ticket asks for trust and [proves](Ticket::prove) that it knows the secret; the request is approved at
//! once. The secret itself never travels, and the proof is good for that one statement.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

use crate::{
    card::{self, Card},
    secret::{self, Fault},
    trust::StatementId,
    wire::{self, cbor},
};

mod id;

pub use id::{ParseTicketIdError, TicketId};

/// What the text of every ticket begins with.
pub const PREFIX: &str = "airway-pair:";

/// Cap of a ticket's bytes: a card of [`card::MAX_BYTES`], and some 70 beside it.
pub const MAX_BYTES: usize = card::MAX_BYTES + 128;

/// Bytes of a ticket's secret: nobody guesses it, and it is used once.
pub const SECRET_BYTES: usize = secret::SECRET_BYTES;

/// Keeps proofs apart from every other use of the secret.
const DOMAIN: &[u8] = b"airway-ticket-v1\0";

/// That the author of a statement knows the secret of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The ticket.
    pub ticket: TicketId,
    /// HMAC-SHA256 under the secret, of a domain and the id of the statement.
    #[serde(with = "serde_bytes")]
    pub proof: [u8; 32],
}

/// A ticket. Its text holds the secret, so that whoever has read it can use it.
#[derive(Clone)]
pub struct Ticket {
    card: Card,
    id: TicketId,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    expires: u64,
}

/// Why a text is not a ticket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not begin with `airway-pair:`.
    #[error("not a ticket: a ticket begins with airway-pair:")]
    NotATicket,
    /// It is a contact card.
    #[error("that is a contact card, not a ticket: a ticket begins with airway-pair:")]
    Card,
    /// It is longer than any ticket is.
    #[error("too long for a ticket")]
    TooLong,
    /// Characters are missing or wrong.
    #[error("the ticket is truncated or altered")]
    Altered,
    /// It was copied as it was made, but does not hold what a ticket holds.
    #[error("the ticket does not hold what a ticket holds")]
    Contents(#[from] cbor::Error),
    /// The card in it is not valid.
    #[error("the card in the ticket is not valid")]
    InvalidCard(#[from] card::Error),
}

/// What the text holds. The order of the fields is their order in it.
#[derive(Serialize, Deserialize)]
struct Contents {
    card: ByteBuf,
    id: TicketId,
    #[serde(with = "serde_bytes")]
    secret: [u8; SECRET_BYTES],
    expires: u64,
}

impl Ticket {
    /// A ticket to the agent of `card`, good until `expires`, in milliseconds since the Unix epoch by that agent's clock.
    #[must_use]
    pub fn new(card: Card, id: TicketId, secret: [u8; SECRET_BYTES], expires: u64) -> Self {
        Self { card, id, secret: Zeroizing::new(secret), expires }
    }

    /// Whom to ask, and where.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// By which the maker knows it again.
    #[must_use]
    pub const fn id(&self) -> TicketId {
        self.id
    }

    /// What the proof proves the knowledge of.
    #[must_use]
    pub fn secret(&self) -> &[u8; SECRET_BYTES] {
        &self.secret
    }

    /// When it ends, in milliseconds since the Unix epoch by its maker's clock.
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.expires
    }

    /// The proof that goes along with a request.
    #[must_use]
    pub fn prove(&self, statement: &StatementId) -> Proof {
        let proof = secret::prove(&self.secret, DOMAIN, &[statement.as_bytes()]);
        Proof { ticket: self.id, proof }
    }
}

/// Whether the author of the statement knew the secret. Takes the same time for every wrong proof.
#[must_use]
pub fn verify(secret: &[u8; SECRET_BYTES], statement: &StatementId, proof: &[u8; 32]) -> bool {
    secret::proves(secret, DOMAIN, &[statement.as_bytes()], proof)
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let card = ByteBuf::from(self.card.as_bytes());
        let contents = Contents { card, id: self.id, secret: *self.secret, expires: self.expires };
        let contents = Zeroizing::new(wire::encode(&contents).map_err(|_| fmt::Error)?);
        secret::write(f, PREFIX, &contents)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("card", &self.card)
            .field("id", &self.id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Blanks around the ticket are allowed: copying leaves them there.
impl FromStr for Ticket {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let contents = secret::read(text, PREFIX, MAX_BYTES).map_err(|fault| match fault {
            Fault::Prefix if text.trim().starts_with(card::PREFIX) => Error::Card,
            Fault::Prefix => Error::NotATicket,
            Fault::TooLong => Error::TooLong,
            Fault::Altered => Error::Altered,
        })?;
        let Contents { card, id, secret, expires } = wire::decode(&contents)?;
        Ok(Self::new(Card::from_bytes(&card)?, id, secret, expires))
    }
}

#[cfg(test)]
mod tests;
