//! The port that a node listens on, picked once and remembered: a card that was handed out stays good.

use std::{
    io,
    net::{IpAddr, TcpListener, UdpSocket},
};

use libp2p::{Multiaddr, multiaddr::Protocol};

/// Ports that are tried before giving up: each has to be free for UDP and TCP at once.
const TRIES: usize = 32;

/// Whether any address leaves the port to us.
pub(super) fn is_open(listen: &[Multiaddr]) -> bool {
    listen.iter().any(|address| socket(address).is_some_and(|socket| socket.port == 0))
}

/// Puts a port in the place of port 0.
pub(super) fn fill(listen: &[Multiaddr], port: u16) -> Vec<Multiaddr> {
    let fill = |part| match part {
        Protocol::Udp(0) => Protocol::Udp(port),
        Protocol::Tcp(0) => Protocol::Tcp(port),
        other => other,
    };
    listen.iter().map(|address| address.iter().map(fill).collect()).collect()
}

/// Whether a port is free on every address that leaves it to us.
pub(super) fn is_free(listen: &[Multiaddr], port: u16) -> bool {
    let open = listen.iter().filter_map(socket).filter(|socket| socket.port == 0);
    open.into_iter().all(|socket| match socket.bind(port) {
        Ok(_) => true,
        // A machine without IPv6 does not make the port any less free.
        Err(error) => error.kind() != io::ErrorKind::AddrInUse,
    })
}

/// A port that is free on every address that leaves it to us.
pub(super) fn pick(listen: &[Multiaddr]) -> Option<u16> {
    let first = listen.iter().filter_map(socket).find(|socket| socket.port == 0)?;
    (0..TRIES).find_map(|_| first.bind(0).ok().filter(|port| is_free(listen, *port)))
}

struct Socket {
    ip: IpAddr,
    port: u16,
    udp: bool,
}

impl Socket {
    /// Binds for a moment; returns the port.
    fn bind(&self, port: u16) -> io::Result<u16> {
        let address = if self.udp {
            UdpSocket::bind((self.ip, port))?.local_addr()?
        } else {
            TcpListener::bind((self.ip, port))?.local_addr()?
        };
        Ok(address.port())
    }
}

fn socket(address: &Multiaddr) -> Option<Socket> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Udp(port) => Some(Socket { ip, port, udp: true }),
        Protocol::Tcp(port) => Some(Socket { ip, port, udp: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen() -> Vec<Multiaddr> {
        ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"].map(|text| text.parse().unwrap()).into()
    }

    #[test]
    fn one_port_serves_udp_and_tcp() {
        let port = pick(&listen()).unwrap();
        let filled = fill(&listen(), port).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            filled,
            [format!("/ip4/127.0.0.1/udp/{port}/quic-v1"), format!("/ip4/127.0.0.1/tcp/{port}")]
        );
    }

    #[test]
    fn a_port_in_use_is_not_free() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!is_free(&listen(), taken.local_addr().unwrap().port()));
    }

    #[test]
    fn a_port_of_the_users_choice_stays() {
        let chosen: Vec<Multiaddr> = vec!["/ip4/127.0.0.1/tcp/4001".parse().unwrap()];
        assert!(!is_open(&chosen));
        assert_eq!(fill(&chosen, 1), chosen);
    }
}
