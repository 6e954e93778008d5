//! Broadcasts: what a member says to all members of its network, over gossipsub.
//!
//! ```text
//! author ─► envelope ─► gossipsub ─► member ─► … ─► member
//!                                      └─ verifies before it forwards, and takes each (epoch, seq) once
//! ```
//!
//! All topics of a network share [one of gossipsub's](crate::network::Realm::events_topic), under [one protocol
//! id](crate::network::Realm::meshsub); a receiver picks by its patterns. A broadcast is self-contained: it names its network
//! and brings its author's certificate, so that nobody has to know the author. Gossipsub itself signs nothing.
//!
//! Its id is a hash of [all its bytes](message_id). An id of author and number alone would let a forgery that is sent ahead
//! suppress the original; so would one that leaves out the signature.

use std::fmt;

use libp2p::{PeerId, identity::Keypair};
use sha2::{Digest, Sha256};

use super::{Invalid, Position, Topic};
use crate::{
    agent::AgentId,
    certificate::{self, Certificate},
    envelope,
    network::NetworkId,
};

mod body;
mod window;

use body::{Body, Contents};
pub use window::{WINDOW, Window};

/// Cap of a broadcast's envelope, in bytes: gossipsub's frames have 64 KiB. One with the largest topic, payload and
/// certificate needs below 63,000.
pub const MAX_BYTES: usize = 64_512;

/// Cap of one of gossipsub's frames, in bytes, for all members alike.
pub const MAX_TRANSMIT: usize = 64 * 1024;

/// Bytes of a message id.
pub const ID_BYTES: usize = 20;

/// Keeps this hash apart from every other one.
const ID_DOMAIN: &[u8] = b"airway-mid-v1\0";

/// A broadcast after every check but those of time, of expulsion, and of having had it before.
#[derive(Clone)]
pub struct Broadcast {
    contents: Contents,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// Why a broadcast was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a broadcast of its own signer.
    #[error("the envelope holds no broadcast")]
    Envelope(#[from] envelope::Error),
    /// The broadcast is of a version that this code does not know.
    #[error("broadcast version {0} is not known, only {known} is", known = body::VERSION)]
    Version(u64),
    /// The broadcast is of another network.
    #[error("the broadcast is of network {0}")]
    Network(NetworkId),
    /// The payload is too large.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The certificate is not valid in the network.
    #[error("the certificate in the broadcast is not valid")]
    Certificate(#[from] certificate::Error),
    /// The certificate is not the signer's.
    #[error("the certificate in the broadcast is another member's")]
    OfAnother,
}

impl Broadcast {
    /// Signs a broadcast. `key` is the one that the certificate is for.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too large a payload, [`Error::OfAnother`] for another's certificate, and
    /// [`envelope::Error::NotEd25519`] for a key of another type.
    pub fn sign(
        key: &Keypair,
        network: NetworkId,
        topic: Topic,
        position: Position,
        at: u64,
        payload: Vec<u8>,
        certificate: &Certificate,
    ) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(network, &public, topic, position, at, payload, certificate);
        // Validated first, so that a broadcast which nobody would forward is not signed.
        let certificate = body.certified(&network, |_| Ok(certificate.clone()))?;
        let envelope = envelope::seal(&body, key)?;
        Ok(Self { contents: body.with(certificate), envelope })
    }

    /// Verifies the bytes of a broadcast of this network. `certify` verifies those of a certificate: by
    /// [`Certificate::from_bytes`], or by what it knows of certificates that it has verified. It is asked last.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule: whoever forwarded the bytes has not verified them.
    pub fn from_bytes(
        bytes: &[u8],
        network: &NetworkId,
        certify: impl FnOnce(&[u8]) -> Result<Certificate, certificate::Error>,
    ) -> Result<Self, Error> {
        let body = envelope::open::<Body>(bytes)?;
        let certificate = body.certified(network, certify)?;
        Ok(Self { contents: body.with(certificate), envelope: bytes.to_vec() })
    }

    /// The signed envelope, which is what gossipsub carries.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// The id that gossipsub has for it.
    #[must_use]
    pub fn id(&self) -> [u8; ID_BYTES] {
        message_id(&self.envelope)
    }

    /// What it is about.
    #[must_use]
    pub const fn topic(&self) -> &Topic {
        &self.contents.topic
    }

    /// Its place among the author's broadcasts.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.contents.position
    }

    /// When it was signed, in milliseconds since the Unix epoch by the author's clock.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.contents.at
    }

    /// At most [`MAX_PAYLOAD`](super::MAX_PAYLOAD) bytes of anything.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.contents.payload
    }

    /// The author.
    #[must_use]
    pub const fn publisher(&self) -> AgentId {
        self.contents.certificate.agent()
    }

    /// The author as a peer.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        self.contents.certificate.peer()
    }

    /// By what right the author is in the network. Whether it still [stands](Certificate::stands) is not checked.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.contents.certificate
    }
}

/// The id that gossipsub has for a message with this data: a hash of all of it, so that no other bytes have the same.
#[must_use]
pub fn message_id(data: &[u8]) -> [u8; ID_BYTES] {
    let hash: [u8; 32] = Sha256::new().chain_update(ID_DOMAIN).chain_update(data).finalize().into();
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&hash[..ID_BYTES]);
    id
}

impl PartialEq for Broadcast {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl Eq for Broadcast {}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast")
            .field("publisher", &self.publisher())
            .field("topic", self.topic())
            .field("position", &self.position())
            .field("at", &self.at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
