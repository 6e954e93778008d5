//! Token buckets for whoever is not expected: by IP address, by the network around it, and in all.

use std::{net::IpAddr, time::Instant};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::bucket::{Buckets as Of, Rate};

/// Sources remembered at once, of each kind. Only arrivals that are let in make an entry, and an entry is forgotten when
/// its bucket is full again, which takes seconds: an agent never has more than some 500. At 64 bytes each it is 64 KiB.
const MAX_SOURCES: usize = 1024;

/// How fast connections may come in that nobody expects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    /// From one IPv4 address, or one IPv6 network of 64 bits, which is what one customer has.
    address: Rate,
    /// From 256 IPv4 addresses together.
    network: Rate,
    /// Over our relays.
    circuit: Rate,
    /// In all.
    all: Rate,
}

impl Rates {
    /// A handshake takes under 2 ms of one core: 40 a second are a tenth of it. The bursts are for a house full of agents
    /// that come back at once.
    pub(super) const AGENT: Self = Self {
        address: Rate::per_second(100, 10),
        network: Rate::per_second(150, 20),
        circuit: Rate::per_second(20, 4),
        all: Rate::per_second(200, 40),
    };

    /// All clients of a relay are strangers to it, and after a restart all 128 of them and their contacts come back.
    pub(super) const RELAY: Self = Self {
        address: Rate::per_second(200, 20),
        network: Rate::per_second(300, 40),
        circuit: Rate::per_second(20, 4),
        all: Rate::per_second(600, 150),
    };
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Ip(IpAddr),
    /// One of our relays; where it comes from beyond that, nobody can check.
    Circuit,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Buckets {
    addresses: Of<IpNet>,
    networks: Of<Ipv4Net>,
    circuits: Of<()>,
    all: Of<()>,
}

impl Buckets {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            addresses: Of::new(rates.address, MAX_SOURCES),
            networks: Of::new(rates.network, MAX_SOURCES),
            circuits: Of::new(rates.circuit, 1),
            all: Of::new(rates.all, 1),
        }
    }

    /// Takes a token from every bucket that a source has to do with, or none from any.
    pub(super) fn take(&mut self, source: Source, now: Instant) -> bool {
        let can = self.all.has(&(), now) && self.has(source, now);
        if can {
            self.all.take((), now);
            self.take_of(source, now);
        }
        can
    }

    fn has(&mut self, source: Source, now: Instant) -> bool {
        match source {
            Source::Ip(ip) => {
                self.addresses.has(&customer(ip), now)
                    && around(ip).is_none_or(|around| self.networks.has(&around, now))
            }
            Source::Circuit => self.circuits.has(&(), now),
        }
    }

    fn take_of(&mut self, source: Source, now: Instant) {
        match source {
            Source::Ip(ip) => {
                self.addresses.take(customer(ip), now);
                if let Some(around) = around(ip) {
                    self.networks.take(around, now);
                }
            }
            Source::Circuit => self.circuits.take((), now),
        }
    }
}

/// The addresses that one customer has.
fn customer(ip: IpAddr) -> IpNet {
    match ip {
        IpAddr::V4(ip) => Ipv4Net::new_assert(ip, 32).into(),
        IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 64).trunc().into(),
    }
}

/// The network around an IPv4 address.
fn around(ip: IpAddr) -> Option<Ipv4Net> {
    match ip {
        IpAddr::V4(ip) => Some(Ipv4Net::new_assert(ip, 24).trunc()),
        IpAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    fn ip(text: &str) -> Source {
        Source::Ip(text.parse().unwrap())
    }

    /// How many of `tries` from a source get in at one moment.
    fn burst(buckets: &mut Buckets, source: Source, tries: u32, now: Instant) -> u32 {
        (0..tries).map(|_| u32::from(buckets.take(source, now))).sum()
    }

    #[test]
    fn a_source_has_a_burst_and_then_its_rate() {
        let now = Instant::now();
        let mut buckets = Buckets::new(Rates::AGENT);
        assert_eq!(burst(&mut buckets, ip("192.0.2.1"), 1000, now), 100);
        assert_eq!(burst(&mut buckets, ip("192.0.2.1"), 1000, now + Duration::from_secs(1)), 10);
        assert_eq!(burst(&mut buckets, ip("198.51.100.1"), 1, now), 1, "others are not held up");
    }

    #[test]
    fn a_network_is_one_source_as_well() {
        let now = Instant::now();
        let mut buckets = Buckets::new(Rates::AGENT);
        let taken =
            burst(&mut buckets, ip("192.0.2.1"), 90, now) + burst(&mut buckets, ip("192.0.2.2"), 90, now);
        assert_eq!(taken, 150);
        let mut buckets = Buckets::new(Rates::AGENT);
        let taken =
            burst(&mut buckets, ip("2001:db8::1"), 90, now) + burst(&mut buckets, ip("2001:db8::2"), 90, now);
        assert_eq!(taken, 100);
    }

    #[test]
    fn many_sources_together_stay_under_the_bound_for_all() {
        let now = Instant::now();
        let mut buckets = Buckets::new(Rates::AGENT);
        let taken: u32 = (0..10_000_u32)
            .map(|at| burst(&mut buckets, Source::Ip(Ipv4Addr::from(at << 8).into()), 1, now))
            .sum();
        assert_eq!(taken, 200);
        assert_eq!(burst(&mut buckets, Source::Circuit, 1, now), 0);
        assert_eq!(burst(&mut buckets, Source::Circuit, 100, now + Duration::from_secs(10)), 20);
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let start = Instant::now();
        let mut buckets = Buckets::new(Rates::RELAY);
        for at in 0..100_000_u32 {
            let now = start + Duration::from_millis(u64::from(at));
            buckets.take(Source::Ip(Ipv4Addr::from(at.wrapping_mul(2_654_435_761)).into()), now);
            assert!(buckets.addresses.len().max(buckets.networks.len()) <= MAX_SOURCES);
        }
        let later = start + Duration::from_secs(1000);
        assert!(buckets.take(ip("192.0.2.1"), later), "and there is room again");
    }
}
