//! How often strangers may knock: each by itself, those of one network together, and all of them.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

use crate::bucket::{Buckets, Rate};

/// A requester that is not answered knocks again now and then, which keeps a way open for the answer.
const PER_PEER: Rate = Rate { burst: 6, refill: Duration::from_secs(20 * 60) };

/// Whoever has many keys seldom has many networks.
const PER_SOURCE: Rate = Rate { burst: 20, refill: Duration::from_secs(3 * 60) };

/// As many as an owner can look at.
const IN_ALL: Rate = Rate { burst: 60, refill: Duration::from_secs(30) };

/// Peers and networks remembered.
const REMEMBERED: usize = 4096;

/// Where somebody comes from, as coarsely as addresses are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The /24 of an IPv4 address.
    V4([u8; 3]),
    /// The /48 of an IPv6 address.
    V6([u8; 6]),
    /// All who come through one relay.
    Relay(PeerId),
    Unknown,
}

impl Source {
    pub(super) fn of(address: &Multiaddr) -> Self {
        let mut last = Self::Unknown;
        for part in address {
            match part {
                Protocol::Ip4(ip) => last = Self::V4([ip.octets()[0], ip.octets()[1], ip.octets()[2]]),
                Protocol::Ip6(ip) => {
                    last = match ip.to_ipv4_mapped() {
                        Some(ip) => Self::V4([ip.octets()[0], ip.octets()[1], ip.octets()[2]]),
                        None => Self::V6(ip.octets()[..6].try_into().unwrap_or_default()),
                    };
                }
                Protocol::P2p(peer) => last = Self::Relay(peer),
                Protocol::P2pCircuit => return last,
                _ => {}
            }
        }
        match last {
            // The id behind a direct address is that of the peer itself.
            Self::Relay(_) => {
                Self::of(&address.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect())
            }
            other => other,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Self::V6(net) => {
                let mut octets = [0; 16];
                octets[..6].copy_from_slice(&net);
                write!(f, "{}/48", Ipv6Addr::from(octets))
            }
            Self::Relay(relay) => write!(f, "relay {relay}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// What all strangers have left.
#[derive(Debug)]
pub(super) struct Budgets {
    peers: Buckets<PeerId>,
    sources: Buckets<Source>,
    all: Buckets<()>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            peers: Buckets::new(PER_PEER, REMEMBERED),
            sources: Buckets::new(PER_SOURCE, REMEMBERED),
            all: Buckets::new(IN_ALL, 1),
        }
    }
}

impl Budgets {
    /// Takes the price of a knock from all three; `false`, and takes nothing, if one has too little.
    pub(super) fn pay(&mut self, peer: PeerId, source: &Source) -> bool {
        let now = Instant::now();
        let can = self.peers.has(&peer, now) && self.sources.has(source, now) && self.all.has(&(), now);
        if can {
            self.peers.take(peer, now);
            self.sources.take(*source, now);
            self.all.take((), now);
        }
        can
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> String {
        Source::of(&address.parse().unwrap()).to_string()
    }

    #[test]
    fn a_source_is_a_network_or_a_relay() {
        let relay = PeerId::random();
        assert_eq!(source("/ip4/192.0.2.7/udp/1/quic-v1"), "192.0.2.0/24");
        assert_eq!(source("/ip6/2001:db8:1:2::1/tcp/1"), "2001:db8:1::/48");
        assert_eq!(source("/ip6/::ffff:192.0.2.7/tcp/1"), "192.0.2.0/24");
        assert_eq!(source(&format!("/ip4/192.0.2.7/tcp/1/p2p/{}", PeerId::random())), "192.0.2.0/24");
        let relayed = format!("/ip4/192.0.2.7/tcp/1/p2p/{relay}/p2p-circuit/p2p/{}", PeerId::random());
        assert_eq!(source(&relayed), format!("relay {relay}"));
    }

    #[test]
    fn one_peer_one_network_and_the_world_have_their_limits() {
        let mut budgets = Budgets::default();
        let (peer, home) = (PeerId::random(), Source::V4([192, 0, 2]));
        let paid = (0..100).filter(|_| budgets.pay(peer, &home)).count();
        assert_eq!(paid, PER_PEER.burst as usize);
        let paid = (0..100).filter(|_| budgets.pay(PeerId::random(), &home)).count();
        assert_eq!(paid, (PER_SOURCE.burst - PER_PEER.burst) as usize);
        let paid = (0..100).filter(|net| budgets.pay(PeerId::random(), &Source::V4([10, 0, *net]))).count();
        assert_eq!(paid, (IN_ALL.burst - PER_SOURCE.burst) as usize);
    }
}
