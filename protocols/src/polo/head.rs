//! Heads: how far the chains of an agent go, by its own word.

use std::fmt;

use libp2p::identity::{Keypair, ed25519};
use serde::{Deserialize, Serialize};

use super::{MAX_NUMBER, Pair, ReceiptHash};
use crate::{
    agent::AgentId,
    envelope::{self, Object},
};

/// Most pairs of one head. Whoever has worked with more agents names them one by one: see [`Head::with`].
pub const MAX_PAIRS: usize = 4_096;

/// Cap of a head's envelope, in bytes: 144 for each pair, and 512 beside them.
pub const MAX_BYTES: usize = MAX_PAIRS * 144 + 512;

/// The version of heads that this code writes and reads.
const VERSION: u64 = 1;

/// What an agent says that its chains are, after every check that needs no context.
///
/// It costs nothing to leave a pair out or to name an early end, but the other of the pair has the same chain, and may
/// say so.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    body: Body,
    agent: AgentId,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Who asked.
    pub requester: AgentId,
    /// Who worked.
    pub worker: AgentId,
    /// The number of the last receipt.
    pub seq: u64,
    /// Its hash.
    pub hash: ReceiptHash,
}

/// Why a head was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a head of its own signer.
    #[error("the envelope holds no head")]
    Envelope(#[from] envelope::Error),
    /// The head is of a version that this code does not know.
    #[error("head version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// A number is over [`MAX_NUMBER`], or a chain ends before its first receipt.
    #[error("{0} is no number that a head may have")]
    Number(u64),
    /// There are more than [`MAX_PAIRS`].
    #[error("{0} pairs are over the limit of {max}", max = MAX_PAIRS)]
    Pairs(usize),
    /// Pairs do not ascend, by requester and then by worker.
    #[error("the pairs of a head ascend, and none is there twice")]
    Order,
    /// A pair is not of the signer, or not with the one agent that the head is about.
    #[error("a head names a pair that it is not about")]
    Foreign,
}

impl Tip {
    /// Whose chain it is.
    #[must_use]
    pub const fn pair(&self) -> Pair {
        Pair { requester: self.requester, worker: self.worker }
    }
}

impl Head {
    /// Signs a head. `tips` may stand in any order; `with` says that it is about chains with that agent alone.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn sign(key: &Keypair, mut tips: Vec<Tip>, with: Option<AgentId>, at: u64) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        tips.sort_by_key(Tip::pair);
        let body = Body { version: VERSION, agent: public.to_bytes(), pairs: tips, with, at };
        // Validated first, so that a head which nobody could read is not signed.
        let agent = body.validate()?;
        let envelope = envelope::seal(&body, key)?;
        Ok(Self { body, agent, envelope })
    }

    /// Verifies the bytes of a head.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(envelope: &[u8]) -> Result<Self, Error> {
        let body = envelope::open::<Body>(envelope)?;
        let agent = body.validate()?;
        Ok(Self { body, agent, envelope: envelope.to_vec() })
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// Whose chains these are.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// The ends of its chains, ascending by requester and then by worker.
    #[must_use]
    pub fn tips(&self) -> &[Tip] {
        &self.body.pairs
    }

    /// The one agent whose chains with it these are. `None`: these are all.
    #[must_use]
    pub const fn with(&self) -> Option<AgentId> {
        self.body.with
    }

    /// When it was signed, in milliseconds since the Unix epoch by the signer's clock.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.body.at
    }

    /// Whether it says something of this pair: that its chain ends somewhere, or that there is none.
    #[must_use]
    pub fn is_about(&self, pair: &Pair) -> bool {
        is_between(pair, &self.agent, self.body.with.as_ref())
    }

    /// Where it says that the chain of this pair ends.
    #[must_use]
    pub fn tip(&self, pair: &Pair) -> Option<&Tip> {
        let tips = &self.body.pairs;
        tips.binary_search_by_key(pair, Tip::pair).ok().map(|at| &tips[at])
    }
}

/// Whether the pair is of this agent, and with that one.
fn is_between(pair: &Pair, agent: &AgentId, with: Option<&AgentId>) -> bool {
    let other = match agent {
        agent if *agent == pair.requester => pair.worker,
        agent if *agent == pair.worker => pair.requester,
        _ => return false,
    };
    other != *agent && with.is_none_or(|with| *with == other)
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("agent", &self.agent)
            .field("tips", &self.body.pairs.len())
            .field("with", &self.body.with)
            .field("at", &self.body.at)
            .finish_non_exhaustive()
    }
}

/// The signed payload of a head. The order of the fields is their order on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    version: u64,
    #[serde(with = "serde_bytes")]
    agent: [u8; 32],
    pairs: Vec<Tip>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    with: Option<AgentId>,
    at: u64,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-polo-head-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.agent
    }
}

impl Body {
    /// Checks every rule.
    fn validate(&self) -> Result<AgentId, Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        let count = self.pairs.len();
        if count > MAX_PAIRS {
            return Err(Error::Pairs(count));
        }
        if self.at > MAX_NUMBER {
            return Err(Error::Number(self.at));
        }
        if let Some(tip) = self.pairs.iter().find(|tip| !(1..=MAX_NUMBER).contains(&tip.seq)) {
            return Err(Error::Number(tip.seq));
        }
        if !self.pairs.is_sorted_by(|one, next| one.pair() < next.pair()) {
            return Err(Error::Order);
        }
        let key = ed25519::PublicKey::try_from_bytes(&self.agent).map_err(|_| envelope::Error::NotEd25519)?;
        let agent = AgentId::of(&key);
        let is_foreign = |tip: &Tip| !is_between(&tip.pair(), &agent, self.with.as_ref());
        if self.pairs.iter().any(is_foreign) { Err(Error::Foreign) } else { Ok(agent) }
    }
}

#[cfg(test)]
mod tests;
