//! Where this agent is, and where it was before: a small file in its home.
//!
//! A moved agent asks at its former addresses now and then whether another copy of it still runs there, and an
//! export takes the present ones along. Written at each start and when the addresses change; nothing is lost
//! with it but these.

use std::{
    fs::File,
    io::{self, Read},
};

use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};

use crate::{
    file::{self, Existing},
    home::Home,
};

/// Former addresses that are remembered; the oldest make room.
pub(crate) const MAX_FORMER: usize = 16;

/// Most bytes read of the file: more than any list of so many addresses has.
const MAX_FILE: u64 = 64 * 1024;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Places {
    /// What the agent called itself.
    pub(crate) name: Option<String>,
    /// The addresses on its card.
    pub(crate) current: Vec<Multiaddr>,
    /// Addresses that it had before, the latest first.
    pub(crate) former: Vec<Multiaddr>,
}

impl Places {
    /// What is remembered in a home; nothing if the file is not there or is damaged.
    pub(crate) fn load(home: &Home) -> Self {
        let mut text = Vec::new();
        match File::open(home.places()).and_then(|file| file.take(MAX_FILE).read_to_end(&mut text)) {
            Ok(_) => serde_json::from_slice(&text).unwrap_or_else(|error| {
                tracing::warn!(%error, "former addresses of this agent are forgotten: the file is damaged");
                Self::default()
            }),
            Err(_) => Self::default(),
        }
    }

    /// Remembers it.
    pub(crate) fn store(&self, home: &Home) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        file::write_private(&home.places(), &[&text], Existing::Replace)
    }

    /// The agent is at `now`: what it had until now and has no more is former.
    pub(crate) fn move_to(&mut self, now: Vec<Multiaddr>) {
        let before = std::mem::replace(&mut self.current, now);
        let mut former = before;
        former.append(&mut self.former);
        for address in former {
            let known = self.current.contains(&address) || self.former.contains(&address);
            if !known && self.former.len() < MAX_FORMER {
                self.former.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(ports: &[u16]) -> Vec<Multiaddr> {
        ports.iter().map(|port| format!("/ip4/192.0.2.1/tcp/{port}").parse().unwrap()).collect()
    }

    #[test]
    fn addresses_that_are_left_become_former_ones() {
        let mut places = Places { current: addresses(&[1, 2]), former: addresses(&[3]), name: None };
        places.move_to(addresses(&[2, 4]));
        assert_eq!((places.current.clone(), places.former.clone()), (addresses(&[2, 4]), addresses(&[1, 3])));
        places.move_to(addresses(&[1]));
        assert_eq!((places.current, places.former), (addresses(&[1]), addresses(&[2, 4, 3])));
    }

    #[test]
    fn the_oldest_former_addresses_make_room() {
        let mut places = Places::default();
        for port in 0..100 {
            places.move_to(addresses(&[port]));
        }
        assert_eq!(places.former.len(), MAX_FORMER);
        assert_eq!(places.former[0], addresses(&[98])[0]);
    }

    #[test]
    fn a_damaged_file_is_an_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path().join("home")).unwrap();
        assert_eq!(Places::load(&home), Places::default());
        let places = Places { current: addresses(&[1]), former: addresses(&[2]), name: Some("alice".into()) };
        places.store(&home).unwrap();
        assert_eq!(Places::load(&home), places);
        std::fs::write(home.places(), "{").unwrap();
        assert_eq!(Places::load(&home), Places::default());
    }
}
