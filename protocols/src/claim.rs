//! Claims: what an agent says of itself in the DHT of its network, so that others find it.
//!
//! ```text
//! address ─┐
//! name ────┼─► key in the DHT ─► set of claims ─► card
//! tag ─────┘
//! ```
//!
//! A claim is signed and holds the agent's card. In a mesh it brings the certificate too, so that no outsider can claim
//! anything; elsewhere everybody can claim any name and any tag, and who is patient any address. So a key has a
//! [set] of claims, a reader sees all who claim it, and none of it allows anything to anybody.
//!
//! A claim is withdrawn by a later one [without addresses](Claim::is_withdrawn), which replaces it wherever it is known.

use std::fmt;

use libp2p::identity::Keypair;

use crate::{
    address::Address,
    agent::AgentId,
    card::{self, Card},
    certificate::{self, Certificate, Invalid},
    envelope,
    network::{CLOCK_SKEW, NetworkId, Realm},
    revocations::Revocations,
    tag::{MAX_TAGS, Tag},
};

mod body;
pub mod fetch;
mod key;
pub mod set;

use body::{Body, Contents};
pub use key::{Key, KeyKind};

/// Cap of a claim's envelope, in bytes: four with their lengths are as much as a [set](set::MAX_VALUE) holds. One with the
/// largest card and certificate needs below 2,800.
pub const MAX_BYTES: usize = 3_070;

/// Longest life of a claim, in milliseconds: 48 hours. An agent that lives renews it.
pub const LIFE: u64 = 48 * 60 * 60 * 1000;

/// A claim after every check but those of time and of expulsion, which [`stands`](Self::stands) makes.
#[derive(Clone)]
pub struct Claim {
    contents: Contents,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// What is to be claimed. See [`Claim`] for the fields.
#[derive(Debug, Clone, Copy)]
pub struct ClaimDraft<'a> {
    /// See [`Claim::card`]. The name on it is claimed, too.
    pub card: &'a Card,
    /// See [`Claim::tags`].
    pub tags: &'a [Tag],
    /// See [`Claim::issued`].
    pub issued: u64,
    /// See [`Claim::expires`].
    pub expires: u64,
    /// See [`Claim::certificate`].
    pub certificate: Option<&'a Certificate>,
}

/// Why a claim was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a claim of its own signer.
    #[error("the envelope holds no claim")]
    Envelope(#[from] envelope::Error),
    /// The claim is of a version that this code does not know.
    #[error("claim version {0} is not known, only {known} is", known = body::VERSION)]
    Version(u64),
    /// The claim is of another network.
    #[error("the claim is of network {0}")]
    Network(NetworkId),
    /// The card in it is not valid.
    #[error("the card in the claim is not valid")]
    Card(#[from] card::Error),
    /// The certificate in it is not valid in the network.
    #[error("the certificate in the claim is not valid")]
    Certificate(#[from] certificate::Error),
    /// The network has an authority, and there is no certificate.
    #[error("a claim in this network has to bring a certificate")]
    CertificateMissing,
    /// The network has no authority, and there is a certificate.
    #[error("a claim in this network has no certificate")]
    CertificateUnexpected,
    /// The card or the certificate is not the signer's.
    #[error("the card or the certificate in the claim is another agent's")]
    OfAnother,
    /// The address on the card is not the certified one, or not one of the network.
    #[error("the agent does not have the address {0} in this network")]
    Address(Address),
    /// The name on the card is not the certified one.
    #[error("the name on the card is not the certified one")]
    Name,
    /// There are more tags than [`MAX_TAGS`].
    #[error("{found} tags are over the limit of {max}", max = MAX_TAGS)]
    TagCount {
        /// Tags that were given.
        found: usize,
    },
    /// A tag stands twice.
    #[error("the tag {0} stands twice")]
    TagTwice(Tag),
    /// The card has no addresses, and yet there is a name or a tag.
    #[error("a claim without addresses has neither name nor tags")]
    Unreachable,
    /// It ends before it begins, or after more than [`LIFE`].
    #[error("a claim is not valid from {issued} to {expires}")]
    Validity {
        /// Its beginning.
        issued: u64,
        /// Its end.
        expires: u64,
    },
}

impl Claim {
    /// Signs a claim.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn sign(realm: &Realm, key: &Keypair, draft: ClaimDraft<'_>) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(realm, &public, &draft);
        // Validated first, so that a claim which nobody would take is not signed.
        let contents = body.clone().validate(realm)?;
        Ok(Self { contents, envelope: envelope::seal(&body, key)? })
    }

    /// Verifies the bytes of a claim of this network.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(bytes: &[u8], realm: &Realm) -> Result<Self, Error> {
        let contents = envelope::open::<Body>(bytes)?.validate(realm)?;
        Ok(Self { contents, envelope: bytes.to_vec() })
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// Who claims.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.card().agent_id()
    }

    /// Where the agent is. It has a name only if the agent wants to be found by it.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.contents.card
    }

    /// The address that is claimed.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.card().address()
    }

    /// What the agent says that it can do, at most [`MAX_TAGS`].
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.contents.tags
    }

    /// When it was signed, in milliseconds since the Unix epoch by the agent's clock. It grows with each claim of one agent:
    /// the newer one counts.
    #[must_use]
    pub const fn issued(&self) -> u64 {
        self.contents.issued
    }

    /// When it ends, by the agent's clock, at most [`LIFE`] later.
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.contents.expires
    }

    /// By what right the agent is in the network. `None` where it has no authority.
    #[must_use]
    pub const fn certificate(&self) -> Option<&Certificate> {
        self.contents.certificate.as_ref()
    }

    /// Whether it takes back what the agent claimed before: the agent can be reached nowhere.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.card().addresses().is_empty()
    }

    /// Where it belongs in the DHT. For a withdrawn one that is the address alone, but see
    /// [`belongs_at`](Self::belongs_at).
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let address = Key::Address(self.address().node());
        let name = self.card().name().cloned().map(Key::Name);
        let tags = self.tags().iter().cloned().map(Key::Tag);
        [address].into_iter().chain(name).chain(tags).collect()
    }

    /// Whether it may be stored at this key of the DHT. A withdrawn one may at every key of claims, since it does not say
    /// what it takes back; [`set::merge`] takes it in only where an earlier claim of its agent is.
    #[must_use]
    pub fn belongs_at(&self, key: &[u8]) -> bool {
        let network = self.contents.network;
        match KeyKind::of(key) {
            None => false,
            Some(KeyKind::Name | KeyKind::Tag) if self.is_withdrawn() => true,
            Some(_) => self.keys().iter().any(|own| own.bytes(&network) == key),
        }
    }

    /// Whether it says something at `now`, in milliseconds since the Unix epoch. It may come from a clock that is
    /// [`CLOCK_SKEW`] ahead.
    ///
    /// # Errors
    ///
    /// [`Invalid`]; first what is wrong with the certificate.
    pub fn stands(&self, now: u64, revoked: &Revocations) -> Result<(), Invalid> {
        if let Some(certificate) = self.certificate() {
            certificate.stands(now, revoked)?;
        }
        if self.expires() <= now {
            return Err(Invalid::Expired);
        }
        if self.issued() > now.saturating_add(CLOCK_SKEW) {
            return Err(Invalid::NotYet);
        }
        Ok(())
    }
}

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl Eq for Claim {}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("card", self.card())
            .field("tags", &self.tags())
            .field("issued", &self.issued())
            .field("expires", &self.expires())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
