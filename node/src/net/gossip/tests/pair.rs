//! Two members that have joined the topic, each with a swarm that does nothing else.

use std::time::Duration;

use airway_protocols::gate::admission::{self, Admission, Turn};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder,
    core::upgrade::Version,
    gossipsub::{self, MessageAcceptance},
    noise,
    swarm::{
        ConnectionId, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
    tcp, yamux,
};
use tokio::time::timeout;

use crate::net::gossip::{Behaviour, Event, Gossip, Members, Said, build};

/// However loaded the machine is, what has not happened by then will not happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const LISTEN: [&str; 2] = ["/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0"];

/// The protocol of the network.
pub(super) const MESHSUB: StreamProtocol = StreamProtocol::new("/test/meshsub/1.1.0");

/// Its topic.
pub(super) const TOPIC: &str = "/test/events";

/// A member: with whom gossip is spoken on connections over which that was said.
pub(super) fn member() -> Swarm<Behaviour> {
    let mut guard = build(&Gossip { protocol: MESHSUB, topic: TOPIC.into() }).unwrap();
    guard.inner.subscribe(&guard.topic).unwrap();
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::new(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_quic()
        .with_behaviour(|_| Admission::new(Some(guard), Members))
        .unwrap()
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(Duration::from_secs(1))
                .with_substream_upgrade_protocol_override(Version::V1Lazy)
        })
        .build()
}

/// A connection as each of the two calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) dialler: ConnectionId,
    pub(super) listener: ConnectionId,
}

/// See the module.
pub(super) struct Pair {
    pub(super) dialler: Swarm<Behaviour>,
    pub(super) listener: Swarm<Behaviour>,
    address: Multiaddr,
}

impl Pair {
    /// Two that know nothing of each other.
    pub(super) async fn on(transport: &str) -> Self {
        let (dialler, mut listener) = (member(), member());
        listener.listen_on(transport.parse().unwrap()).unwrap();
        let address = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = listener.select_next_some().await {
                break address;
            }
        };
        Self { dialler, listener, address }
    }

    /// Two with a connection over which they have proved themselves.
    pub(super) async fn met_on(transport: &str) -> (Self, Link) {
        let mut pair = Self::on(transport).await;
        let link = pair.connect().await;
        pair.admit(link);
        pair.until(Self::both_know).await;
        (pair, link)
    }

    pub(super) fn peers(&self) -> (PeerId, PeerId) {
        (*self.dialler.local_peer_id(), *self.listener.local_peer_id())
    }

    /// One more connection.
    pub(super) async fn connect(&mut self) -> Link {
        let (_, peer) = self.peers();
        let to = DialOpts::peer_id(peer).condition(PeerCondition::Always);
        self.dialler.dial(to.addresses(vec![self.address.clone()]).build()).unwrap();
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

    /// As if the dialler had asked over it.
    pub(super) fn admit(&mut self, link: Link) {
        let (dialler, listener) = self.peers();
        self.listener.behaviour_mut().admit_on(dialler, link.listener, Turn::Second);
        self.dialler.behaviour_mut().admit_on(listener, link.dialler, Turn::First);
    }

    /// Lets both do what they do, for a moment; what each of them has heard goes on.
    pub(super) async fn run(&mut self) {
        let Self { dialler, listener, .. } = self;
        let both = async {
            loop {
                tokio::select! {
                    event = dialler.select_next_some() => drop(heard(dialler, event)),
                    event = listener.select_next_some() => drop(heard(listener, event)),
                }
            }
        };
        let _: Result<(), _> = timeout(Duration::from_millis(50), both).await;
    }

    pub(super) async fn until(&mut self, what: impl Fn(&mut Self) -> bool) {
        while !what(self) {
            self.run().await;
        }
    }

    /// Whether each knows that the other has joined, and has it in its mesh.
    pub(super) fn both_know(&mut self) -> bool {
        let (dialler, listener) = self.peers();
        knows(&mut self.dialler, &listener) && knows(&mut self.listener, &dialler)
    }

    /// Has each say these to the other, and returns when all were heard in turn.
    pub(super) async fn talk(&mut self, messages: &[Vec<u8>]) {
        for forth in [true, false] {
            let (teller, hearer) = if forth {
                (&mut self.dialler, &mut self.listener)
            } else {
                (&mut self.listener, &mut self.dialler)
            };
            for message in messages {
                let data = [message.as_slice(), &[u8::from(forth)]].concat();
                let guard = teller.behaviour_mut().inner().unwrap();
                guard.inner.publish(guard.topic.hash(), data).unwrap();
            }
            let mut left: std::collections::HashSet<_> =
                messages.iter().map(|message| [message.as_slice(), &[u8::from(forth)]].concat()).collect();
            while !left.is_empty() {
                let (swarm, event) = tokio::select! {
                    event = teller.select_next_some() => (&mut *teller, event),
                    event = hearer.select_next_some() => (&mut *hearer, event),
                };
                if let Some(data) = heard(swarm, event) {
                    left.remove(&data);
                }
            }
        }
    }
}

/// Whether it knows that the other has joined, and has it in its mesh.
pub(super) fn knows(swarm: &mut Swarm<Behaviour>, other: &PeerId) -> bool {
    let guard = swarm.behaviour_mut().inner().unwrap();
    let topic = guard.topic.hash();
    let joined = guard.inner.all_peers().any(|(peer, topics)| peer == other && topics.contains(&&topic));
    joined && guard.inner.mesh_peers(&topic).any(|peer| peer == other)
}

/// What it has heard, if that is what happened; it is accepted.
pub(super) fn heard(swarm: &mut Swarm<Behaviour>, event: SwarmEvent<Event>) -> Option<Vec<u8>> {
    match event {
        SwarmEvent::Behaviour(admission::Event::Inner(Said::Inner(gossipsub::Event::Message {
            propagation_source: from,
            message_id: id,
            message,
        }))) => {
            let guard = swarm.behaviour_mut().inner()?;
            guard.inner.report_message_validation_result(&id, &from, MessageAcceptance::Accept);
            Some(message.data)
        }
        SwarmEvent::Behaviour(admission::Event::Inner(Said::Over(peer, connection))) => {
            swarm.behaviour_mut().end_on(&peer, connection);
            None
        }
        _ => None,
    }
}
