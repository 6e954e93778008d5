//! Statements: what one agent says to another about trust, signed.

use std::fmt;

use libp2p::{
    PeerId,
    identity::{Keypair, PublicKey, ed25519},
};

use super::{Kind, MAX_AHEAD, MAX_GENERATION, MAX_TEXT, Scopes, StatementId, scopes::InvalidScopes};
use crate::{
    agent::AgentId,
    card::{self, Card},
    envelope,
};

mod body;

use body::{Body, Contents};

/// Cap of a statement's envelope, in bytes: a card of [`card::MAX_BYTES`], a text of [`MAX_TEXT`], scopes with as many and
/// as long patterns as there may be (about 4,450) and some 350 beside them.
pub const MAX_BYTES: usize = 7_936;

/// A statement after every check that needs no context: the signature, and the rules of its kind.
///
/// The receiver has two more: that it [is to](Self::to) itself, and that the [author](Self::peer_id) is the peer that it
/// came from.
#[derive(Clone)]
pub struct Statement {
    id: StatementId,
    contents: Contents,
    /// As received or signed: another encoding of the same contents would be another statement.
    envelope: Vec<u8>,
}

/// What is to be said, before it is signed. See [`Statement`] for the fields.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What is said.
    pub kind: Kind,
    /// See [`Statement::generation`].
    pub generation: u64,
    /// See [`Statement::at`].
    pub at: u64,
    /// See [`Statement::text`].
    pub text: Option<String>,
    /// See [`Statement::answers`]. An accept and a reject have it, a revoke may, a request has none.
    pub answers: Option<StatementId>,
    /// See [`Statement::scopes`]. A request and an accept may have them.
    pub scopes: Option<Scopes>,
    /// See [`Statement::card`]. A request has it, and an accept may.
    pub card: Option<Card>,
}

/// Why a statement was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a statement of its own signer.
    #[error("the envelope holds no statement")]
    Envelope(#[from] envelope::Error),
    /// The statement is of a version that this code does not know.
    #[error("statement version {0} is not known, only 1 is")]
    Version(u64),
    /// The generation is over [`MAX_GENERATION`].
    #[error("generation {0} is over the limit of {max}", max = MAX_GENERATION)]
    Generation(u64),
    /// The time is over [`MAX_TIME`](super::MAX_TIME).
    #[error("{0} is no time")]
    Time(u64),
    /// The text is longer than [`MAX_TEXT`].
    #[error("a text of {found} bytes is over the limit of {max}", max = MAX_TEXT)]
    Text {
        /// Bytes of the text.
        found: usize,
    },
    /// An accept or a reject names no request.
    #[error("a statement of kind {0:?} has to name the request that it answers")]
    AnswersMissing(Kind),
    /// A request names another one.
    #[error("a request answers nothing")]
    AnswersUnexpected,
    /// A reject or a revoke has scopes.
    #[error("a statement of kind {0:?} has no scopes")]
    ScopesUnexpected(Kind),
    /// The scopes break a rule.
    #[error("the scopes break a rule")]
    Scopes(#[from] InvalidScopes),
    /// A request has no card.
    #[error("a request has to bring a card")]
    CardMissing,
    /// A reject or a revoke has a card.
    #[error("a statement of kind {0:?} has no card")]
    CardUnexpected(Kind),
    /// The card is not valid.
    #[error("the card in the statement is not valid")]
    Card(#[from] card::Error),
    /// The card is not the author's.
    #[error("the card in the statement is another agent's")]
    CardOfAnother,
}

impl Statement {
    /// Signs a statement to the agent `to`.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn sign(key: &Keypair, to: &AgentId, draft: Draft) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(&public, to, draft);
        // Validated first, so that a statement which nobody could read is not signed.
        let contents = body.clone().validate()?;
        Ok(Self::new(contents, envelope::seal(&body, key)?))
    }

    /// Verifies the bytes of a statement.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(envelope: &[u8]) -> Result<Self, Error> {
        let contents = envelope::open::<Body>(envelope)?.validate()?;
        Ok(Self::new(contents, envelope.to_vec()))
    }

    fn new(contents: Contents, envelope: Vec<u8>) -> Self {
        Self { id: StatementId::of(&envelope), contents, envelope }
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// The hash by which others name it.
    #[must_use]
    pub const fn id(&self) -> StatementId {
        self.id
    }

    /// What is said.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.contents.kind
    }

    /// The author's key.
    #[must_use]
    pub const fn key(&self) -> &ed25519::PublicKey {
        &self.contents.key
    }

    /// The author as a peer.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        PublicKey::from(self.contents.key.clone()).to_peer_id()
    }

    /// The author.
    #[must_use]
    pub fn agent_id(&self) -> AgentId {
        AgentId::of(&self.contents.key)
    }

    /// The agent that it is said to.
    #[must_use]
    pub const fn to(&self) -> AgentId {
        self.contents.to
    }

    /// Which round between the two it belongs to, at most [`MAX_GENERATION`]. See [`Relation`](super::Relation).
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.contents.generation
    }

    /// When it was signed, in milliseconds since the Unix epoch by the author's clock, at most
    /// [`MAX_TIME`](super::MAX_TIME). It grows with each statement of one author to one agent.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.contents.at
    }

    /// Whether it was signed more than [`MAX_AHEAD`] after `now`, by the reader's clock. The reader refuses it then: heard,
    /// it would make all that its author says until that time count as older.
    #[must_use]
    pub const fn is_ahead(&self, now: u64) -> bool {
        self.at() > now.saturating_add(MAX_AHEAD)
    }

    /// Why, in the author's words, as signed: at most [`MAX_TEXT`] bytes of hostile text, to be shown
    /// [clean](crate::hidden::clean).
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.contents.text.as_deref()
    }

    /// The request that this accepts, rejects, or takes back.
    #[must_use]
    pub const fn answers(&self) -> Option<StatementId> {
        self.contents.answers
    }

    /// What the author lets the other do, on a request and an accept. None means [everything](Scopes::everything).
    #[must_use]
    pub const fn scopes(&self) -> Option<&Scopes> {
        self.contents.scopes.as_ref()
    }

    /// The author's card.
    #[must_use]
    pub const fn card(&self) -> Option<&Card> {
        self.contents.card.as_ref()
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl Eq for Statement {}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .field("from", &self.agent_id())
            .field("to", &self.to())
            .field("generation", &self.generation())
            .field("at", &self.at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
