//! Where those come from who stand at a door.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

/// Where somebody comes from, as coarsely as addresses are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The /24 of an IPv4 address.
    V4([u8; 3]),
    /// The /48 of an IPv6 address.
    V6([u8; 6]),
    /// All who come through one relay.
    Relay(PeerId),
    Unknown,
}

impl Source {
    pub(crate) fn of(address: &Multiaddr) -> Self {
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
}
