//! An agent to carry: all that it takes to be the same agent in another home.
//!
//! ```text
//! export: home ─► Bundle ─► JSON ─► age, with a passphrase ─► file
//! import: file ─► age ─► JSON ─► Bundle, checked ─► contacts, network, places, name, and the key last
//! ```
//!
//! The file is an [age](https://age-encryption.org/v1) file in ASCII armor, sealed with a passphrase (scrypt), so
//! that `age --decrypt` opens it as well. Inside is one JSON object:
//!
//! | field | what |
//! |---|---|
//! | `airway_identity` | the version of this form: 3 |
//! | `exported_at` | Unix milliseconds |
//! | `address` | full address of the agent, for people; has to fit the key |
//! | `key` | the bytes of `identity.key` in base64: the private key as libp2p encodes it |
//! | `name` | what the agent calls itself, or `null` |
//! | `multiaddrs` | where it was reached last |
//! | `contacts` | `agent_id`, `public_key` (base64), `address`, `name`, `alias`, `multiaddrs`, `trusted_at`, `last_used` of each |
//! | `relations` | how it stands to others, contacts among them: who they are, and all that the store keeps of it. Strangers who never were more are left out |
//! | `pins` | `agent_id`, `address`, `since` of each |
//!
//! | `found` | what others find it by: `name` and `tags`, and when it last said so, `claimed_at`: a later claim goes before; and `epoch`, how often its broker of events has started, since others know positions of it (0 if it is not there) |
//! | `network` | its place in a private network: `genesis`, `certificate`, `revocations`, `inviter` (all base64), `bootstraps`, `ephemeral`, `joined_at`, and what it gave out: `certificate`, `issued_at`, `invite` and `state` of each; `null` on the backbone |
//! | `authority` | the bytes of `authority.key` in base64, if it is the network's authority, or was one's |
//!
//! `relations` and `pins` came with version 2, the last three with version 3; they are empty in what is older. The inbox
//! and the outbox stay behind: what was acknowledged is on the disk that it was acknowledged from. So do the log of trust,
//! tickets and invites: they name places that the agent leaves.

mod error;
mod form;
mod install;
#[cfg(test)]
mod tests;

use std::fmt;

use libp2p::Multiaddr;
use zeroize::Zeroizing;

pub use self::error::Error;
pub(crate) use self::install::recover;
pub(crate) use crate::seal::MAX_FILE;
use crate::{
    authority::Authority,
    config::{Config, Overrides, env},
    home::Home,
    identity::Identity,
    places::Places,
    seal,
    store::{Carried, CarriedMesh, Snapshot},
};

/// What a bundle is sealed with; wiped from memory when it is dropped.
pub(crate) struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text, for the daemon to seal or open with.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Characters, as a person counts them.
    pub(crate) fn length(&self) -> usize {
        self.0.chars().count()
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Shows nothing.
impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) identity: Identity,
    pub(crate) name: Option<String>,
    pub(crate) multiaddrs: Vec<Multiaddr>,
    pub(crate) trust: Carried,
    pub(crate) mesh: CarriedMesh,
    pub(crate) authority: Option<Authority>,
}

impl Bundle {
    /// Takes the agent of a home, whether or not its daemon runs: the key never changes, and the database can be
    /// read beside the daemon.
    pub(crate) fn of(home: &Home) -> Result<Self, Error> {
        let identity = Identity::load(&home.identity())?;
        let (trust, mesh) = match Snapshot::open(&home.database())? {
            Some(snapshot) => (snapshot.trust()?, snapshot.mesh()?),
            None => (Carried::default(), CarriedMesh::default()),
        };
        let authority = Authority::load(home)?;
        let places = Places::load(home);
        // The name may have come by a flag, which the settings do not know of.
        let name = match places.name {
            Some(name) => Some(name),
            None => Config::load(&home.config(), env::system, Overrides::default())?.name,
        };
        Ok(Self { identity, name, multiaddrs: places.current, trust, mesh, authority })
    }

    /// As text, which `age` or [`Bundle::open`] opens with the passphrase. Takes a second and 256 MiB.
    pub(crate) fn seal(&self, passphrase: &Passphrase) -> Result<Vec<u8>, Error> {
        Ok(seal::seal(&form::write(self)?, &passphrase.0)?)
    }

    /// The reverse of [`Bundle::seal`]; checks all that is in it.
    pub(crate) fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Self, Error> {
        form::read(&seal::open(sealed, &passphrase.0)?)
    }
}
