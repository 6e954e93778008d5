use libp2p::{
    core::{Endpoint, transport::PortUse},
    swarm::NetworkBehaviour as _,
};

use super::{
    super::{book::Book, relays::OwnRelays},
    *,
};
use crate::{access::Access, members::Members};
use handler::Told;

/// The connection over which the relay is asked.
fn over() -> ConnectionId {
    ConnectionId::new_unchecked(1)
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

/// A client with one relay, which can be asked.
fn client() -> (Behaviour, PeerId) {
    let (relay, at) = (PeerId::random(), address("/ip4/192.0.2.1/tcp/1"));
    let relays = OwnRelays::new(vec![(relay, vec![at.clone()])]);
    let tiers = Tiers::new(Access::default(), Members::default(), Book::default(), relays, false);
    let mut behaviour = Behaviour::new(tiers);
    let handler = behaviour.handle_established_outbound_connection(
        over(),
        relay,
        &at,
        Endpoint::Dialer,
        PortUse::Reuse,
    );
    assert!(handler.is_ok());
    behaviour.on_connection_handler_event(relay, over(), Either::Left(Told::Server));
    (behaviour, relay)
}

/// The number that the relay is asked to say.
fn asked(behaviour: &mut Behaviour) -> u64 {
    behaviour.on_tick();
    match behaviour.orders.pop_front() {
        Some(ToSwarm::NotifyHandler { event: Order::Inner(Either::Left(ask)), .. }) => ask.number,
        other => panic!("nothing is asked: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_that_to_the_next_question() {
    let (mut behaviour, relay) = client();
    for port in [1, 2] {
        behaviour.offer(&address(&format!("/ip4/198.51.100.1/tcp/{port}")));
    }
    let first = asked(&mut behaviour);
    // As when its time is over.
    behaviour.on_answer(over(), None);
    let second = asked(&mut behaviour);

    let told = |number| Either::Left(Told::Answer(number, Some(Answer::NotReached)));
    behaviour.on_connection_handler_event(relay, over(), told(first));
    assert_eq!(behaviour.candidates.asked_over(over()), Some(second));
    assert!(behaviour.probes.is_asked(&relay) && behaviour.reachable().borrow().is_none());
    behaviour.on_connection_handler_event(relay, over(), told(second));
    assert_eq!(*behaviour.reachable().borrow(), Some(false));
}
