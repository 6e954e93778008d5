//! Certificates: who is a member of a network, under which address and name, and for what.
//!
//! ```text
//! authority ─► certificate of a member
//!        └───► certificate of an inviter ─► certificate of a member, with the inviter's inside
//! ```
//!
//! The chain ends there: what an inviter signs makes nobody an inviter, gives no role that the inviter does not have, and
//! ends no later than the inviter's own. A certificate proves nothing by itself: whoever shows it has to be the
//! [peer](Certificate::peer) that it names.

use std::fmt;

use libp2p::{
    PeerId,
    identity::{Keypair, PublicKey, ed25519},
};

use crate::{
    address::Address,
    agent::AgentId,
    envelope,
    name::Name,
    network::{CLOCK_SKEW, NetworkId, Realm, Roles},
    revocations::Revocations,
};

mod body;
mod invalid;

use body::{Body, Contents};
pub use invalid::Invalid;

/// Cap of a certificate's envelope, in bytes. One with an inviter's inside and the longest names needs below 950.
pub const MAX_BYTES: usize = 1024;

/// A certificate after every check but those of time and of expulsion, which [`stands`](Self::stands) makes.
#[derive(Clone)]
pub struct Certificate {
    contents: Contents,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// What is to be certified. See [`Certificate`] for the fields.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The key of the member.
    pub member: ed25519::PublicKey,
    /// The one that [`Address::derive`] returned.
    pub nonce: u8,
    /// See [`Certificate::name`].
    pub name: Option<Name>,
    /// See [`Certificate::roles`].
    pub roles: Roles,
    /// See [`Certificate::not_before`].
    pub not_before: u64,
    /// See [`Certificate::expires`].
    pub expires: u64,
    /// See [`Certificate::serial`].
    pub serial: [u8; 16],
}

/// Why a certificate was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a certificate of its own signer.
    #[error("the envelope holds no certificate")]
    Envelope(#[from] envelope::Error),
    /// The certificate is of a version that this code does not know.
    #[error("certificate version {0} is not known, only {known} is", known = body::VERSION)]
    Version(u64),
    /// The certificate is of another network.
    #[error("the certificate is of network {0}")]
    Network(NetworkId),
    /// The network has no authority, and so no certificates.
    #[error("the network has no authority, and so no certificates")]
    NoAuthority,
    /// It brings no inviter's certificate, and was not signed by the authority.
    #[error("the certificate was not signed by the authority of the network")]
    Authority,
    /// The certificate of the inviter, which it brings, is not valid.
    #[error("the certificate of the inviter is not valid")]
    Issuer(#[source] Box<Self>),
    /// The certificate of the inviter was itself signed by an inviter.
    #[error("the certificate of the inviter was not signed by the authority itself")]
    PathTooLong,
    /// It was signed by another key than that of the inviter whose certificate it brings.
    #[error("the certificate was signed by another than the inviter whose certificate it brings")]
    NotTheIssuer,
    /// The issuer is no inviter.
    #[error("the issuer of the certificate is no inviter")]
    NotInviter,
    /// An inviter gives a role that it does not have, or makes another inviter.
    #[error("an inviter cannot grant the roles {0}")]
    Roles(Roles),
    /// It begins after its end, or is valid when its inviter's is not.
    #[error("the certificate is not valid from {not_before} to {expires}")]
    Validity {
        /// Its beginning.
        not_before: u64,
        /// Its end.
        expires: u64,
    },
    /// The key of the member is not a point on the curve, or a [weak](crate::agent::is_weak) one.
    #[error("the key of the member is not an ed25519 key")]
    Key,
    /// The member has no address at exactly this nonce.
    #[error("the member has no address at nonce {0}")]
    Nonce(u8),
}

impl Certificate {
    /// Signs a certificate.
    ///
    /// Without an issuer, `key` is the authority's; else it is the key of the inviter whose certificate `issuer` is.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn sign(realm: &Realm, key: &Keypair, issuer: Option<&Self>, grant: Grant) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(realm, &public, issuer, grant);
        // Validated first, so that a certificate which nobody would take is not signed.
        let contents = body.clone().validate(realm)?;
        Ok(Self { contents, envelope: envelope::seal(&body, key)? })
    }

    /// Verifies the bytes of a certificate of this network.
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

    /// The member.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.contents.agent
    }

    /// The member as a peer.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        PublicKey::from(self.contents.key.clone()).to_peer_id()
    }

    /// The member's key.
    #[must_use]
    pub const fn public_key(&self) -> &ed25519::PublicKey {
        &self.contents.key
    }

    /// The member's address in the network.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.contents.address
    }

    /// The nonce of the address.
    #[must_use]
    pub const fn nonce(&self) -> u8 {
        self.contents.nonce
    }

    /// What the member is called in the network, by the word of whoever signed.
    #[must_use]
    pub const fn name(&self) -> Option<&Name> {
        self.contents.name.as_ref()
    }

    /// What the member may do beyond what every member may.
    #[must_use]
    pub const fn roles(&self) -> Roles {
        self.contents.roles
    }

    /// When it begins, in milliseconds since the Unix epoch by its issuer's clock.
    #[must_use]
    pub const fn not_before(&self) -> u64 {
        self.contents.not_before
    }

    /// When it ends, in milliseconds since the Unix epoch by its issuer's clock: at most
    /// [`MAX_TIME`](crate::trust::MAX_TIME).
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.contents.expires
    }

    /// Drawn at random by its issuer: no two certificates are the same.
    #[must_use]
    pub const fn serial(&self) -> &[u8; 16] {
        &self.contents.serial
    }

    /// The inviter that signed it. `None`: the authority did.
    #[must_use]
    pub const fn issuer(&self) -> Option<AgentId> {
        self.contents.issuer
    }

    /// Whether it makes its member one at `now`, in milliseconds since the Unix epoch, give or take [`CLOCK_SKEW`]. One
    /// that an expelled inviter signed does not.
    ///
    /// # Errors
    ///
    /// [`Invalid`], and of several the one that lasts longest.
    pub fn stands(&self, now: u64, revoked: &Revocations) -> Result<(), Invalid> {
        if revoked.contains(&self.agent()) || self.issuer().is_some_and(|issuer| revoked.contains(&issuer)) {
            return Err(Invalid::Expelled);
        }
        if self.expires().saturating_add(CLOCK_SKEW) <= now {
            return Err(Invalid::Expired);
        }
        if self.not_before() > now.saturating_add(CLOCK_SKEW) {
            return Err(Invalid::NotYet);
        }
        Ok(())
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("agent", &self.agent())
            .field("address", &self.address())
            .field("name", &self.name())
            .field("roles", &self.roles())
            .field("not_before", &self.not_before())
            .field("expires", &self.expires())
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
