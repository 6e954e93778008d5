//! Claims: what a worker says that it did.

use std::fmt;

use libp2p::identity::{Keypair, ed25519};
use serde::{Deserialize, Serialize};

use super::{MAX_NUMBER, Outcome, Pair, TaskId, Times};
use crate::{
    agent::AgentId,
    envelope::{self, Object},
};

/// Cap of a claim's envelope, in bytes. One with the largest numbers needs below 420.
pub const MAX_BYTES: usize = 512;

/// The version of claims that this code writes and reads.
const VERSION: u64 = 1;

/// What stands for an output that there is not.
const NONE: [u8; 32] = [0; 32];

/// A claim after every check that needs no context.
///
/// The receiver has more: that the [pair](Self::pair) is itself and the peer, that task, request and output are those that
/// it knows, and that the reward is not over what it offered.
#[derive(Clone)]
pub struct Claim {
    body: Body,
    worker: AgentId,
    /// As received or signed.
    envelope: Vec<u8>,
}

/// What is to be claimed. See [`Claim`] for the fields.
#[derive(Debug, Clone)]
pub struct Work {
    /// Whom it was done for.
    pub requester: AgentId,
    /// See [`Claim::task`].
    pub task: TaskId,
    /// See [`Claim::request`].
    pub request: [u8; 32],
    /// See [`Claim::output`].
    pub output: Option<[u8; 32]>,
    /// See [`Claim::outcome`].
    pub outcome: Outcome,
    /// See [`Claim::times`].
    pub times: Times,
    /// See [`Claim::max_reward`].
    pub max_reward: u64,
    /// See [`Claim::at`].
    pub at: u64,
}

/// Why a claim was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a claim of its own signer.
    #[error("the envelope holds no claim")]
    Envelope(#[from] envelope::Error),
    /// The claim is of a version that this code does not know.
    #[error("claim version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// A number is over [`MAX_NUMBER`].
    #[error("{what} of {found} is over the limit of {max}", max = MAX_NUMBER)]
    Number {
        /// Which one.
        what: &'static str,
        /// What it is.
        found: u64,
    },
    /// Whoever worked also asked: nobody else has anything to do with it.
    #[error("the worker and the requester are the same")]
    OfOneself,
}

impl Claim {
    /// Signs a claim. `key` is the worker's.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken, and [`envelope::Error::NotEd25519`] for a key of
    /// another type.
    pub fn sign(key: &Keypair, work: Work) -> Result<Self, Error> {
        let public = key.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body::new(&public, work);
        // Validated first, so that a claim which nobody could read is not signed.
        let worker = body.validate()?;
        let envelope = envelope::seal(&body, key)?;
        Ok(Self { body, worker, envelope })
    }

    /// Verifies the bytes of a claim.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(envelope: &[u8]) -> Result<Self, Error> {
        let body = envelope::open::<Body>(envelope)?;
        let worker = body.validate()?;
        Ok(Self { body, worker, envelope: envelope.to_vec() })
    }

    /// The signed envelope.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.envelope
    }

    /// Who worked, and for whom.
    #[must_use]
    pub const fn pair(&self) -> Pair {
        Pair { requester: self.body.requester, worker: self.worker }
    }

    /// The id that the requester chose. With the requester, it says which task.
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.body.task
    }

    /// The digest of what was asked.
    #[must_use]
    pub const fn request(&self) -> &[u8; 32] {
        &self.body.request
    }

    /// The digest of what came of it, if anything did.
    #[must_use]
    pub fn output(&self) -> Option<&[u8; 32]> {
        Some(&self.body.output).filter(|output| **output != NONE)
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.body.outcome
    }

    /// How long it took, by the worker's count.
    #[must_use]
    pub const fn times(&self) -> Times {
        Times { idle: self.body.idle, staged: self.body.staged, cpu: self.body.cpu }
    }

    /// The most that is to be paid.
    #[must_use]
    pub const fn max_reward(&self) -> u64 {
        self.body.max_reward
    }

    /// When it was signed, in milliseconds since the Unix epoch by the worker's clock. Decides nothing.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.body.at
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
            .field("pair", &self.pair())
            .field("task", &self.task())
            .field("outcome", &self.outcome())
            .field("times", &self.times())
            .finish_non_exhaustive()
    }
}

/// The signed payload of a claim. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    version: u64,
    /// The worker's key, which signs.
    #[serde(with = "serde_bytes")]
    worker: [u8; 32],
    requester: AgentId,
    task: TaskId,
    #[serde(with = "serde_bytes")]
    request: [u8; 32],
    #[serde(with = "serde_bytes")]
    output: [u8; 32],
    outcome: Outcome,
    idle: u64,
    staged: u64,
    cpu: u64,
    max_reward: u64,
    at: u64,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-work-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.worker
    }
}

impl Body {
    fn new(key: &ed25519::PublicKey, work: Work) -> Self {
        let Work { requester, task, request, output, outcome, times, max_reward, at } = work;
        let Times { idle, staged, cpu } = times;
        let (worker, output) = (key.to_bytes(), output.unwrap_or(NONE));
        let version = VERSION;
        Self { version, worker, requester, task, request, output, outcome, idle, staged, cpu, max_reward, at }
    }

    fn key(&self) -> Result<ed25519::PublicKey, Error> {
        Ok(ed25519::PublicKey::try_from_bytes(&self.worker).map_err(|_| envelope::Error::NotEd25519)?)
    }

    /// Checks every rule.
    fn validate(&self) -> Result<AgentId, Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        let numbers = [
            ("idle", self.idle),
            ("staged", self.staged),
            ("cpu", self.cpu),
            ("max_reward", self.max_reward),
            ("at", self.at),
        ];
        if let Some((what, found)) = numbers.into_iter().find(|(_, number)| *number > MAX_NUMBER) {
            return Err(Error::Number { what, found });
        }
        let worker = AgentId::of(&self.key()?);
        if worker == self.requester { Err(Error::OfOneself) } else { Ok(worker) }
    }
}

#[cfg(test)]
mod tests;
