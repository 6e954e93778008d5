//! Swarms that a test goes on giving orders to.

use airway_protocols::streams::{Behaviour, Control, Limits, OpenToAll, Policy};
use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    swarm::{
        NetworkBehaviour,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::sync::{mpsc, oneshot};

use crate::common::{listen, swarm};

type Order<B> = Box<dyn FnOnce(&mut Swarm<B>) + Send>;

/// A swarm that runs by itself and takes orders.
pub(super) struct Driven<B: NetworkBehaviour> {
    pub(super) peer: PeerId,
    orders: mpsc::Sender<Order<B>>,
}

impl<B: NetworkBehaviour> Driven<B> {
    /// Runs a swarm for the rest of the test; its events go to `events`.
    pub(super) fn new(mut swarm: Swarm<B>, mut events: impl FnMut(B::ToSwarm) + Send + 'static) -> Self
    where
        Swarm<B>: Send + 'static,
        B::ToSwarm: Send,
    {
        let peer = *swarm.local_peer_id();
        let (orders, mut queue) = mpsc::channel::<Order<B>>(1);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(order) = queue.recv() => order(&mut swarm),
                    event = swarm.select_next_some() => {
                        if let libp2p::swarm::SwarmEvent::Behaviour(event) = event {
                            events(event);
                        }
                    }
                }
            }
        });
        Self { peer, orders }
    }

    /// Does something with the swarm.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Swarm<B>) -> T + Send + 'static,
    ) -> T {
        let (done, outcome) = oneshot::channel();
        let order = move |swarm: &mut Swarm<B>| drop(done.send(act(swarm)));
        assert!(self.orders.send(Box::new(order)).await.is_ok(), "the swarm has ended");
        outcome.await.unwrap()
    }

    /// Dials a peer at an address, connected or not.
    pub(super) async fn dial(&self, peer: PeerId, address: Multiaddr) {
        let dial = DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(vec![address]);
        self.with(|swarm| swarm.dial(dial.build()).unwrap()).await;
    }

    /// Closes all connections to a peer, and returns when they are closed.
    pub(super) async fn disconnect(&self, peer: PeerId) {
        let _ = self.with(move |swarm| swarm.disconnect_peer_id(peer)).await;
        self.until_apart(peer).await;
    }

    /// Returns when there is no connection to a peer.
    pub(super) async fn until_apart(&self, peer: PeerId) {
        while self.with(move |swarm| swarm.is_connected(&peer)).await {
            tokio::task::yield_now().await;
        }
    }
}

/// One side of a pair.
pub(super) struct Side {
    pub(super) swarm: Driven<Behaviour>,
    pub(super) control: Control,
}

impl Side {
    fn new(swarm: Swarm<Behaviour>) -> Self {
        let control = swarm.behaviour().control();
        Self { swarm: Driven::new(swarm, |never| match never {}), control }
    }

    fn open_to_all() -> Self {
        Self::new(swarm(|_| Behaviour::new(Limits::default(), OpenToAll)))
    }

    pub(super) fn peer(&self) -> PeerId {
        self.swarm.peer
    }
}

/// A server with a policy, and a client that dials it.
pub(super) struct Sides {
    pub(super) server: Side,
    pub(super) client: Side,
    pub(super) address: Multiaddr,
}

impl Sides {
    pub(super) async fn new(address: &str, policy: impl Policy) -> Self {
        let mut server = swarm(|_| Behaviour::new(Limits::default(), policy));
        let address = listen(&mut server, address).await;
        let server = Side::new(server);
        let client = Side::open_to_all();
        let sides = Self { server, client, address };
        sides.connect().await;
        sides
    }

    /// One more client of the server.
    pub(super) async fn another(&self) -> Side {
        let client = Side::open_to_all();
        client.swarm.dial(self.server.peer(), self.address.clone()).await;
        client
    }

    /// Has the client dial.
    pub(super) async fn connect(&self) {
        self.client.swarm.dial(self.server.peer(), self.address.clone()).await;
    }
}
