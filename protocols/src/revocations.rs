//! Revocation lists: whom the authority of a network has expelled.
//!
//! A list is signed, has a version, and replaces all with a lower one. Members hand the newest that they have to each other
//! at every [admission](crate::admit).

use std::{collections::BTreeSet, fmt, sync::Arc};

use libp2p::identity::Keypair;
use serde::{Deserialize, Serialize};

use crate::{
    agent::AgentId,
    envelope::{self, Object},
    network::{NetworkId, Realm},
    trust::MAX_TIME,
};

/// Agents on one list.
pub const MAX_AGENTS: usize = 1_000;

/// Cap of a list's envelope, in bytes: [`MAX_AGENTS`] of 34 bytes each, and some 300 beside them.
pub const MAX_BYTES: usize = 40 * 1024;

/// Highest version: a number that every database and every JSON reader has.
pub const MAX_VERSION: u64 = 1 << 53;

/// The version of the object, not of the list.
const VERSION: u64 = 1;

/// The agents that have been expelled from a network: a verified list, or [none](Self::none).
#[derive(Clone)]
pub struct Revocations(Arc<List>);

struct List {
    version: u64,
    issued: u64,
    agents: BTreeSet<AgentId>,
    /// As received or signed. None: nobody was ever expelled.
    envelope: Option<Vec<u8>>,
}

/// Why a list was not made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The envelope is not in order, or does not hold a list of its own signer.
    #[error("the envelope holds no revocation list")]
    Envelope(#[from] envelope::Error),
    /// The object is of a version that this code does not know.
    #[error("revocation list version {0} is not known, only {known} is", known = VERSION)]
    Version(u64),
    /// The list is another network's.
    #[error("the revocation list is of network {0}")]
    Network(NetworkId),
    /// The network has no authority, or another one.
    #[error("the revocation list was not signed by the authority of the network")]
    Authority,
    /// The version of the list is 0, which stands for no list, or over [`MAX_VERSION`].
    #[error("a revocation list has no number {0}")]
    Number(u64),
    /// The time is over [`MAX_TIME`].
    #[error("{0} is no time")]
    Time(u64),
    /// There are more agents than [`MAX_AGENTS`].
    #[error("{found} expelled agents are over the limit of {max}", max = MAX_AGENTS)]
    Agents {
        /// Agents that were given.
        found: usize,
    },
    /// The agents do not stand in ascending order, each once.
    #[error("the expelled agents are not in order")]
    Order,
}

/// The signed payload of a list. The order of the fields is their order on the wire.
#[derive(Serialize, Deserialize)]
struct Body {
    version: u64,
    network: NetworkId,
    #[serde(with = "serde_bytes")]
    authority: [u8; 32],
    number: u64,
    issued: u64,
    agents: Vec<AgentId>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-revocations-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.authority
    }
}

impl Revocations {
    /// No list: version 0, which every other replaces.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(List { version: 0, issued: 0, agents: BTreeSet::new(), envelope: None }))
    }

    /// Signs the list that replaces all with a lower version.
    ///
    /// # Errors
    ///
    /// Every rule that [`from_bytes`](Self::from_bytes) would find broken: [`Error::Authority`] for a key that is not the
    /// authority's, [`Error::Agents`] for more than there may be.
    pub fn sign(
        realm: &Realm,
        authority: &Keypair,
        version: u64,
        issued: u64,
        agents: &BTreeSet<AgentId>,
    ) -> Result<Self, Error> {
        let public = authority.public().try_into_ed25519().map_err(|_| envelope::Error::NotEd25519)?;
        let body = Body {
            version: VERSION,
            network: realm.id(),
            authority: public.to_bytes(),
            number: version,
            issued,
            agents: agents.iter().copied().collect(),
        };
        // Validated first, so that a list which nobody could read is not signed.
        body.validate(realm)?;
        let envelope = envelope::seal(&body, authority)?;
        Ok(body.into_list(envelope))
    }

    /// Verifies the bytes of a list of this network. Whether it is newer than another is for the caller to see.
    ///
    /// # Errors
    ///
    /// [`Error`] with one variant for each rule.
    pub fn from_bytes(bytes: &[u8], realm: &Realm) -> Result<Self, Error> {
        let body = envelope::open::<Body>(bytes)?;
        body.validate(realm)?;
        Ok(body.into_list(bytes.to_vec()))
    }

    /// Which list it is: higher ones replace lower ones, and 0 is none.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// When it was signed, in milliseconds since the Unix epoch by the authority's clock.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.0.issued
    }

    /// Who has been expelled.
    #[must_use]
    pub fn agents(&self) -> &BTreeSet<AgentId> {
        &self.0.agents
    }

    /// Whether `agent` has been expelled.
    #[must_use]
    pub fn contains(&self, agent: &AgentId) -> bool {
        self.0.agents.contains(agent)
    }

    /// The signed envelope. `None` for [none](Self::none).
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        self.0.envelope.as_deref()
    }
}

impl Body {
    fn validate(&self, realm: &Realm) -> Result<(), Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.network != realm.id() {
            return Err(Error::Network(self.network));
        }
        if realm.authority().is_none_or(|authority| authority.to_bytes() != self.authority) {
            return Err(Error::Authority);
        }
        if self.number == 0 || self.number > MAX_VERSION {
            return Err(Error::Number(self.number));
        }
        if self.issued > MAX_TIME {
            return Err(Error::Time(self.issued));
        }
        if self.agents.len() > MAX_AGENTS {
            return Err(Error::Agents { found: self.agents.len() });
        }
        if self.agents.is_sorted_by(|one, next| one < next) { Ok(()) } else { Err(Error::Order) }
    }

    fn into_list(self, envelope: Vec<u8>) -> Revocations {
        let agents = self.agents.into_iter().collect();
        let envelope = Some(envelope);
        Revocations(Arc::new(List { version: self.number, issued: self.issued, agents, envelope }))
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self::none()
    }
}

impl PartialEq for Revocations {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Revocations {}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("version", &self.version())
            .field("issued", &self.issued())
            .field("agents", self.agents())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
