//! Two members open their gates one after the other: with gossipsub, which gives up a peer that comes too soon.

use std::time::Duration;

use airway_protocols::gate::admission::{Admission, Turn};
use futures::StreamExt as _;
use libp2p::{
    PeerId, Swarm,
    gossipsub::{self, ConfigBuilder, IdentTopic, MessageAuthenticity, ValidationMode},
    swarm::{ConnectionId, SwarmEvent},
};
use tokio::time::timeout;

use crate::{
    common::{LISTEN, PATIENCE, listen, swarm},
    support::{Guests, again},
};

type Gossip = Swarm<Admission<gossipsub::Behaviour, Guests>>;

/// Two peers that have joined a topic.
struct Pair {
    dialler: Gossip,
    listener: Gossip,
    address: libp2p::Multiaddr,
}

/// A connection as each of them calls it.
#[derive(Debug, Clone, Copy)]
struct Link {
    dialler: ConnectionId,
    listener: ConnectionId,
}

fn topic() -> IdentTopic {
    IdentTopic::new("/test/events")
}

fn gossip() -> Gossip {
    let config = ConfigBuilder::default()
        .protocol_id("/test/meshsub/1.1.0", gossipsub::Version::V1_1)
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(|message| message.data.clone().into())
        .build()
        .unwrap();
    let mut inner = gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap();
    inner.subscribe(&topic()).unwrap();
    swarm(|_| Admission::new(Some(inner), Guests::default()))
}

/// Whether it knows that the other has joined.
fn knows(swarm: &mut Gossip, other: &PeerId) -> bool {
    let inner = swarm.behaviour_mut().inner().unwrap();
    inner.all_peers().any(|(peer, topics)| peer == other && topics.contains(&&topic().hash()))
}

impl Pair {
    async fn on(transport: &str) -> Self {
        let (dialler, mut listener) = (gossip(), gossip());
        let address = listen(&mut listener, transport).await;
        Self { dialler, listener, address }
    }

    fn peers(&self) -> (PeerId, PeerId) {
        (*self.dialler.local_peer_id(), *self.listener.local_peer_id())
    }

    async fn connect(&mut self) -> Link {
        let (_, peer) = self.peers();
        self.dialler.dial(again(peer, &self.address)).unwrap();
        let (mut here, mut there) = (None, None);
        while here.is_none() || there.is_none() {
            let (event, place) = tokio::select! {
                event = self.dialler.select_next_some() => (event, &mut here),
                event = self.listener.select_next_some() => (event, &mut there),
            };
            if let SwarmEvent::ConnectionEstablished { connection_id, .. } = event {
                *place = Some(connection_id);
            }
        }
        Link { dialler: here.unwrap(), listener: there.unwrap() }
    }

    fn admit(&mut self, asks: bool, link: Link, turn: Turn) {
        let (dialler, listener) = self.peers();
        // Of two, the dialler is the one who asks.
        if asks {
            self.dialler.behaviour_mut().admit_on(listener, link.dialler, turn);
        } else {
            self.listener.behaviour_mut().admit_on(dialler, link.listener, turn);
        }
    }

    /// Lets both do what they do, for a while.
    async fn run(&mut self) {
        let both = async {
            loop {
                tokio::select! {
                    _ = self.dialler.select_next_some() => {}
                    _ = self.listener.select_next_some() => {}
                }
            }
        };
        let _: Result<(), _> = timeout(Duration::from_millis(100), both).await;
    }

    async fn until(&mut self, what: impl Fn(&mut Self) -> bool) {
        while !what(self) {
            self.run().await;
        }
    }

    async fn until_both_know(&mut self) {
        let (dialler, listener) = self.peers();
        self.until(|pair| knows(&mut pair.dialler, &listener) && knows(&mut pair.listener, &dialler)).await;
    }

    /// Says something each way, and waits until it is heard.
    async fn until_heard(&mut self, what: &str) {
        for here in [true, false] {
            let data = format!("{what}, {here}").into_bytes();
            let (teller, hearer) = if here {
                (&mut self.dialler, &mut self.listener)
            } else {
                (&mut self.listener, &mut self.dialler)
            };
            teller.behaviour_mut().inner().unwrap().publish(topic(), data.clone()).unwrap();
            loop {
                let event = tokio::select! {
                    _ = teller.select_next_some() => continue,
                    event = hearer.select_next_some() => event,
                };
                if let SwarmEvent::Behaviour(airway_protocols::gate::admission::Event::Inner(
                    gossipsub::Event::Message { message, .. },
                )) = event
                    && message.data == data
                {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn who_answers_opens_nothing_before_the_asker_has() {
    for transport in LISTEN {
        // Either may have dialled.
        for asker in [true, false] {
            timeout(PATIENCE, async {
                let mut pair = Pair::on(transport).await;
                let link = pair.connect().await;
                pair.admit(!asker, link, Turn::Second);
                // Time enough to lose what it has to say, if it said it.
                pair.run().await;
                pair.admit(asker, link, Turn::First);
                pair.until_both_know().await;
                pair.until_heard("hello").await;
            })
            .await
            .unwrap();
        }
    }
}

#[tokio::test]
async fn two_who_answer_wait_for_each_other_until_one_has_been_answered() {
    for transport in LISTEN {
        timeout(PATIENCE, async {
            let mut pair = Pair::on(transport).await;
            let link = pair.connect().await;
            let (dialler, listener) = pair.peers();
            pair.admit(true, link, Turn::Second);
            pair.admit(false, link, Turn::Second);
            pair.run().await;
            assert!(!knows(&mut pair.dialler, &listener) && !knows(&mut pair.listener, &dialler));
            pair.admit(true, link, Turn::First);
            pair.until_both_know().await;
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_nobody_proved_anything_on_stays_shut() {
    timeout(PATIENCE, async {
        let mut pair = Pair::on(LISTEN[0]).await;
        let (dialler, listener) = pair.peers();
        let [first, second] = [pair.connect().await, pair.connect().await];
        pair.admit(false, first, Turn::Second);
        pair.admit(true, first, Turn::First);
        pair.until_both_know().await;
        assert!(pair.listener.close_connection(first.listener));
        pair.until(|pair| {
            !pair.dialler.behaviour().is_admitted(&listener)
                && !pair.listener.behaviour().is_admitted(&dialler)
        })
        .await;
        assert!(!knows(&mut pair.dialler, &listener) && !knows(&mut pair.listener, &dialler));
        // The other one is there, and as good as the first once they have met there.
        pair.admit(true, second, Turn::Second);
        pair.admit(false, second, Turn::First);
        pair.until_both_know().await;
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_is_over_on_one_connection_is_over_for_inner_and_stays_so() {
    timeout(PATIENCE, async {
        let mut pair = Pair::on(LISTEN[0]).await;
        let (_, listener) = pair.peers();
        let link = pair.connect().await;
        pair.admit(false, link, Turn::Second);
        pair.admit(true, link, Turn::First);
        pair.until_both_know().await;
        pair.dialler.behaviour_mut().end_on(&listener, link.dialler);
        assert!(!knows(&mut pair.dialler, &listener));
        pair.admit(true, link, Turn::First);
        pair.run().await;
        assert!(!pair.dialler.behaviour().is_admitted(&listener));
        assert!(pair.dialler.is_connected(&listener), "the connection stays");
    })
    .await
    .unwrap();
}
