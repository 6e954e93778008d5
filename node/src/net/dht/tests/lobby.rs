//! Members where strangers wait.

use std::task::{Context, Poll, Waker};

use libp2p::{
    PeerId,
    swarm::{CloseConnection, ConnectionId, NetworkBehaviour as _, ToSwarm},
};

use super::people::{Mesh, Person};
use crate::{
    access::Access,
    clock::unix_ms,
    members::{Member, Members},
    net::{book::Book, lobby, relays::OwnRelays, tiers::Tiers},
};

/// As many strangers as the lobby has places for.
const PLACES: usize = 32;

#[tokio::test]
async fn who_has_proved_to_be_a_member_makes_no_room_for_strangers() {
    let (mesh, members) = (Mesh::new(), Members::default());
    members.set_realm(Some(mesh.realm.clone()), false, Default::default());
    let book = Book::default();
    let tiers = Tiers::new(Access::default(), members.clone(), book, OwnRelays::default(), false);
    let mut lobby = lobby::Behaviour::new(tiers);
    let enter = |lobby: &mut lobby::Behaviour, number, peer| {
        let (id, at) = (ConnectionId::new_unchecked(number), "/ip4/192.0.2.1/tcp/1".parse().unwrap());
        lobby.handle_established_inbound_connection(id, peer, &at, &at).unwrap();
    };
    // The first of all would be the first to go.
    let person = Person::of(&mesh);
    enter(&mut lobby, 0, person.peer());
    (1..=PLACES).for_each(|number| enter(&mut lobby, number, PeerId::random()));
    let certificate = person.certificate.clone().unwrap();
    let (card, met) = (person.card(&[]), unix_ms());
    let member = Member { certificate, card, serves: false, relay: false, met };
    assert!(members.admit(mesh.realm.id(), member));

    let mut cx = Context::from_waker(Waker::noop());
    assert!(lobby.poll(&mut cx).is_pending());
    enter(&mut lobby, PLACES + 1, PeerId::random());
    let Poll::Ready(ToSwarm::CloseConnection { connection: CloseConnection::One(id), .. }) =
        lobby.poll(&mut cx)
    else {
        panic!("nobody has to go");
    };
    assert_eq!(id, ConnectionId::new_unchecked(1), "the stranger who has waited longest");
}
