//! A connection that has ended, and of which the swarm does not know yet.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use airway_protocols::streams::{Behaviour, Limits, OpenToAll};
use futures::FutureExt as _;
use libp2p::{
    Multiaddr, PeerId,
    core::{ConnectedPoint, Endpoint, transport::PortUse},
    swarm::{
        ConnectionId, DialError, DialFailure, FromSwarm, NetworkBehaviour as _, ToSwarm,
        behaviour::{ConnectionClosed, ConnectionEstablished},
        dial_opts::{DialOpts, PeerCondition},
    },
};

use crate::PROTOCOL;

/// The dial that the behaviour wants, if it wants one.
fn wanted(behaviour: &mut Behaviour) -> Option<DialOpts> {
    match behaviour.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ToSwarm::Dial { opts }) => Some(opts),
        _ => None,
    }
}

#[test]
fn whoever_opens_while_the_last_connection_ends_has_the_peer_dialled_behind_it() {
    let mut behaviour = Behaviour::new(Limits::default(), OpenToAll);
    let (peer, connection_id) = (PeerId::random(), ConnectionId::new_unchecked(1));
    let address: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
    let (role_override, port_use) = (Endpoint::Dialer, PortUse::New);
    let endpoint = ConnectedPoint::Dialer { address: address.clone(), role_override, port_use };
    let handler = behaviour
        .handle_established_outbound_connection(connection_id, peer, &address, role_override, port_use)
        .unwrap();
    behaviour.on_swarm_event(FromSwarm::ConnectionEstablished(ConnectionEstablished {
        peer_id: peer,
        connection_id,
        endpoint: &endpoint,
        failed_addresses: &[],
        other_established: 0,
    }));

    // The task of the connection has ended; the swarm has not looked at it.
    drop(handler);
    let control = behaviour.control();
    let mut opening = pin!(control.open(peer, PROTOCOL));
    assert!(opening.as_mut().now_or_never().is_none());
    assert!(wanted(&mut behaviour).is_some());
    let error = DialError::DialPeerConditionFalse(PeerCondition::DisconnectedAndNotDialing);
    behaviour.on_swarm_event(FromSwarm::DialFailure(DialFailure {
        peer_id: Some(peer),
        error: &error,
        connection_id: ConnectionId::new_unchecked(2),
    }));
    assert!(opening.as_mut().now_or_never().is_none() && wanted(&mut behaviour).is_none());

    behaviour.on_swarm_event(FromSwarm::ConnectionClosed(ConnectionClosed {
        peer_id: peer,
        connection_id,
        endpoint: &endpoint,
        cause: None,
        remaining_established: 0,
    }));
    assert!(opening.as_mut().now_or_never().is_none());
    assert!(wanted(&mut behaviour).is_some(), "the peer is dialled now that it is seen to be gone");
}
