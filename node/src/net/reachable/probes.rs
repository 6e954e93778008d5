//! Which relays were asked to dial us, and who may come because of it.
//!
//! rust-libp2p's server dials back as itself. go-libp2p's does so under a key that it has for nothing else, so that nobody can
//! tell its dial from a stranger: only that a relay was asked a moment ago, that the connection comes from where that relay
//! is, and that the number which we chose is said over it.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use libp2p::{PeerId, swarm::ConnectionId};

/// How long a relay may take to dial us and to answer, once it was asked. What it says later does not count.
pub(super) const DIAL: Duration = Duration::from_secs(15);

/// Connections that are taken for one probe. A server makes one; it may try several of its transports at once.
const MAX_VISITORS: usize = 4;

/// IP addresses that a relay may come from: those of the settings, the one that we reach it at, and those it says it has.
/// Whoever shares one with a relay can be taken for its dial.
const MAX_SOURCES: usize = 16;

/// Where a relay may come from when it dials us.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources(Vec<IpAddr>);

impl Sources {
    /// Adds what there is room for.
    pub(super) fn add(&mut self, ips: impl IntoIterator<Item = IpAddr>) {
        for ip in ips {
            if self.0.len() < MAX_SOURCES && !self.0.contains(&ip) {
                self.0.push(ip);
            }
        }
    }
}

/// A connection that may be a dial that we asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visitor {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    /// It has said a number, right or wrong.
    pub(super) spoke: bool,
}

/// A request under way.
#[derive(Debug)]
struct Probe {
    relay: PeerId,
    /// Over which it was asked.
    connection: ConnectionId,
    asked: Instant,
    sources: Sources,
    visitors: Vec<Visitor>,
}

/// See the module. There is one probe at most for each relay.
#[derive(Debug, Default)]
pub(super) struct Probes(Vec<Probe>);

impl Probes {
    /// A relay is asked now.
    pub(super) fn begin(&mut self, relay: PeerId, connection: ConnectionId, sources: Sources, now: Instant) {
        self.0.push(Probe { relay, connection, asked: now, sources, visitors: Vec::new() });
    }

    /// Whether the relay has not answered yet.
    pub(super) fn is_asked(&self, relay: &PeerId) -> bool {
        self.0.iter().any(|probe| probe.relay == *relay)
    }

    /// Takes in a connection that comes from there, if it may be a dial that we asked for.
    pub(super) fn admit(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        from: IpAddr,
        now: Instant,
    ) -> bool {
        let may_come = |probe: &&mut Probe| {
            now.duration_since(probe.asked) < DIAL
                && probe.sources.0.contains(&from)
                && probe.visitors.len() < MAX_VISITORS
        };
        let Some(probe) = self.0.iter_mut().find(may_come) else { return false };
        probe.visitors.push(Visitor { peer, connection, spoke: false });
        true
    }

    /// A number was said over a connection.
    pub(super) fn heard(&mut self, connection: ConnectionId) {
        let visitors = self.0.iter_mut().flat_map(|probe| &mut probe.visitors);
        visitors.filter(|visitor| visitor.connection == connection).for_each(|visitor| visitor.spoke = true);
    }

    /// The relay has answered over this connection, or will not; returns who came meanwhile.
    pub(super) fn end(&mut self, connection: ConnectionId) -> Vec<Visitor> {
        let over = self.0.extract_if(.., |probe| probe.connection == connection);
        over.flat_map(|probe| probe.visitors).collect()
    }

    /// Over which connections there was no answer in time.
    pub(super) fn overdue(&self, now: Instant) -> Vec<ConnectionId> {
        let overdue = self.0.iter().filter(|probe| now.duration_since(probe.asked) >= DIAL);
        overdue.map(|probe| probe.connection).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn connection(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    fn sources(ips: impl IntoIterator<Item = IpAddr>) -> Sources {
        let mut sources = Sources::default();
        sources.add(ips);
        sources
    }

    /// Whether somebody who comes from there is taken in.
    fn comes(probes: &mut Probes, number: usize, from: IpAddr, now: Instant) -> bool {
        probes.admit(PeerId::random(), connection(number), from, now)
    }

    #[test]
    fn a_stranger_is_taken_in_while_a_relay_at_its_address_is_asked_and_at_no_other_time() {
        let (relay, now) = (PeerId::random(), Instant::now());
        let mut probes = Probes::default();
        assert!(!comes(&mut probes, 1, AT, now), "nobody was asked");

        probes.begin(relay, connection(0), sources([AT]), now);
        assert!(probes.is_asked(&relay) && !probes.is_asked(&PeerId::random()));
        assert!(!comes(&mut probes, 2, ELSEWHERE, now), "from where the relay is not");
        assert!(comes(&mut probes, 3, AT, now));
        probes.heard(connection(3));
        let ended: Vec<_> = probes
            .end(connection(0))
            .into_iter()
            .map(|visitor| (visitor.connection, visitor.spoke))
            .collect();
        assert_eq!(ended, [(connection(3), true)]);
        assert!(!comes(&mut probes, 4, AT, now) && !probes.is_asked(&relay), "it has answered");
    }

    #[test]
    fn a_relay_that_does_not_answer_opens_the_door_for_no_longer_than_a_dial_takes() {
        let now = Instant::now();
        let mut probes = Probes::default();
        probes.begin(PeerId::random(), connection(0), sources([AT]), now);
        assert!(comes(&mut probes, 1, AT, now + DIAL - Duration::from_millis(1)));
        assert!(!comes(&mut probes, 2, AT, now + DIAL));
        assert_eq!(probes.overdue(now + DIAL), [connection(0)]);
        assert!(probes.overdue(now).is_empty());
    }

    #[test]
    fn no_more_come_for_a_probe_than_a_server_makes_connections() {
        let now = Instant::now();
        let mut probes = Probes::default();
        probes.begin(PeerId::random(), connection(0), sources([AT]), now);
        let admitted = (1..100).filter(|number| comes(&mut probes, *number, AT, now)).count();
        assert_eq!(admitted, MAX_VISITORS);
    }

    #[test]
    fn a_relay_that_names_ever_so_many_addresses_comes_from_a_few() {
        let many = (0..=255).map(|last| IpAddr::from([198, 51, 100, last]));
        let sources = sources([AT].into_iter().chain(many));
        assert_eq!(sources.0.len(), MAX_SOURCES);
        assert!(sources.0.contains(&AT), "what we know ourselves comes first");
    }
}
