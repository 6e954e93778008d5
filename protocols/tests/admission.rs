//! The gate that opens while a connection lasts, around a behaviour that writes down what it is told and around a DHT.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "admission/support.rs"]
mod support;
#[path = "admission/turns.rs"]
mod turns;

use airway_protocols::gate::admission::{Admission, Event};
use common::{LISTEN, PATIENCE, listen, spawn, swarm};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    kad::{self, Mode, QueryId},
    swarm::{SwarmEvent, dummy},
};
use support::{Guests, Kad, Recorder, Running, Told, again, closed, connected, kad, recorder, said};
use tokio::time::timeout;

/// A peer that accepts connections and says nothing.
async fn silent() -> (PeerId, Multiaddr) {
    let mut server = swarm(|_| dummy::Behaviour);
    let address = listen(&mut server, LISTEN[0]).await;
    (spawn(server), address)
}

/// What inner was told so far.
fn told(client: &mut Swarm<Admission<Recorder, Guests>>) -> Vec<Told> {
    client.behaviour_mut().inner().unwrap().told.clone()
}

#[tokio::test]
async fn inner_hears_of_a_connection_when_its_peer_is_admitted() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let guests = Guests::default();
        let mut client = swarm(|_| recorder(&guests));
        let first = connected(&mut client, peer, &address).await;
        let second = connected(&mut client, peer, &address).await;
        assert_eq!(told(&mut client), []);

        client.behaviour_mut().admit(peer);
        assert!(matches!(said(&mut client).await, Event::Admitted(admitted) if admitted == peer));
        // Told of both as if they came now.
        let mut expected = vec![Told::Opened(0), Told::Opened(1)];
        assert_eq!(told(&mut client), expected);

        guests.add(peer);
        let third = connected(&mut client, peer, &address).await;
        expected.push(Told::Opened(2));
        for (left, connection) in [first, third, second].into_iter().enumerate() {
            closed(&mut client, connection).await;
            expected.push(Told::Closed(2 - left));
        }
        assert_eq!(told(&mut client), expected);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn who_is_expelled_is_gone_for_inner_at_once_and_comes_back_with_another_connection() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let guests = Guests::default();
        guests.add(peer);
        let mut client = swarm(|_| recorder(&guests));
        let connection = connected(&mut client, peer, &address).await;
        guests.remove(&peer);
        client.behaviour_mut().expel(&peer);
        let gone = [Told::Opened(0), Told::Closed(0)];
        assert_eq!(told(&mut client), gone);
        assert!(client.behaviour().admitted().is_empty());
        // The handler that stood there may still have something to say to somebody else.
        client.behaviour_mut().admit(peer);
        closed(&mut client, connection).await;
        assert_eq!(told(&mut client), gone);

        connected(&mut client, peer, &address).await;
        client.behaviour_mut().admit(peer);
        assert_eq!(told(&mut client)[2..], [Told::Opened(0)]);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn who_is_dialled_and_not_admitted_is_wanted_once() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let mut client = swarm(|_| recorder(&Guests::default()));
        let dials = [again(peer, &address), again(peer, &address)];
        client.behaviour_mut().inner().unwrap().to_dial.extend(dials);
        assert!(matches!(said(&mut client).await, Event::Wanted(wanted) if wanted == peer));
        assert_eq!(told(&mut client), []);
        // There is a connection now: nothing is dialled any more, and nothing said anew before there is an answer.
        client.behaviour_mut().inner().unwrap().to_dial.push_back(again(peer, &address));
        client.behaviour_mut().admit(peer);
        assert!(matches!(said(&mut client).await, Event::Admitted(_)));
        assert_eq!(told(&mut client)[0], Told::Opened(0));
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_refusal_is_a_failed_dial_and_the_next_wish_is_said_again() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let mut client = swarm(|_| recorder(&Guests::default()));
        connected(&mut client, peer, &address).await;
        for round in 1..4 {
            client.behaviour_mut().inner().unwrap().to_dial.push_back(again(peer, &address));
            assert!(matches!(said(&mut client).await, Event::Wanted(_)));
            client.behaviour_mut().refuse(&peer);
            // Nobody waits any more.
            client.behaviour_mut().refuse(&peer);
            assert_eq!(told(&mut client), vec![Told::Failed; round]);
        }
        assert_eq!(client.network_info().connection_counters().num_established(), 1, "nothing was dialled");
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_wanted_peer_that_goes_is_a_failed_dial() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let mut client = swarm(|_| recorder(&Guests::default()));
        let connection = connected(&mut client, peer, &address).await;
        client.behaviour_mut().inner().unwrap().to_dial.push_back(again(peer, &address));
        assert!(matches!(said(&mut client).await, Event::Wanted(_)));
        closed(&mut client, connection).await;
        assert_eq!(told(&mut client), [Told::Failed]);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn another_inner_behaviour_starts_with_those_whom_it_admits_and_nobody_speaks_to_the_former() {
    timeout(PATIENCE, async {
        let (peer, address) = silent().await;
        let (other, elsewhere) = silent().await;
        let guests = Guests::default();
        let mut client = swarm(|_| Admission::new(None::<Recorder>, guests.clone()));
        guests.add(peer);
        let first = connected(&mut client, peer, &address).await;
        client.behaviour_mut().replace(Some(Recorder::default()), guests.clone());
        assert_eq!(told(&mut client), [Told::Opened(0)], "it was there before");
        connected(&mut client, other, &elsewhere).await;
        assert_eq!(told(&mut client), [Told::Opened(0)]);

        guests.add(other);
        client.behaviour_mut().replace(Some(Recorder::default()), guests.clone());
        assert_eq!(told(&mut client), [Told::Opened(0)], "the other one; the first is over");
        assert_eq!(client.behaviour().admitted(), [other].into());
        closed(&mut client, first).await;
        connected(&mut client, peer, &address).await;
        assert_eq!(told(&mut client), [Told::Opened(0), Told::Opened(0)]);
        client.behaviour_mut().replace(None, guests);
        assert!(client.behaviour_mut().inner().is_none());
    })
    .await
    .unwrap();
}

/// Whether a query of the DHT has got an answer from anybody.
async fn answered(client: &mut Swarm<Kad>, query: QueryId) -> bool {
    loop {
        if let SwarmEvent::Behaviour(kad::Event::OutboundQueryProgressed { id, stats, step, .. }) =
            client.select_next_some().await
            && id == query
            && step.last
        {
            return stats.num_successes() > 0;
        }
    }
}

#[tokio::test]
async fn a_peer_is_answered_on_the_connection_that_it_has_from_its_admission_to_its_expulsion() {
    for listener in LISTEN {
        timeout(PATIENCE, async {
            let guests = Guests::default();
            let mut server = swarm(|key| {
                let inner = kad(key.public().to_peer_id(), Mode::Server);
                Admission::new(Some(inner), guests.clone())
            });
            let address = listen(&mut server, listener).await;
            let server = Running::new(server);
            let mut client = swarm(|key| kad(key.public().to_peer_id(), Mode::Client));
            let peer = *client.local_peer_id();
            client.behaviour_mut().add_address(&server.peer, address);

            for (admitted, expected) in [(None, false), (Some(true), true), (Some(false), false)] {
                match admitted {
                    Some(true) => server.run(move |server| server.behaviour_mut().admit(peer)).await,
                    Some(false) => server.run(move |server| server.behaviour_mut().expel(&peer)).await,
                    None => {}
                }
                let query = client.behaviour_mut().get_closest_peers(PeerId::random());
                assert_eq!(answered(&mut client, query).await, expected, "{listener}: {admitted:?}");
            }
            let counters = client.network_info().connection_counters().clone();
            assert_eq!(counters.num_established(), 1, "{listener}: over one connection");
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_query_waits_for_whom_it_wants_and_goes_on() {
    timeout(PATIENCE, async {
        let mut server = swarm(|key| kad(key.public().to_peer_id(), Mode::Server));
        let address = listen(&mut server, LISTEN[0]).await;
        let peer = spawn(server);
        let mut client = swarm(|key| {
            let inner = kad(key.public().to_peer_id(), Mode::Client);
            Admission::new(Some(inner), Guests::default())
        });
        for refused in [true, false] {
            let inner = client.behaviour_mut().inner().unwrap();
            inner.add_address(&peer, address.clone());
            let query = inner.get_closest_peers(PeerId::random());
            loop {
                match said(&mut client).await {
                    Event::Wanted(wanted) if refused => client.behaviour_mut().refuse(&wanted),
                    Event::Wanted(wanted) => client.behaviour_mut().admit(wanted),
                    Event::Inner(kad::Event::OutboundQueryProgressed { id, stats, .. }) if id == query => {
                        assert_eq!(stats.num_successes(), u32::from(!refused));
                        assert_eq!(stats.num_failures(), u32::from(refused));
                        break;
                    }
                    _ => {}
                }
            }
        }
    })
    .await
    .unwrap();
}
