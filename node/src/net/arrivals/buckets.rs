//! Token buckets for whoever is not expected: by IP address, by the network around it, and in all.

use std::{collections::HashMap, net::IpAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::time::Instant;

/// Sources remembered at once. Only arrivals that are let in make an entry, and an entry is forgotten when its bucket is
/// full again, which takes seconds: an agent never has more than some 500. At 64 bytes each it is 64 KiB.
const MAX_SOURCES: usize = 1024;

/// Tokens that come back a second, and tokens at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    per_second: f64,
    burst: f64,
}

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
        address: Rate { per_second: 10.0, burst: 100.0 },
        network: Rate { per_second: 20.0, burst: 150.0 },
        circuit: Rate { per_second: 4.0, burst: 20.0 },
        all: Rate { per_second: 40.0, burst: 200.0 },
    };

    /// All clients of a relay are strangers to it, and after a restart all 128 of them and their contacts come back.
    pub(super) const RELAY: Self = Self {
        address: Rate { per_second: 20.0, burst: 200.0 },
        network: Rate { per_second: 40.0, burst: 300.0 },
        circuit: Rate { per_second: 4.0, burst: 20.0 },
        all: Rate { per_second: 150.0, burst: 600.0 },
    };
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Ip(IpAddr),
    /// One of our relays; where it comes from beyond that, nobody can check.
    Circuit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Network(IpNet),
    Circuit,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    rate: Rate,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, tokens: rate.burst, at: now }
    }

    fn refilled(self, now: Instant) -> Self {
        let more = now.saturating_duration_since(self.at).as_secs_f64() * self.rate.per_second;
        Self { tokens: (self.tokens + more).min(self.rate.burst), at: now, ..self }
    }

    fn is_full(&self) -> bool {
        self.tokens >= self.rate.burst
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Buckets {
    rates: Rates,
    all: Bucket,
    sources: HashMap<Key, Bucket>,
}

impl Buckets {
    pub(super) fn new(rates: Rates, now: Instant) -> Self {
        Self { rates, all: Bucket::full(rates.all, now), sources: HashMap::new() }
    }

    /// Takes a token from every bucket that a source has to do with, or none from any.
    pub(super) fn take(&mut self, source: Source, now: Instant) -> bool {
        self.all = self.all.refilled(now);
        let keys = self.keys(source);
        let bucket = |(key, rate): &(Key, Rate)| {
            self.sources.get(key).copied().unwrap_or(Bucket::full(*rate, now)).refilled(now)
        };
        let has_token = |bucket: &Bucket| bucket.tokens >= 1.0;
        let mut taken: Vec<_> = keys.iter().map(|key| (key.0, bucket(key))).collect();
        if !has_token(&self.all) || !taken.iter().all(|(_, bucket)| has_token(bucket)) {
            return false;
        }
        if self.sources.len() + taken.len() > MAX_SOURCES {
            self.sources.retain(|_, bucket| !bucket.refilled(now).is_full());
            if self.sources.len() + taken.len() > MAX_SOURCES {
                return false;
            }
        }
        self.all.tokens -= 1.0;
        for (key, bucket) in &mut taken {
            bucket.tokens -= 1.0;
            self.sources.insert(*key, *bucket);
        }
        true
    }

    fn keys(&self, source: Source) -> Vec<(Key, Rate)> {
        let Rates { address, network, circuit, .. } = self.rates;
        match source {
            Source::Ip(IpAddr::V4(ip)) => {
                let around = Ipv4Net::new_assert(ip, 24).trunc();
                let alone = Ipv4Net::new_assert(ip, 32);
                vec![(Key::Network(alone.into()), address), (Key::Network(around.into()), network)]
            }
            Source::Ip(IpAddr::V6(ip)) => {
                vec![(Key::Network(Ipv6Net::new_assert(ip, 64).trunc().into()), address)]
            }
            Source::Circuit => vec![(Key::Circuit, circuit)],
        }
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
        let mut buckets = Buckets::new(Rates::AGENT, now);
        assert_eq!(burst(&mut buckets, ip("192.0.2.1"), 1000, now), 100);
        assert_eq!(burst(&mut buckets, ip("192.0.2.1"), 1000, now + Duration::from_secs(1)), 10);
        assert_eq!(burst(&mut buckets, ip("198.51.100.1"), 1, now), 1, "others are not held up");
    }

    #[test]
    fn a_network_is_one_source_as_well() {
        let now = Instant::now();
        let mut buckets = Buckets::new(Rates::AGENT, now);
        let taken =
            burst(&mut buckets, ip("192.0.2.1"), 90, now) + burst(&mut buckets, ip("192.0.2.2"), 90, now);
        assert_eq!(taken, 150);
        let mut buckets = Buckets::new(Rates::AGENT, now);
        let taken =
            burst(&mut buckets, ip("2001:db8::1"), 90, now) + burst(&mut buckets, ip("2001:db8::2"), 90, now);
        assert_eq!(taken, 100);
    }

    #[test]
    fn many_sources_together_stay_under_the_bound_for_all() {
        let now = Instant::now();
        let mut buckets = Buckets::new(Rates::AGENT, now);
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
        let mut buckets = Buckets::new(Rates::RELAY, start);
        for at in 0..100_000_u32 {
            let now = start + Duration::from_millis(u64::from(at));
            buckets.take(Source::Ip(Ipv4Addr::from(at.wrapping_mul(2_654_435_761)).into()), now);
            assert!(buckets.sources.len() <= MAX_SOURCES);
        }
        let later = start + Duration::from_secs(1000);
        assert!(buckets.take(ip("192.0.2.1"), later), "and there is room again");
    }
}
