//! Where we may be found: what a relay has seen of us, and what follows from it. Nothing here is known to be true.

use std::net::IpAddr;

use libp2p::{Multiaddr, multiaddr::Protocol};

use super::{book, public};

/// Candidates that are tried at most, of all networks that an agent goes through while a relay is connected.
pub(super) const MAX_CANDIDATES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Quic,
    Tcp,
}

/// An address that can be dialled without a name server or a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    ip: IpAddr,
    port: u16,
    transport: Transport,
}

impl Place {
    /// Whoever is named behind it is left out.
    fn parse(address: &Multiaddr) -> Option<Self> {
        let ip = book::ip(address)?;
        let mut rest = address.iter().skip(1);
        let (port, transport) = match (rest.next()?, rest.next()) {
            (Protocol::Udp(port), Some(Protocol::QuicV1)) => (port, Transport::Quic),
            (Protocol::Tcp(port), None) => return Self::new(ip, port, Transport::Tcp),
            (Protocol::Tcp(port), Some(Protocol::P2p(_))) => (port, Transport::Tcp),
            _ => return None,
        };
        match (transport, rest.next(), rest.next()) {
            (_, None, _) | (Transport::Quic, Some(Protocol::P2p(_)), None) => Self::new(ip, port, transport),
            _ => None,
        }
    }

    fn new(ip: IpAddr, port: u16, transport: Transport) -> Option<Self> {
        (port != 0).then_some(Self { ip, port, transport })
    }

    fn address(self) -> Multiaddr {
        let address = Multiaddr::from(self.ip);
        match self.transport {
            Transport::Quic => address.with(Protocol::Udp(self.port)).with(Protocol::QuicV1),
            Transport::Tcp => address.with(Protocol::Tcp(self.port)),
        }
    }
}

/// Whether anybody can dial the address as it stands, and it is not that of a network of this machine alone.
pub(super) fn is_plain(address: &Multiaddr) -> bool {
    Place::parse(address).is_some_and(|place| Reach::of(&place.ip) > Reach::Loopback)
}

/// How far an IP address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Nowhere,
    Loopback,
    Network,
    World,
}

impl Reach {
    fn of(ip: &IpAddr) -> Self {
        let link_local = match ip {
            IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        };
        match ip {
            _ if ip.is_unspecified() || ip.is_multicast() || link_local => Self::Nowhere,
            _ if ip.is_loopback() => Self::Loopback,
            _ if public::is_public(ip) => Self::World,
            _ => Self::Network,
        }
    }
}

/// Whether an address that we listen on may be ours for the whole world.
pub(super) fn is_public(address: &Multiaddr) -> bool {
    book::direct_ip(address).is_some_and(|ip| public::is_public(&ip))
}

/// What follows from a relay's word that it sees us at `observed`: that address, and the ports that we listen on at the
/// same IP address, since a router may lead them to us. Those of the other transport as well: two agents of which one came
/// to the relay by TCP and the other by QUIC would have nothing to meet at. A relay cannot see us nearer to it than it is to
/// us: one in the world that speaks of a private network is not believed.
pub(super) fn from_observed(
    relay: &Multiaddr,
    observed: &Multiaddr,
    listening: &[Multiaddr],
) -> Vec<Multiaddr> {
    let Some(seen) = Place::parse(observed) else { return Vec::new() };
    let reach = Reach::of(&seen.ip);
    if reach == Reach::Nowhere || book::direct_ip(relay).is_none_or(|ip| Reach::of(&ip) > reach) {
        return Vec::new();
    }
    let mut candidates = vec![seen.address()];
    for own in listening.iter().filter_map(Place::parse) {
        let mapped = Place { ip: seen.ip, ..own }.address();
        if own.ip.is_ipv4() == seen.ip.is_ipv4() && !candidates.contains(&mapped) {
            candidates.push(mapped);
        }
    }
    candidates.truncate(MAX_CANDIDATES);
    candidates
}

#[cfg(test)]
mod tests {
    use libp2p::PeerId;

    use super::*;

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn observed(relay: &str, seen: &str, listening: &[&str]) -> Vec<String> {
        let listening: Vec<_> = listening.iter().copied().map(address).collect();
        let candidates = from_observed(&address(relay), &address(seen), &listening);
        candidates.iter().map(Multiaddr::to_string).collect()
    }

    #[test]
    fn the_port_that_was_seen_and_those_that_are_listened_on_are_candidates() {
        let listening =
            ["/ip4/10.0.0.2/udp/4001/quic-v1", "/ip4/10.0.0.2/tcp/4001", "/ip6/2a00::2/udp/4001/quic-v1"];
        let candidates = observed("/ip4/1.1.1.1/udp/1/quic-v1", "/ip4/2.2.2.2/udp/77/quic-v1", &listening);
        let (quic, tcp) = ("/ip4/2.2.2.2/udp/4001/quic-v1", "/ip4/2.2.2.2/tcp/4001");
        assert_eq!(candidates, ["/ip4/2.2.2.2/udp/77/quic-v1", quic, tcp]);
        let kept = observed("/ip4/1.1.1.1/tcp/1", "/ip4/2.2.2.2/tcp/4001", &listening);
        assert_eq!(kept, [tcp, quic], "a port that was kept is one candidate");
    }

    #[test]
    fn a_relay_is_not_believed_what_it_cannot_see() {
        let world = "/ip4/1.1.1.1/udp/1/quic-v1";
        let relay = PeerId::random();
        for seen in [
            "/ip4/10.0.0.2/udp/1/quic-v1",
            "/ip4/127.0.0.1/udp/1/quic-v1",
            "/ip4/0.0.0.0/udp/1/quic-v1",
            "/ip4/224.0.0.1/udp/1/quic-v1",
            "/ip4/2.2.2.2/udp/0/quic-v1",
            "/ip4/2.2.2.2/udp/1",
            "/ip4/2.2.2.2/udp/1/quic-v1/quic-v1",
            "/dns4/agent.example.org/tcp/1",
            &format!("/ip4/2.2.2.2/tcp/1/p2p/{relay}/p2p-circuit"),
            "/p2p-circuit",
        ] {
            assert!(observed(world, seen, &[]).is_empty(), "{seen}");
        }
        assert_eq!(observed("/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/1", &[]).len(), 1);
        assert_eq!(observed("/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1", &[]).len(), 1);
        assert!(observed("/ip4/10.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1", &[]).is_empty());
        let named = format!("/ip4/2.2.2.2/udp/1/quic-v1/p2p/{relay}");
        assert_eq!(observed(world, &named, &[]), ["/ip4/2.2.2.2/udp/1/quic-v1"]);
    }

    #[test]
    fn ever_so_many_listeners_make_no_more_candidates_than_there_is_room_for() {
        let many: Vec<_> = (1..100).map(|port| format!("/ip4/10.0.0.2/tcp/{port}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(observed("/ip4/1.1.1.1/tcp/1", "/ip4/2.2.2.2/tcp/500", &many).len(), MAX_CANDIDATES);
    }
}
