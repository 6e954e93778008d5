//! Which process of each contact we have met: two that live at once have the same key.
//!
//! Every process draws a number at its start and tells it to those whom it trusts, behind the version in identify:
//! `airway/0.1.0 8c1f0e6d2b7a4953`. A restart shows a new number. An older one that comes back on a connection made
//! after a newer one was seen belongs to a process that lives beside the newer.

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use libp2p::PeerId;

/// Processes remembered of one contact; with more restarts in between, an older one that comes back is not
/// noticed.
const REMEMBERED: usize = 8;

/// The number of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instance(u64);

impl Instance {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    /// What identify tells of this program and this process.
    pub(super) fn agent_version(self) -> String {
        format!("{}{} {:016x}", PREFIX, env!("CARGO_PKG_VERSION"), self.0)
    }

    /// The reverse, for any version; `None` for other programs.
    pub(super) fn parse(agent_version: &str) -> Option<Self> {
        let (_, number) = agent_version.strip_prefix(PREFIX)?.split_once(' ')?;
        let plain = number.len() == 16 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u64::from_str_radix(number, 16).ok().map(Self)).flatten()
    }
}

const PREFIX: &str = "airway/";

/// The processes of all contacts, as they were met.
#[derive(Debug, Default)]
pub(super) struct Instances(HashMap<PeerId, VecDeque<Met>>);

#[derive(Debug)]
struct Met {
    instance: Instance,
    first: Instant,
}

impl Instances {
    /// Takes in that a contact's process spoke, on a connection made at `connected`. Returns whether it lives
    /// beside a newer one. Peers for whom `is_contact` does not hold are forgotten.
    pub(super) fn met(
        &mut self,
        peer: PeerId,
        instance: Instance,
        connected: Instant,
        is_contact: impl Fn(&PeerId) -> bool,
    ) -> bool {
        if !self.0.contains_key(&peer) {
            self.0.retain(|peer, _| is_contact(peer));
        }
        let met = self.0.entry(peer).or_default();
        if let Some(at) = met.iter().position(|met| met.instance == instance) {
            return met.iter().skip(at + 1).any(|newer| newer.first < connected);
        }
        if met.len() == REMEMBERED {
            met.pop_front();
        }
        met.push_back(Met { instance, first: Instant::now() });
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(instances: &mut Instances, peer: PeerId, number: u64) -> bool {
        instances.met(peer, Instance(number), Instant::now(), |_| true)
    }

    #[test]
    fn restarts_are_no_copies() {
        let (mut instances, peer) = (Instances::default(), PeerId::random());
        for number in [1, 1, 2, 3, 3, 3, 4] {
            assert!(!met(&mut instances, peer, number), "{number}");
        }
    }

    #[test]
    fn an_older_process_that_comes_back_is_a_copy() {
        let (mut instances, peer) = (Instances::default(), PeerId::random());
        assert!(!met(&mut instances, peer, 1));
        assert!(!met(&mut instances, peer, 2));
        assert!(met(&mut instances, peer, 1));
        assert!(!met(&mut instances, peer, 2), "the newer one is where it was");
        assert!(!met(&mut instances, PeerId::random(), 1), "another peer has nothing to do with it");
    }

    #[test]
    fn what_an_old_connection_says_late_is_no_copy() {
        let (mut instances, peer) = (Instances::default(), PeerId::random());
        let connected = Instant::now();
        assert!(!instances.met(peer, Instance(1), connected, |_| true));
        assert!(!met(&mut instances, peer, 2));
        assert!(!instances.met(peer, Instance(1), connected, |_| true));
    }

    #[test]
    fn memory_is_bounded() {
        let (mut instances, peer) = (Instances::default(), PeerId::random());
        assert!((0..100).all(|number| !met(&mut instances, peer, number)));
        assert_eq!(instances.0[&peer].len(), REMEMBERED);
        instances.met(PeerId::random(), Instance(1), Instant::now(), |_| false);
        assert_eq!(instances.0.len(), 1, "whoever is no contact any more is forgotten");
    }

    #[test]
    fn the_number_is_read_as_it_was_told() {
        let instance = Instance(0x0123_4567_89ab_cdef);
        assert_eq!(Instance::parse(&instance.agent_version()), Some(instance));
        assert_eq!(Instance::parse("airway/9.9.9 0123456789abcdef"), Some(instance));
        for other in [
            "airway/0.1.0",
            "airway/0.1.0 1",
            "rust-libp2p/0.57 0123456789abcdef",
            "airway/1 +123456789abcdef",
        ] {
            assert_eq!(Instance::parse(other), None, "{other}");
        }
    }
}
