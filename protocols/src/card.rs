//! Contact cards: the string that an owner hands out so that somebody can reach the agent and knows that it is the one.
//!
//! ```text
//! airway:<base64url, no padding, of a signed envelope>
//! ```
//!
//! The envelope holds the public key, the network, the nonce of the address, an optional name and up to eight multiaddrs.
//! The address itself is derived, never carried, so that no card can claim another's. A card does not expire: its key
//! is good for life, its multiaddrs are hints.

use std::{fmt, str::FromStr};

use data_encoding::BASE64URL_NOPAD as BASE64URL;
use libp2p::{Multiaddr, PeerId, identity};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    address::{Address, Endpoint},
    agent::AgentId,
    envelope,
    name::Name,
};

mod body;

use body::Body;
pub use body::InvalidBody;

/// What the text of every card begins with.
pub const PREFIX: &str = "airway:";

/// Cap of a card's envelope, in bytes. Eight multiaddrs of full length, name and signature need below 1,400.
pub const MAX_BYTES: usize = 2_048;

/// Multiaddrs on a card: more would only make it harder to copy.
pub const MAX_ADDRESSES: usize = 8;

/// Cap of one multiaddr, in bytes. One through a relay with a DNS name takes about 100.
pub const MAX_ADDRESS_BYTES: usize = 128;

/// A contact card whose signature has been verified.
///
/// Serialised as its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    key: identity::ed25519::PublicKey,
    agent: AgentId,
    address: Address,
    name: Option<Name>,
    addresses: Vec<Multiaddr>,
    /// As received or signed: another encoding of the same contents would be another card.
    envelope: Vec<u8>,
}

/// Why a card was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not begin with `airway:`.
    #[error("not a card: a card begins with airway:")]
    NotACard,
    /// The card is longer than any card is.
    #[error("too long for a card")]
    TooLong,
    /// Characters are missing or wrong.
    #[error("the card is truncated or altered")]
    Altered,
    /// The contents are not what the owner signed.
    #[error("the card has a bad signature")]
    Signature,
    /// The envelope is intact, but does not hold a card, or not one of its own signer.
    #[error("the envelope does not hold a card")]
    Envelope(#[source] envelope::Error),
    /// The contents break a rule for cards.
    #[error(transparent)]
    Body(#[from] InvalidBody),
}

impl From<envelope::Error> for Error {
    fn from(error: envelope::Error) -> Self {
        match error {
            envelope::Error::TooLarge { .. } => Self::TooLong,
            envelope::Error::Malformed(_) | envelope::Error::NotCanonical => Self::Altered,
            envelope::Error::Signature => Self::Signature,
            other => Self::Envelope(other),
        }
    }
}

impl Card {
    /// Signs a card for the agent whose first key is `key`.
    ///
    /// `nonce` is the one that [`Address::derive`] returned. A trailing `/p2p/<own id>` is taken off `addresses`.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] if `key` is not an Ed25519 key, [`Error::Body`] if the nonce gives no address or the addresses
    /// break a limit.
    pub fn sign(
        key: &identity::Keypair,
        network: u16,
        nonce: u8,
        name: Option<Name>,
        addresses: &[Multiaddr],
    ) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(&public, network, nonce, name, addresses);
        // Validated first, so that a card which nobody could read is not signed.
        let contents = body.clone().validate()?;
        Ok(contents.into_card(envelope::seal(&body, key)?))
    }

    /// Verifies the bytes of a card.
    ///
    /// # Errors
    ///
    /// Every [`Error`] but [`Error::NotACard`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let contents = envelope::open::<Body>(bytes)?.validate()?;
        Ok(contents.into_card(bytes.to_vec()))
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// The agent's first public key.
    #[must_use]
    pub const fn public_key(&self) -> &identity::ed25519::PublicKey {
        &self.key
    }

    /// The peer to dial.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        identity::PublicKey::from(self.key.clone()).to_peer_id()
    }

    /// The agent, for life.
    #[must_use]
    pub const fn agent_id(&self) -> AgentId {
        self.agent
    }

    /// The agent's address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Address and fingerprint, as people copy them.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address, &self.agent)
    }

    /// The name that the agent gives itself: a hint.
    #[must_use]
    pub const fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// Where the agent was reachable when it signed, without its own `/p2p` at the end.
    #[must_use]
    pub fn addresses(&self) -> &[Multiaddr] {
        &self.addresses
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE64URL.encode_display(&self.envelope))
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("endpoint", &self.endpoint())
            .field("name", &self.name)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// Blanks around the card are allowed: copying leaves them there.
impl FromStr for Card {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(Error::NotACard)?;
        if encoded.len() > BASE64URL.encode_len(MAX_BYTES) {
            return Err(Error::TooLong);
        }
        let bytes = BASE64URL.decode(encoded.as_bytes()).map_err(|_| Error::Altered)?;
        Self::from_bytes(&bytes)
    }
}

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests;
