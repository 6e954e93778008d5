//! From which IP addresses somebody is expected whom we know.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use ipnet::IpNet;

use super::super::{
    book::{Book, Counted},
    relays::OwnRelays,
};

/// Networks of the settings, our relays, the address book, and where trusted peers are connected from now. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    networks: Arc<[IpNet]>,
    relays: OwnRelays,
    book: Book,
    connected: Arc<RwLock<Counted<IpAddr>>>,
}

impl Expected {
    pub(crate) fn new(networks: &[IpNet], relays: OwnRelays, book: Book) -> Self {
        Self { networks: networks.into(), relays, book, connected: Arc::default() }
    }

    pub(crate) fn contains(&self, ip: &IpAddr) -> bool {
        self.relays.is_at(ip)
            || self.connected.read().unwrap_or_else(PoisonError::into_inner).contains(ip)
            || self.book.names_ip(ip)
            || self.networks.iter().any(|network| network.contains(ip))
    }

    /// How many IP addresses are expected besides the networks.
    pub(crate) fn count(&self) -> usize {
        let mut all: HashSet<_> = self.book.ips().into_iter().collect();
        all.extend(self.relays.ips());
        all.extend(self.connected.read().unwrap_or_else(PoisonError::into_inner).iter());
        all.len()
    }

    pub(super) fn arrived(&self, ip: IpAddr) {
        self.connected.write().unwrap_or_else(PoisonError::into_inner).add(ip);
    }

    pub(super) fn left(&self, ip: &IpAddr) {
        self.connected.write().unwrap_or_else(PoisonError::into_inner).remove(ip);
    }
}

#[cfg(test)]
mod tests {
    use libp2p::PeerId;

    use super::*;

    #[test]
    fn whoever_is_known_in_any_way_is_expected() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let book = Book::default();
        let at = vec!["/ip4/198.51.100.1/udp/1/quic-v1".parse().unwrap()];
        let relays = OwnRelays::new(vec![(PeerId::random(), at)]);
        let expected = Expected::new(&["192.0.2.0/24".parse().unwrap()], relays, book.clone());
        assert!(expected.contains(&ip("192.0.2.200")) && expected.contains(&ip("198.51.100.1")));
        assert!(!expected.contains(&ip("192.0.3.1")) && !expected.contains(&ip("::1")));
        assert_eq!(expected.count(), 1);

        let at = ip("203.0.113.7");
        let contact = PeerId::random();
        book.set(contact, vec!["/ip4/203.0.113.7/tcp/1".parse().unwrap()]);
        assert!(expected.contains(&at));
        expected.arrived(at);
        expected.arrived(at);
        assert_eq!(expected.count(), 2, "one address, known in two ways");
        book.remove(&contact);
        expected.left(&at);
        assert!(expected.contains(&at), "one connection is left");
        expected.left(&at);
        assert!(!expected.contains(&at));
    }
}
