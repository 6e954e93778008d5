//! The authority of a private network: the key that says who is in it, in a file of the home where the network was made.
//!
//! The file is JSON, and so is what an export seals:
//!
//! | field | what |
//! |---|---|
//! | `airway_authority` | the version of this form: 1 |
//! | `genesis` | how the network began, in base64 |
//! | `key` | the private key as libp2p encodes it, in base64 |
//!
//! It is written once, whole or not at all, and never overwritten: whoever loses the key can neither renew nor expel. The
//! key of another network that lies in its place is set aside under a name of its own.

mod error;

use std::{fmt, fs, io, path::Path};

use airway_protocols::{
    name::Name,
    network::{Genesis, Policy},
};
use data_encoding::BASE64;
use libp2p::identity::Keypair;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use self::error::Error;
use crate::{
    file::{self, Existing, NotRead},
    home::Home,
    identity::Identity,
    seal,
};

/// The version of the form. A reader refuses every other one.
const VERSION: u64 = 1;

/// Most bytes read of the file; it has below 1 KiB.
const MAX_FILE: usize = 4096;

/// A network, and the key that says who is in it.
#[derive(Clone)]
pub(crate) struct Authority {
    genesis: Genesis,
    key: Identity,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Form<'a> {
    airway_authority: u64,
    genesis: String,
    /// Borrowed, so that no copy of it is left behind.
    key: &'a str,
}

impl Authority {
    /// Begins a network with a key of its own, which is on the disk when this returns. `created` is in milliseconds since
    /// 1970.
    pub(crate) fn create(
        home: &Home,
        name: Name,
        number: u16,
        policy: Policy,
        created: u64,
    ) -> Result<Self, Error> {
        let key = Identity::generate();
        let public = key.keypair().public().try_into_ed25519().map_err(Error::damaged)?;
        let genesis = Genesis::new(name, &public, number, policy, created, rand::random())?;
        let authority = Self { genesis, key };
        authority.save(home)?;
        Ok(authority)
    }

    /// The authority whose key is in a home, if there is one.
    pub(crate) fn load(home: &Home) -> Result<Option<Self>, Error> {
        let path = home.authority();
        match file::read_private(&path, MAX_FILE) {
            Ok(text) => Self::parse(&text).map(Some).map_err(|_| Error::File { path }),
            Err(NotRead::Io(source)) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(NotRead::Io(source)) => Err(Error::Read { path, source }),
            Err(NotRead::NotAFile) => Err(Error::File { path }),
            Err(NotRead::Permissions(mode)) => Err(Error::Permissions { path, mode }),
        }
    }

    /// Stores the key in a home, whole or not at all. The key of another network that is there is set aside.
    pub(crate) fn save(&self, home: &Home) -> Result<(), Error> {
        let path = home.authority();
        match Self::load(home)? {
            Some(there) if there.genesis == self.genesis => return Ok(()),
            Some(there) => there.set_aside(home)?,
            None => {}
        }
        let text = self.text()?;
        file::write_private(&path, &[&text], Existing::Keep).map_err(|source| Error::Write { path, source })
    }

    /// Sealed with a passphrase, to be kept elsewhere. Takes a second and 256 MiB.
    pub(crate) fn export(&self, passphrase: Zeroizing<String>) -> Result<Vec<u8>, Error> {
        Ok(seal::seal(&self.text()?, &passphrase)?)
    }

    /// The reverse of [`Authority::export`].
    pub(crate) fn import(sealed: &[u8], passphrase: Zeroizing<String>) -> Result<Self, Error> {
        Self::parse(&seal::open(sealed, &passphrase)?)
    }

    /// How the network began.
    pub(crate) fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The key, to sign with.
    pub(crate) fn keypair(&self) -> Keypair {
        self.key.keypair()
    }

    /// What stands in the file.
    pub(crate) fn text(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = Zeroizing::new(BASE64.encode(&self.key.encoded()));
        let genesis = BASE64.encode(self.genesis.as_bytes());
        seal::json(&Form { airway_authority: VERSION, genesis, key: &key }).map_err(Error::damaged)
    }

    /// The reverse of [`Authority::text`]; checks that the key is the one that the genesis names.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Error> {
        /// What every version begins with.
        #[derive(Deserialize)]
        struct Head {
            airway_authority: u64,
        }
        let head: Head = serde_json::from_slice(text).map_err(|_| Error::NotAnAuthority)?;
        if head.airway_authority != VERSION {
            return Err(Error::Newer { found: head.airway_authority, known: VERSION });
        }
        let form: Form<'_> = serde_json::from_slice(text).map_err(Error::damaged)?;
        let genesis = BASE64.decode(form.genesis.as_bytes()).map_err(Error::damaged)?;
        let genesis = Genesis::from_bytes(&genesis)?;
        let key = BASE64.decode(form.key.as_bytes()).map(Zeroizing::new).map_err(Error::damaged)?;
        let key = Identity::decoded(&key).ok_or_else(|| Error::damaged("its key is none"))?;
        if key.public_key() != genesis.authority().to_bytes() {
            return Err(Error::damaged("its key is not that of the network"));
        }
        Ok(Self { genesis, key })
    }

    /// Takes the file out of the way, under the id of its network.
    fn set_aside(&self, home: &Home) -> Result<(), Error> {
        let (from, to) = (home.authority(), home.former_authority(&self.genesis.id()));
        let moved = fs::rename(&from, &to)
            .and_then(|()| file::sync_directory(from.parent().unwrap_or(Path::new("."))));
        moved.map_err(|source| Error::Write { path: to, source })
    }
}

/// Shows the network only.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authority").field(&self.genesis).finish()
    }
}

#[cfg(test)]
mod tests;
