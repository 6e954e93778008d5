//! Who may open what, decided at every stream.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use airway_protocols::streams::{Behaviour, Limits, OpenToAll, Policy, Refusal};
use futures::{AsyncWriteExt as _, FutureExt as _};
use libp2p::{PeerId, StreamProtocol, Swarm, core::upgrade::Version, identify, swarm::NetworkBehaviour};
use tokio::{sync::mpsc, time::timeout};

use super::support::{Driven, Sides};
use crate::{
    PROTOCOL,
    common::{LISTEN, PATIENCE, listen, swarm_negotiating},
    echo, on_every_transport, round_trip, verdict,
};

const OTHER: StreamProtocol = StreamProtocol::new("/other/1.0.0");

/// What each peer may open; a test changes it while connections last.
#[derive(Debug, Clone, Default)]
struct Scopes(Arc<(Mutex<ByPeer>, AtomicU64)>);

type ByPeer = HashMap<PeerId, HashSet<StreamProtocol>>;

impl Scopes {
    fn set(&self, peer: PeerId, protocols: impl Into<HashSet<StreamProtocol>>) {
        self.0.0.lock().unwrap().insert(peer, protocols.into());
        self.0.1.fetch_add(1, Ordering::SeqCst);
    }
}

impl Policy for Scopes {
    fn offers(&self, peer: &PeerId, protocol: &StreamProtocol) -> bool {
        self.0.0.lock().unwrap().get(peer).is_some_and(|scopes| scopes.contains(protocol))
    }

    fn version(&self) -> u64 {
        self.0.1.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_stranger_is_promoted_and_demoted_on_the_connection_that_it_has() {
    on_every_transport(|address| async move {
        let scopes = Scopes::default();
        let Sides { server, client, .. } = Sides::new(address, scopes.clone()).await;
        let open = async |protocol| client.control.open(server.peer(), protocol).await.unwrap();
        echo(server.control.listen(PROTOCOL, 8).unwrap());
        echo(server.control.listen(OTHER, 8).unwrap());

        let refused = open(PROTOCOL).await;
        let connection = refused.connection();
        assert_eq!(verdict(refused).await, Some(Refusal::Unsupported), "{address}: a stranger");

        scopes.set(client.peer(), [PROTOCOL]);
        let mut early = open(PROTOCOL).await;
        early.accepted().await.unwrap();
        assert_eq!(round_trip(open(PROTOCOL).await, b"promoted").await.unwrap(), b"promoted", "{address}");
        assert_eq!(verdict(open(OTHER).await).await, Some(Refusal::Unsupported), "{address}: out of scope");

        scopes.set(client.peer(), [OTHER]);
        let refused = open(PROTOCOL).await;
        assert_eq!(refused.connection(), connection, "{address}: all on one connection");
        assert_eq!(verdict(refused).await, Some(Refusal::Unsupported), "{address}: demoted");
        assert_eq!(round_trip(open(OTHER).await, b"in scope").await.unwrap(), b"in scope", "{address}");
        assert_eq!(round_trip(early, b"goes on").await.unwrap(), b"goes on", "{address}: open before");
    })
    .await;
}

#[tokio::test]
async fn what_we_open_ourselves_is_not_the_policys_business() {
    on_every_transport(|address| async move {
        let Sides { server, client, .. } = Sides::new(address, Scopes::default()).await;
        // The connection is there on this side once it is there on the other and a stream came to an end on it.
        let asked = client.control.open(server.peer(), PROTOCOL).await.unwrap();
        assert_eq!(verdict(asked).await, Some(Refusal::Unsupported), "{address}");
        echo(client.control.listen(PROTOCOL, 8).unwrap());
        let ours = server.control.open(client.peer(), PROTOCOL).await.unwrap();
        assert_eq!(round_trip(ours, b"outbound").await.unwrap(), b"outbound", "{address}");
    })
    .await;
}

/// Admits to one protocol at all times, and to another as it is told; says that nothing ever changes, as a policy does that
/// changes between the negotiation of a stream and its delivery.
#[derive(Debug, Clone)]
struct Sudden(Arc<AtomicBool>);

impl Policy for Sudden {
    fn offers(&self, _: &PeerId, protocol: &StreamProtocol) -> bool {
        *protocol == OTHER || self.0.load(Ordering::SeqCst)
    }

    fn version(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_stream_that_was_negotiated_before_the_change_is_not_delivered() {
    on_every_transport(|address| async move {
        let admits = Arc::new(AtomicBool::new(true));
        let Sides { server, client, .. } = Sides::new(address, Sudden(admits.clone())).await;
        let mut incoming = server.control.listen(PROTOCOL, 8).unwrap();
        let mut marked = server.control.listen(OTHER, 8).unwrap();
        let open = async |protocol| {
            let mut stream = client.control.open(server.peer(), protocol).await.unwrap();
            stream.write_all(b"x").await.unwrap();
            stream.flush().await.unwrap();
            stream
        };
        let _first = open(PROTOCOL).await;
        incoming.next().await.unwrap();

        admits.store(false, Ordering::SeqCst);
        assert_eq!(verdict(open(PROTOCOL).await).await, None, "{address}: reset, without an answer");
        // Streams of one connection are delivered in order: what came before the marker is here or nowhere.
        let _marker = open(OTHER).await;
        marked.next().await.unwrap();
        assert!(incoming.next().now_or_never().is_none(), "{address}: delivered");
    })
    .await;
}

#[derive(NetworkBehaviour)]
struct Identified {
    streams: Behaviour,
    identify: identify::Behaviour,
}

/// Negotiates each stream to its end: a push over QUIC that ends before its negotiation is lost.
fn identified(policy: impl Policy) -> Swarm<Identified> {
    swarm_negotiating(Version::V1, |key| Identified {
        streams: Behaviour::new(Limits::default(), policy),
        identify: identify::Behaviour::new(identify::Config::new("/test/1".into(), key.public())),
    })
}

/// Which of the protocols of these tests a peer names, each time it tells.
fn told(events: &mpsc::Sender<HashSet<StreamProtocol>>) -> impl FnMut(IdentifiedEvent) + Send + use<> {
    let events = events.clone();
    move |event| {
        if let IdentifiedEvent::Identify(identify::Event::Received { info, .. }) = event {
            let ours = info.protocols.into_iter().filter(|protocol| [PROTOCOL, OTHER].contains(protocol));
            events.try_send(ours.collect()).unwrap();
        }
    }
}

#[tokio::test]
async fn identify_names_what_a_peer_may_open_and_tells_of_a_change_once() {
    on_every_transport(|address| async move {
        let scopes = Scopes::default();
        let client = identified(OpenToAll);
        let (me, control) = (*client.local_peer_id(), client.behaviour().streams.control());
        scopes.set(me, [PROTOCOL]);
        let mut server = identified(scopes.clone());
        let at = listen(&mut server, address).await;
        echo(server.behaviour().streams.control().listen(PROTOCOL, 8).unwrap());
        echo(server.behaviour().streams.control().listen(OTHER, 8).unwrap());
        let server = Driven::new(server, drop);
        let (events, mut lists) = mpsc::channel(1024);
        let client = Driven::new(client, told(&events));
        client.dial(server.peer, at.clone()).await;
        assert_eq!(lists.recv().await, Some(HashSet::from([PROTOCOL])), "{address}");

        // The other one in its place, then both. What is added and what is removed is told of apart, with the whole list
        // both times; nothing else is told of.
        let changes = [(HashSet::from([OTHER]), 2), (HashSet::from([OTHER, PROTOCOL]), 1)];
        for (list, pushes) in changes {
            scopes.set(me, list.clone());
            for _ in 0..50 {
                let stream = control.open(server.peer, OTHER).await.unwrap();
                assert_eq!(round_trip(stream, b"x").await.unwrap(), b"x", "{address}");
                // A change that is none to this peer.
                scopes.set(PeerId::random(), [PROTOCOL]);
            }
            for _ in 0..pushes {
                assert_eq!(lists.recv().await.as_ref(), Some(&list), "{address}");
            }
            assert!(lists.try_recv().is_err(), "{address}: told again");
        }

        // A stranger is told of none, whatever others may open.
        let stranger = identified(OpenToAll);
        let (events, mut lists) = mpsc::channel(1024);
        let stranger = Driven::new(stranger, told(&events));
        stranger.dial(server.peer, at).await;
        assert_eq!(lists.recv().await, Some(HashSet::new()), "{address}");
    })
    .await;
}

#[tokio::test]
async fn what_is_listened_on_later_is_offered_on_connections_that_are_open() {
    timeout(PATIENCE, async {
        let scopes = Scopes::default();
        let Sides { server, client, .. } = Sides::new(LISTEN[0], scopes.clone()).await;
        scopes.set(client.peer(), [PROTOCOL]);
        let open = async || client.control.open(server.peer(), PROTOCOL).await.unwrap();
        assert_eq!(verdict(open().await).await, Some(Refusal::Unsupported));
        echo(server.control.listen(PROTOCOL, 8).unwrap());
        assert_eq!(round_trip(open().await, b"now").await.unwrap(), b"now");
    })
    .await
    .unwrap();
}
