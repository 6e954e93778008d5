//! The AutoNAT server: dials a client back where it asks to be dialled, and says whether that worked.
//!
//! It is not to become a way to have us knock at other people's doors: what is dialled is the address that the client
//! came from, or a public one, for which libp2p's server has it send us 30 to 100 KB first.

use std::{
    collections::HashMap,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use libp2p::{
    Multiaddr, PeerId,
    autonat::v2::server,
    core::{Endpoint, transport::PortUse},
    swarm::{
        ConnectionDenied, ConnectionId, DialError, DialFailure, FromSwarm, NetworkBehaviour, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};
use tokio::time::{Instant, Interval, interval};

use super::{book, public};

/// Dials back under way at once; further ones fail. Each takes one of the dials that we may have under way.
const AT_ONCE: usize = 32;

/// After this a client hears that it could not be dialled: it waits for 10 s, and takes silence for no answer at all. Where
/// nobody answers, a dial over TCP takes longer.
const GIVE_UP: Duration = Duration::from_secs(6);

/// How often it is looked for dials that take longer.
const TICK: Duration = Duration::from_millis(500);

/// Why a client is not dialled back.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the client asked for an address that is neither public nor its own")]
    Address,
    #[error("too many clients are being dialled back")]
    TooMany,
}

/// See the module.
pub(crate) struct Behaviour {
    server: server::Behaviour,
    /// Where each open connection comes from.
    seen: HashMap<ConnectionId, (PeerId, IpAddr)>,
    /// Dials back under way, since when.
    dialling: HashMap<ConnectionId, Instant>,
    tick: Pin<Box<Interval>>,
}

impl Behaviour {
    /// Must be called on a tokio runtime.
    pub(super) fn new() -> Self {
        let tick = Box::pin(interval(TICK));
        Self { server: server::Behaviour::default(), seen: HashMap::new(), dialling: HashMap::new(), tick }
    }

    /// Tells the server that dials have failed which take too long. What still becomes of them is nobody's business.
    fn on_tick(&mut self) {
        let late: Vec<_> = self.dialling.extract_if(|_, since| since.elapsed() > GIVE_UP).collect();
        for (connection_id, _) in late {
            let failure = DialFailure { peer_id: None, error: &DialError::Aborted, connection_id };
            self.server.on_swarm_event(FromSwarm::DialFailure(failure));
        }
    }

    fn check(&self, peer: Option<PeerId>, addresses: &[Multiaddr]) -> Result<(), Refused> {
        let is_own = |ip: &IpAddr| self.seen.values().any(|(known, at)| Some(*known) == peer && at == ip);
        let may_be_dialled = |address: &Multiaddr| {
            book::direct_ip(address).is_some_and(|ip| public::is_public(&ip) || is_own(&ip))
        };
        if !addresses.iter().all(may_be_dialled) {
            return Err(Refused::Address);
        }
        if self.dialling.len() > AT_ONCE {
            return Err(Refused::TooMany);
        }
        Ok(())
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = THandler<server::Behaviour>;
    type ToSwarm = server::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.server.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if self.dialling.contains_key(&connection) {
            self.check(peer, addresses).map_err(ConnectionDenied::new)?;
        }
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.dialling.remove(&connection);
        self.server.handle_established_outbound_connection(connection, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match &event {
            FromSwarm::ConnectionEstablished(established) => {
                if let Some(ip) = book::ip(established.endpoint.get_remote_address()) {
                    self.seen.insert(established.connection_id, (established.peer_id, ip));
                }
            }
            FromSwarm::ConnectionClosed(closed) => drop(self.seen.remove(&closed.connection_id)),
            FromSwarm::DialFailure(failure) => drop(self.dialling.remove(&failure.connection_id)),
            _ => {}
        }
        self.server.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.server.on_connection_handler_event(peer, connection, event);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        while self.tick.poll_tick(cx).is_ready() {
            self.on_tick();
        }
        let order = self.server.poll(cx);
        if let Poll::Ready(ToSwarm::Dial { opts }) = &order {
            self.dialling.insert(opts.connection_id(), Instant::now());
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_is_dialled_back_at_its_own_address_or_a_public_one() {
        let (client, other) = (PeerId::random(), PeerId::random());
        let mut behaviour = Behaviour::new();
        behaviour.seen.insert(ConnectionId::new_unchecked(1), (client, "10.0.0.7".parse().unwrap()));
        behaviour.seen.insert(ConnectionId::new_unchecked(2), (other, "10.0.0.8".parse().unwrap()));
        let relay = PeerId::random();
        for (address, is_dialled) in [
            ("/ip4/10.0.0.7/udp/1/quic-v1".to_owned(), true),
            ("/ip4/1.1.1.1/tcp/1".into(), true),
            ("/ip4/10.0.0.8/udp/1/quic-v1".into(), false),
            ("/ip4/127.0.0.1/tcp/1".into(), false),
            ("/dns4/agent.example.org/tcp/1".into(), false),
            (format!("/ip4/1.1.1.1/tcp/1/p2p/{relay}/p2p-circuit"), false),
        ] {
            let address: Multiaddr = address.parse().unwrap();
            let checked = behaviour.check(Some(client), std::slice::from_ref(&address));
            assert_eq!(checked.is_ok(), is_dialled, "{address}");
        }
    }

    #[tokio::test]
    async fn dials_back_at_once_are_bounded_and_other_dials_are_none_of_its_business() {
        let client = PeerId::random();
        let mut behaviour = Behaviour::new();
        let address = ["/ip4/1.1.1.1/tcp/1".parse().unwrap()];
        let now = Instant::now();
        behaviour.dialling.extend((0..=AT_ONCE).map(|at| (ConnectionId::new_unchecked(at), now)));
        let dial = |behaviour: &mut Behaviour, at| {
            let connection = ConnectionId::new_unchecked(at);
            behaviour
                .handle_pending_outbound_connection(connection, Some(client), &address, Endpoint::Dialer)
                .is_ok()
        };
        assert!(!dial(&mut behaviour, 0));
        assert!(dial(&mut behaviour, AT_ONCE + 1));
        behaviour.dialling.remove(&ConnectionId::new_unchecked(1));
        assert!(dial(&mut behaviour, 0));
    }
}
