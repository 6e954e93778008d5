//! What a statement's envelope holds, and the rules for it.

use libp2p::identity::ed25519;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Draft, Error, MAX_BYTES};
use crate::{
    agent::AgentId,
    card::Card,
    envelope::{self, Object},
    trust::{Kind, MAX_GENERATION, MAX_TEXT, MAX_TIME, Scopes, StatementId},
};

/// The version of statements that this code writes and reads.
const VERSION: u64 = 1;

/// The signed payload of a statement. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    kind: Kind,
    #[serde(with = "serde_bytes")]
    from: [u8; 32],
    to: AgentId,
    generation: u64,
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<StatementId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes>,
    /// The envelope of a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<ByteBuf>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-trust-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.from
    }
}

/// The contents of a statement after every check but the signature's.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) kind: Kind,
    pub(super) key: ed25519::PublicKey,
    pub(super) to: AgentId,
    pub(super) generation: u64,
    pub(super) at: u64,
    pub(super) text: Option<String>,
    pub(super) answers: Option<StatementId>,
    pub(super) scopes: Option<Scopes>,
    pub(super) card: Option<Card>,
}

impl Body {
    /// What `key` would sign. Checks nothing.
    pub(super) fn new(key: &ed25519::PublicKey, to: &AgentId, draft: Draft) -> Self {
        let Draft { kind, generation, at, text, answers, scopes, card } = draft;
        let card = card.map(|card| ByteBuf::from(card.as_bytes()));
        let from = key.to_bytes();
        Self { version: VERSION, kind, from, to: *to, generation, at, text, answers, scopes, card }
    }

    /// Checks every rule and gives the contents their types.
    pub(super) fn validate(self) -> Result<Contents, Error> {
        self.numbers()?;
        self.parts()?;
        let key = ed25519::PublicKey::try_from_bytes(&self.from).map_err(|_| envelope::Error::NotEd25519)?;
        let card = self.card.map(|envelope| Card::from_bytes(&envelope)).transpose()?;
        if card.as_ref().is_some_and(|card| *card.public_key() != key) {
            return Err(Error::CardOfAnother);
        }
        let Self { kind, to, generation, at, text, answers, scopes, .. } = self;
        Ok(Contents { kind, key, to, generation, at, text, answers, scopes, card })
    }

    fn numbers(&self) -> Result<(), Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.generation > MAX_GENERATION {
            return Err(Error::Generation(self.generation));
        }
        if self.at > MAX_TIME {
            return Err(Error::Time(self.at));
        }
        Ok(())
    }

    /// Which parts a statement of its kind has, and how large they may be.
    fn parts(&self) -> Result<(), Error> {
        if let Some(text) = &self.text
            && text.len() > MAX_TEXT
        {
            return Err(Error::Text { found: text.len() });
        }
        let kind = self.kind;
        match kind {
            Kind::Request if self.answers.is_some() => return Err(Error::AnswersUnexpected),
            Kind::Request if self.card.is_none() => return Err(Error::CardMissing),
            Kind::Accept | Kind::Reject if self.answers.is_none() => return Err(Error::AnswersMissing(kind)),
            Kind::Reject | Kind::Revoke if self.scopes.is_some() => {
                return Err(Error::ScopesUnexpected(kind));
            }
            Kind::Reject | Kind::Revoke if self.card.is_some() => return Err(Error::CardUnexpected(kind)),
            _ => {}
        }
        self.scopes.as_ref().map_or(Ok(()), Scopes::validate)?;
        Ok(())
    }
}
