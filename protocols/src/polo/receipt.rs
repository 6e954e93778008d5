//! Receipts: what a requester says of a claim, and where it stands in the chain of the two.

use std::fmt;

use libp2p::identity::{Keypair, ed25519};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Claim, MAX_NUMBER, Pair, ReceiptHash, Times, claim};
use crate::{
    agent::AgentId,
    envelope::{self, Object},
};

/// Cap of a receipt's envelope, in bytes. One with the largest claim and numbers needs below 850.
pub const MAX_BYTES: usize = 1024;

/// The version of receipts that this code writes and reads.
const VERSION: u64 = 1;

/// A receipt after every check that needs no context: both signatures, and that the reward follows from the times.
#[derive(Clone)]
pub struct Receipt {
    body: Body,
    claim: Claim,
    hash: ReceiptHash,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// Where a receipt stands in the chain of its pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number: 1, and then one more each.
    pub seq: u64,
    /// The hash of the one before it, [`ReceiptHash::NONE`] for the first.
    pub prev: ReceiptHash,
}

/// Why a receipt was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a receipt of its own signer.
    #[error("the envelope holds no receipt")]
    Envelope(#[from] envelope::Error),
    /// The receipt is of a version that this code does not know.
    #[error("receipt version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// The claim inside is not valid.
    #[error("the claim in the receipt is not valid")]
    Claim(#[from] claim::Error),
    /// The claim is to another than the signer.
    #[error("the claim in the receipt is to another requester")]
    Requester,
    /// A number is over [`MAX_NUMBER`].
    #[error("{what} of {found} is over the limit of {max}", max = MAX_NUMBER)]
    Number {
        /// Which one.
        what: &'static str,
        /// What it is.
        found: u64,
    },
    /// It has the number 0; or is the first and names one before it, or is another and names none.
    #[error("receipt {0} has no such place in a chain")]
    Place(u64),
    /// The times were corrected to the advantage of the worker.
    #[error("the times of the receipt are better than those of the claim")]
    Clamp,
    /// The reward does not follow from the times.
    #[error("a reward of {found} where {expected} is due")]
    Reward {
        /// What the receipt says.
        found: u64,
        /// What follows from its times.
        expected: u64,
    },
}

impl Place {
    /// The beginning of a chain.
    pub const FIRST: Self = Self { seq: 1, prev: ReceiptHash::NONE };

    /// The place behind this receipt.
    #[must_use]
    pub const fn after(receipt: &Receipt) -> Self {
        Self { seq: receipt.body.seq + 1, prev: receipt.hash }
    }

    fn exists(&self) -> bool {
        self.seq > 0 && (self.seq == 1) == (self.prev == ReceiptHash::NONE)
    }
}

impl Receipt {
    /// Signs a receipt for a claim. `key` is the requester's, `times` are [clamped](Times::clamped), `at` is now in
    /// milliseconds since the Unix epoch. The reward follows from the times.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn issue(key: &Keypair, claim: Claim, times: Times, place: Place, at: u64) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(&public, &claim, times, place, at);
        // Validated first, so that a receipt which nobody could read is not signed.
        body.validate(&claim)?;
        let envelope = envelope::seal(&body, key)?;
        Ok(Self { hash: ReceiptHash::of(&envelope), body, claim, envelope })
    }

    /// Verifies the bytes of a receipt, and of the claim inside.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(envelope: &[u8]) -> Result<Self, Error> {
        let body = envelope::open::<Body>(envelope)?;
        if body.version != VERSION {
            return Err(Error::Version(body.version));
        }
        let claim = Claim::from_bytes(&body.claim)?;
        body.validate(&claim)?;
        Ok(Self { hash: ReceiptHash::of(envelope), body, claim, envelope: envelope.to_vec() })
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// The hash by which the next one names it.
    #[must_use]
    pub const fn hash(&self) -> ReceiptHash {
        self.hash
    }

    /// What the worker says.
    #[must_use]
    pub const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Who asked and who worked.
    #[must_use]
    pub const fn pair(&self) -> Pair {
        self.claim.pair()
    }

    /// How long it took, by the requester's count.
    #[must_use]
    pub const fn times(&self) -> Times {
        Times { idle: self.body.idle, staged: self.body.staged, cpu: self.body.cpu }
    }

    /// What is paid: nothing but for a success.
    #[must_use]
    pub const fn reward(&self) -> u64 {
        self.body.reward
    }

    /// Its number in the chain, and the hash of the one before it.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { seq: self.body.seq, prev: self.body.prev }
    }

    /// Its number in the chain of its pair, 1 or more.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.body.seq
    }

    /// When it was signed, in milliseconds since the Unix epoch by the requester's clock.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.body.at
    }
}

impl PartialEq for Receipt {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl Eq for Receipt {}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("hash", &self.hash)
            .field("claim", &self.claim)
            .field("reward", &self.reward())
            .field("seq", &self.seq())
            .finish_non_exhaustive()
    }
}

/// The signed payload of a receipt. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    version: u64,
    /// The requester's key, which signs.
    #[serde(with = "serde_bytes")]
    requester: [u8; 32],
    /// The envelope of the claim.
    claim: ByteBuf,
    idle: u64,
    staged: u64,
    cpu: u64,
    reward: u64,
    seq: u64,
    prev: ReceiptHash,
    at: u64,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-receipt-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.requester
    }
}

impl Body {
    fn new(key: &ed25519::PublicKey, claim: &Claim, times: Times, place: Place, at: u64) -> Self {
        let (Times { idle, staged, cpu }, Place { seq, prev }) = (times, place);
        let reward = times.reward(claim.outcome(), claim.max_reward());
        let (requester, claim) = (key.to_bytes(), ByteBuf::from(claim.as_bytes()));
        Self { version: VERSION, requester, claim, idle, staged, cpu, reward, seq, prev, at }
    }

    /// Checks every rule but that of the version.
    fn validate(&self, claim: &Claim) -> Result<(), Error> {
        let key =
            ed25519::PublicKey::try_from_bytes(&self.requester).map_err(|_| envelope::Error::NotEd25519)?;
        if AgentId::of(&key) != claim.pair().requester {
            return Err(Error::Requester);
        }
        let numbers = [
            ("idle", self.idle),
            ("staged", self.staged),
            ("cpu", self.cpu),
            ("reward", self.reward),
            ("seq", self.seq),
            ("at", self.at),
        ];
        if let Some((what, found)) = numbers.into_iter().find(|(_, number)| *number > MAX_NUMBER) {
            return Err(Error::Number { what, found });
        }
        if !(Place { seq: self.seq, prev: self.prev }).exists() {
            return Err(Error::Place(self.seq));
        }
        let times = Times { idle: self.idle, staged: self.staged, cpu: self.cpu };
        if !times.is_clamped(&claim.times()) {
            return Err(Error::Clamp);
        }
        let expected = times.reward(claim.outcome(), claim.max_reward());
        if self.reward != expected {
            return Err(Error::Reward { found: self.reward, expected });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
