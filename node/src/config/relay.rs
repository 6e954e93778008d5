//! A relay of our own, or a host to find others through, as it is named in the settings: by a multiaddr with its peer id,
//! or by its card.

use airway_protocols::card::Card;
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

use super::value::Bad;

/// Most relays: two are used at a time, the others wait until one of them fails. Most hosts to begin with, too.
const MAX_RELAYS: usize = 8;

/// Addresses of one relay that are dialled.
const MAX_ADDRESSES: usize = 8;

/// A relay to be reached through, or a host to find others through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// From its key, which it has to prove.
    pub peer: PeerId,
    /// Where it is, without the peer id; at least one.
    pub addresses: Vec<Multiaddr>,
}

impl Relay {
    /// The addresses as they are written in the settings.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.addresses.iter().map(|address| format!("{address}/p2p/{}", self.peer))
    }
}

/// Reads relays; several addresses of one make one relay.
pub(super) fn relays(texts: Vec<String>) -> Result<Vec<Relay>, Bad> {
    hosts(texts, "relay")
}

/// Reads the hosts through which the others of a network are found, named in the same way.
pub(super) fn bootstraps(texts: Vec<String>) -> Result<Vec<Relay>, Bad> {
    hosts(texts, "host")
}

fn hosts(texts: Vec<String>, what: &str) -> Result<Vec<Relay>, Bad> {
    let mut all: Vec<Relay> = Vec::new();
    for text in texts {
        let Relay { peer, addresses } = host(text, what)?;
        match all.iter_mut().find(|known| known.peer == peer) {
            Some(known) => known.addresses.extend(addresses),
            None => all.push(Relay { peer, addresses }),
        }
    }
    if all.len() > MAX_RELAYS {
        return Err(Bad::new(format!("{} {what}s", all.len()), format!("at most {MAX_RELAYS}")));
    }
    match all.iter().find(|relay| relay.addresses.len() > MAX_ADDRESSES) {
        Some(relay) => {
            let found = format!("{} addresses of {}", relay.addresses.len(), relay.peer);
            Err(Bad::new(found, format!("at most {MAX_ADDRESSES} of one {what}")))
        }
        None => Ok(all),
    }
}

fn host(text: String, what: &str) -> Result<Relay, Bad> {
    if let Ok(card) = text.parse::<Card>() {
        let direct: Vec<_> = card.addresses().iter().filter(|address| is_direct(address)).cloned().collect();
        if direct.is_empty() {
            return Err(Bad::new(text, format!("the card of a {what}, which has an address on it")));
        }
        return Ok(Relay { peer: card.peer_id(), addresses: direct });
    }
    let named = text.parse::<Multiaddr>().ok().and_then(|mut address| match address.pop() {
        Some(Protocol::P2p(peer)) if is_direct(&address) => Some(Relay { peer, addresses: vec![address] }),
        _ => None,
    });
    named.ok_or_else(|| {
        let address = "/ip4/192.0.2.1/udp/4001/quic-v1/p2p/12D3KooW…";
        Bad::new(text, format!("an address such as {address}, or the card of the {what}"))
    })
}

/// Host, port and a transport that we have, and nothing behind it.
fn is_direct(address: &Multiaddr) -> bool {
    let parts: Vec<_> = address.iter().collect();
    let ([host, Protocol::Udp(port), Protocol::QuicV1] | [host, Protocol::Tcp(port)]) = parts.as_slice()
    else {
        return false;
    };
    let is_host = matches!(
        host,
        Protocol::Ip4(_) | Protocol::Ip6(_) | Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_)
    );
    is_host && *port != 0
}

#[cfg(test)]
mod tests {
    use libp2p::identity::Keypair;

    use super::*;

    const QUIC: &str = "/ip4/192.0.2.1/udp/4001/quic-v1";

    fn read(texts: &[String]) -> Result<Vec<Relay>, String> {
        relays(texts.to_vec()).map_err(|bad| bad.expected.into_owned())
    }

    #[test]
    fn a_relay_is_named_by_address_or_card() {
        let key = Keypair::generate_ed25519();
        let peer = key.public().to_peer_id();
        let address = format!("{QUIC}/p2p/{peer}");
        let expected = Relay { peer, addresses: vec![QUIC.parse().unwrap()] };
        assert_eq!(read(std::slice::from_ref(&address)).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(expected.texts().collect::<Vec<_>>(), std::slice::from_ref(&address));

        let on_card = [QUIC.parse().unwrap(), format!("{QUIC}/p2p/{peer}/p2p-circuit").parse().unwrap()];
        let card = (0..16).find_map(|nonce| Card::sign(&key, 0, nonce, None, &on_card).ok()).unwrap();
        assert_eq!(read(&[card.to_string()]).unwrap(), [expected], "circuits lead to no relay");

        let tcp = format!("/dns4/relay.example.org/tcp/4001/p2p/{peer}");
        assert_eq!(read(&[address, tcp]).unwrap()[0].addresses.len(), 2, "two addresses of one relay");
    }

    #[test]
    fn what_names_no_relay_is_refused() {
        let peer = PeerId::random();
        for text in [
            String::new(),
            QUIC.into(),
            format!("/p2p/{peer}"),
            format!("/ip4/192.0.2.1/udp/0/quic-v1/p2p/{peer}"),
            format!("{QUIC}/p2p/{peer}/p2p-circuit"),
            format!("{QUIC}/p2p/{peer}/p2p-circuit/p2p/{peer}"),
        ] {
            assert!(read(std::slice::from_ref(&text)).is_err(), "{text}");
        }
        let many: Vec<_> = (0..=MAX_RELAYS).map(|_| format!("{QUIC}/p2p/{}", PeerId::random())).collect();
        assert_eq!(read(&many).unwrap_err(), "at most 8");
        let one: Vec<_> = (1..=9).map(|port| format!("/ip4/192.0.2.1/tcp/{port}/p2p/{peer}")).collect();
        assert_eq!(read(&one).unwrap_err(), "at most 8 of one relay");
    }
}
