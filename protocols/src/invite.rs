//! Invites: a string by which an agent joins a private mesh.
//!
//! ```text
//! airway-net:<base64url, no padding, of a signed envelope ‖ the secret ‖ the first 4 bytes of the SHA-256 of both>
//! ```
//!
//! The envelope is signed by an inviter, and says what the network is, who the inviter is and by what right, and where to
//! reach it. Whoever has the invite [proves](Invite::prove) to the inviter that it knows the secret, and is
//! [taken in](crate::join). The secret itself never travels, and the proof is good for one joiner.

use std::{fmt, str::FromStr};

use libp2p::{
    Multiaddr,
    identity::{Keypair, ed25519},
};
use zeroize::Zeroizing;

use crate::{
    card::{self, Card},
    certificate::{self, Certificate},
    envelope,
    network::{self, Genesis, InvalidGenesis, NetworkId, Realm, Roles},
    secret::{self, Fault},
    ticket,
};

mod body;
mod id;

use body::{Body, Contents};
pub use id::{InviteId, ParseInviteIdError};

/// What the text of every invite begins with.
pub const PREFIX: &str = "airway-net:";

/// Bytes of an invite's secret: nobody guesses it.
pub const SECRET_BYTES: usize = secret::SECRET_BYTES;

/// Bootstraps of one invite: more would only make it harder to copy.
pub const MAX_BOOTSTRAPS: usize = 4;

/// Cap of the multiaddr of a bootstrap, in bytes: one of a card, with a peer id behind it.
pub const MAX_BOOTSTRAP_BYTES: usize = card::MAX_ADDRESS_BYTES + 41;

/// Cap of the envelope, in bytes: what it holds, and some 400 beside.
const MAX_ENVELOPE: usize = network::MAX_BYTES
    + card::MAX_BYTES
    + certificate::MAX_BYTES
    + MAX_BOOTSTRAPS * (MAX_BOOTSTRAP_BYTES + 2)
    + 512;

/// Cap of an invite's bytes: the envelope, the secret and the digits.
pub const MAX_BYTES: usize = MAX_ENVELOPE + SECRET_BYTES + 4;

/// Keeps proofs apart from every other use of the secret.
const DOMAIN: &[u8] = b"airway-join-v1\0";

/// An invite whose signatures have been verified. Its text holds the secret, so that whoever has read it can use it.
#[derive(Clone)]
pub struct Invite {
    contents: Contents,
    envelope: Vec<u8>,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

/// What an invite is to say, before it is signed. See [`Invite`] for the fields.
#[derive(Clone, Copy)]
pub struct InviteDraft<'a> {
    /// See [`Invite::genesis`].
    pub genesis: &'a Genesis,
    /// See [`Invite::inviter`].
    pub card: &'a Card,
    /// See [`Invite::certificate`].
    pub certificate: &'a Certificate,
    /// See [`Invite::id`].
    pub id: InviteId,
    /// Drawn at random.
    pub secret: [u8; SECRET_BYTES],
    /// See [`Invite::expires`].
    pub expires: u64,
    /// See [`Invite::roles`].
    pub roles: Roles,
    /// See [`Invite::reusable`].
    pub reusable: bool,
    /// See [`Invite::ephemeral`].
    pub ephemeral: bool,
    /// See [`Invite::bootstraps`].
    pub bootstraps: &'a [Multiaddr],
}

/// Why an invite was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not begin with `airway-net:`.
    #[error("not an invite: an invite begins with airway-net:")]
    NotAnInvite,
    /// It is a contact card.
    #[error("that is a contact card, not an invite: an invite begins with airway-net:")]
    Card,
    /// It is a ticket.
    #[error("that is a ticket, not an invite: an invite begins with airway-net:")]
    Ticket,
    /// It is longer than any invite is.
    #[error("too long for an invite")]
    TooLong,
    /// Characters are missing or wrong.
    #[error("the invite is truncated or altered")]
    Altered,
    /// It was copied as it was made, but the envelope in it holds no invite of its own signer.
    #[error("the envelope in the invite is not valid")]
    Envelope(#[from] envelope::Error),
    /// It is of a version that this code does not know.
    #[error("invite version {0} is not known, only {known} is", known = body::VERSION)]
    Version(u64),
    /// Its end is over [`MAX_TIME`](crate::trust::MAX_TIME).
    #[error("{0} is no time")]
    Time(u64),
    /// The genesis in it is not valid.
    #[error("the genesis in the invite is not valid")]
    Genesis(#[from] InvalidGenesis),
    /// The card in it is not valid.
    #[error("the card in the invite is not valid")]
    InvalidCard(#[from] card::Error),
    /// The certificate in it is not valid in the network.
    #[error("the certificate in the invite is not valid")]
    Certificate(#[from] certificate::Error),
    /// The card or the certificate is not the signer's.
    #[error("the card or the certificate in the invite is another agent's")]
    OfAnother,
    /// The signer may not issue certificates.
    #[error("the invite was signed by a member that is no inviter")]
    NotInviter,
    /// The card and the certificate of the inviter have different addresses.
    #[error("the card and the certificate in the invite have different addresses")]
    Address,
    /// There are more bootstraps than [`MAX_BOOTSTRAPS`].
    #[error("{found} bootstraps in an invite are over the limit of {max}", max = MAX_BOOTSTRAPS)]
    BootstrapCount {
        /// Bootstraps that were given.
        found: usize,
    },
    /// A bootstrap is no multiaddr, is over [`MAX_BOOTSTRAP_BYTES`], or does not end in `/p2p`.
    #[error("a bootstrap in the invite is no multiaddr that ends in /p2p")]
    Bootstrap,
}

impl Invite {
    /// Signs an invite with the key of the inviter.
    ///
    /// # Errors
    ///
    /// Every rule that reading would find broken, and [`envelope::Error::NotEd25519`] for a key of another type.
    pub fn sign(key: &Keypair, draft: InviteDraft<'_>) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(&public, &draft);
        // Validated first, so that an invite which nobody could read is not signed.
        let contents = body.clone().validate()?;
        let envelope = envelope::seal(&body, key)?;
        Ok(Self { contents, envelope, secret: Zeroizing::new(draft.secret) })
    }

    /// How the network began.
    #[must_use]
    pub const fn genesis(&self) -> &Genesis {
        &self.contents.genesis
    }

    /// The network as its protocols see it.
    #[must_use]
    pub const fn realm(&self) -> &Realm {
        &self.contents.realm
    }

    /// Whom to ask, and where.
    #[must_use]
    pub const fn inviter(&self) -> &Card {
        &self.contents.card
    }

    /// By what right the inviter invites.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.contents.certificate
    }

    /// By which the inviter knows it again.
    #[must_use]
    pub const fn id(&self) -> InviteId {
        self.contents.id
    }

    /// When it ends, in milliseconds since the Unix epoch by the inviter's clock.
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.contents.expires
    }

    /// What who joins by it may do. What holds is what its certificate will say.
    #[must_use]
    pub const fn roles(&self) -> Roles {
        self.contents.roles
    }

    /// Whether more than one agent may join by it.
    #[must_use]
    pub const fn reusable(&self) -> bool {
        self.contents.reusable
    }

    /// Whether who joins by it leaves when it stops.
    #[must_use]
    pub const fn ephemeral(&self) -> bool {
        self.contents.ephemeral
    }

    /// Members to begin with beside the inviter, each with its peer id at the end.
    #[must_use]
    pub fn bootstraps(&self) -> &[Multiaddr] {
        &self.contents.bootstraps
    }

    /// The proof that goes along with the request of the agent with this key.
    #[must_use]
    pub fn prove(&self, joiner: &ed25519::PublicKey) -> [u8; 32] {
        let network = self.realm().id();
        secret::prove(&self.secret, DOMAIN, &[network.as_bytes(), self.id().as_bytes(), &joiner.to_bytes()])
    }
}

/// Whether the agent with this key knew the secret of the invite. Takes the same time for every wrong proof.
#[must_use]
pub fn proves(
    secret: &[u8; SECRET_BYTES],
    network: &NetworkId,
    id: &InviteId,
    joiner: &ed25519::PublicKey,
    proof: &[u8; 32],
) -> bool {
    secret::proves(secret, DOMAIN, &[network.as_bytes(), id.as_bytes(), &joiner.to_bytes()], proof)
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents = Zeroizing::new([&self.envelope[..], &self.secret[..]].concat());
        secret::write(f, PREFIX, &contents)
    }
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite")
            .field("genesis", self.genesis())
            .field("inviter", self.inviter())
            .field("id", &self.id())
            .field("expires", &self.expires())
            .field("roles", &self.roles())
            .field("reusable", &self.reusable())
            .field("ephemeral", &self.ephemeral())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for InviteDraft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteDraft")
            .field("genesis", self.genesis)
            .field("id", &self.id)
            .field("expires", &self.expires)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// Blanks around the invite are allowed: copying leaves them there.
impl FromStr for Invite {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let contents = secret::read(text, PREFIX, MAX_BYTES).map_err(|fault| match fault {
            Fault::Prefix if text.trim().starts_with(card::PREFIX) => Error::Card,
            Fault::Prefix if text.trim().starts_with(ticket::PREFIX) => Error::Ticket,
            Fault::Prefix => Error::NotAnInvite,
            Fault::TooLong => Error::TooLong,
            Fault::Altered => Error::Altered,
        })?;
        let (envelope, secret) = contents.split_last_chunk::<SECRET_BYTES>().ok_or(Error::Altered)?;
        let contents = envelope::open::<Body>(envelope)?.validate()?;
        Ok(Self { contents, envelope: envelope.to_vec(), secret: Zeroizing::new(*secret) })
    }
}

#[cfg(test)]
mod tests;
