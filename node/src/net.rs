//! The network: the only user of the swarm.
//!
//! The swarm runs on a thread and a single-threaded runtime of its own: handing every packet from core to core
//! would cost more than it gains. Streams leave it at once: whoever opens or accepts one reads and writes it
//! without crossing the event loop again. Services that do nothing but shovel bytes run there too
//! ([`Net::spawn`]).

mod arrivals;
mod backoff;
mod behaviour;
mod book;
mod boxed;
mod candidates;
mod dht;
mod dial_back;
mod event_loop;
mod gossip;
mod hop;
mod instances;
mod keeper;
mod lobby;
mod peers;
mod probe;
mod public;
mod punch;
mod quiet;
mod reachable;
mod relays;
mod swarm;
mod tiers;

use std::{
    collections::{HashMap, HashSet},
    io,
    time::{Duration, Instant},
};

use airway_protocols::streams::{self, AlreadyRegistered, Incoming, OpenError, Refused, Stream};
pub(crate) use arrivals::Expected;
pub(crate) use behaviour::Shared;
pub(crate) use dht::{Dht, Provider, Stats};
use event_loop::{Command, Copies, DhtState, EventLoop};
pub(crate) use gossip::{Gossip, Heard, Verdict};
pub use gossip::{GossipPeer, GossipState};
use instances::Instances;
use libp2p::{Multiaddr, PeerId, StreamProtocol, identity::Keypair, pnet::PreSharedKey, swarm::ConnectionId};
pub use peers::Connection;
use peers::Peers;
pub(crate) use relays::OwnRelays;
use tokio::{
    runtime::{Builder, Handle},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

use crate::metrics::Recorder;

/// Orders that may wait for the event loop; whoever gives one waits with it.
const COMMANDS: usize = 64;

/// Events that may wait for the node; a further one is dropped, and comes again.
const EVENTS: usize = 256;

/// How long it is waited for connections to close. One over TCP on which the peer reads nothing does not close before the
/// system gives it up; nothing is served on it meanwhile.
const CLOSING: Duration = Duration::from_secs(2);

/// What the network needs to start.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: Vec<Multiaddr>,
    /// The key of the private network that we are in, by TCP alone.
    pub(crate) swarm_key: Option<PreSharedKey>,
    pub(crate) connections: u32,
    pub(crate) kept_connections: u32,
    pub(crate) relays: OwnRelays,
    /// Whether we are a relay for others.
    pub(crate) relay_server: bool,
    /// Whether those alone are answered who come from where somebody is expected.
    pub(crate) stealth: bool,
    /// Where that is.
    pub(crate) expected: Expected,
    pub(crate) shared: Shared,
}

/// Something the rest of the node may want to know.
#[derive(Debug)]
pub(crate) enum Event {
    /// A trusted peer says where it listens.
    Addresses(PeerId, Vec<Multiaddr>),
    /// Another process runs with our key, and was met at this address.
    OwnCopy(Multiaddr),
    /// Two processes run with the key of a trusted peer.
    Copies(PeerId),
    /// The DHT needs this peer, which is connected and has not proved yet to be a member: to be
    /// [admitted](Net::admit) or [refused](Net::refuse).
    Wanted(PeerId),
}

/// Why the network did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Not one of the addresses can be listened on.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The first that failed.
        address: Multiaddr,
        /// What the system says.
        reason: String,
    },
    /// No thread, runtime or transport could be made.
    #[error("cannot start the network")]
    System(#[source] io::Error),
}

/// The handle to the network; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Net {
    control: streams::Control,
    commands: mpsc::Sender<Command>,
    peers: Peers,
    listening: watch::Receiver<Vec<Multiaddr>>,
    relays: OwnRelays,
    reserved: watch::Receiver<Vec<PeerId>>,
    reachable: watch::Receiver<Option<bool>>,
    expected: Expected,
    shared: Shared,
    runtime: Handle,
}

impl Net {
    /// Starts the thread of the network and listens. Returns what the node may want to know, and what the members of its
    /// network say to all.
    pub(crate) async fn start(
        key: Keypair,
        config: Config,
        recorder: Recorder,
    ) -> Result<(Self, mpsc::Receiver<Event>, mpsc::Receiver<Heard>), StartError> {
        let (started, outcome) = oneshot::channel();
        let thread = std::thread::Builder::new().name("airway-net".into());
        thread
            .spawn(move || {
                let runtime = match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(started.send(Err(StartError::System(error)))),
                };
                runtime.block_on(async {
                    match Self::prepare(key, config, recorder).await {
                        Ok((net, events, heard, event_loop)) => {
                            if started.send(Ok((net, events, heard))).is_ok() {
                                event_loop.run().await;
                            }
                        }
                        Err(error) => drop(started.send(Err(error))),
                    }
                });
            })
            .map_err(StartError::System)?;
        let ended = |_| StartError::System(io::Error::other("the network's thread ended"));
        outcome.await.map_err(ended)?
    }

    async fn prepare(
        key: Keypair,
        config: Config,
        recorder: Recorder,
    ) -> Result<(Self, mpsc::Receiver<Event>, mpsc::Receiver<Heard>, EventLoop), StartError> {
        let mut swarm =
            swarm::build(key, &config).map_err(|error| StartError::System(io::Error::other(error)))?;
        let mut failed = None;
        let mut listeners = HashSet::new();
        for address in &config.listen {
            match swarm.listen_on(address.clone()) {
                Ok(listener) => drop(listeners.insert(listener)),
                Err(error) => {
                    tracing::warn!(%address, %error, "cannot listen");
                    let reason = root_cause(&error);
                    failed.get_or_insert(StartError::Listen { address: address.clone(), reason });
                }
            }
        }
        // A machine without IPv6 is no reason not to start; one without any listener is.
        if let (true, Some(error)) = (listeners.is_empty(), failed) {
            return Err(error);
        }
        let control = swarm.behaviour().streams.control();
        let (commands, orders) = mpsc::channel(COMMANDS);
        let (events, events_out) = mpsc::channel(EVENTS);
        let (heard, heard_out) = gossip::queue();
        let (addresses, listening) = watch::channel(Vec::new());
        let peers = Peers::default();
        let net = Self {
            control,
            commands,
            peers: peers.clone(),
            listening,
            relays: config.relays.clone(),
            reserved: swarm.behaviour().relays.reserved(),
            reachable: swarm.behaviour().reachable.reachable(),
            expected: config.expected,
            shared: config.shared,
            runtime: Handle::current(),
        };
        let own = *swarm.local_peer_id();
        let mut event_loop = EventLoop {
            copies: Copies::new(own, config.swarm_key),
            swarm,
            commands: orders,
            events,
            heard,
            peers,
            listening: addresses,
            instances: Instances::default(),
            speakers: HashMap::new(),
            access: net.shared.access.clone(),
            dht: DhtState::new(own, net.shared.members.clone(), recorder.queries.clone()),
            relays: config.relays,
            recorder,
            closing: Vec::new(),
        };
        event_loop.until_listening(listeners).await;
        Ok((net, events_out, heard_out, event_loop))
    }

    /// Listens on a protocol; see [`streams::Control::listen`].
    pub(crate) fn listen(
        &self,
        protocol: StreamProtocol,
        queue: usize,
    ) -> Result<Incoming, AlreadyRegistered> {
        self.control.listen(protocol, queue)
    }

    /// Opens a stream, dialling if needed; see [`streams::Control::open`].
    pub(crate) async fn open(&self, peer: PeerId, protocol: StreamProtocol) -> Result<Stream, OpenError> {
        let stream = self.control.open(peer, protocol).await?;
        self.touch(peer);
        Ok(stream)
    }

    /// Cuts all streams of a peer; see [`streams::Control::cut`]. Its connections are to be closed next.
    pub(crate) fn cut(&self, peer: &PeerId) {
        self.control.cut(peer);
    }

    /// Notes that a peer was of use, so that its connection is kept.
    pub(crate) fn touch(&self, peer: PeerId) {
        self.shared.recency.touch(peer);
    }

    /// Runs a task beside the swarm. It must never block.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }

    /// The runtime beside the swarm.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// All open connections, those of strangers too.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        self.peers.list()
    }

    /// Tells whenever a connection was established or closed.
    pub(crate) fn connection_changes(&self) -> watch::Receiver<u64> {
        self.peers.changes()
    }

    /// One connection, if it is still open.
    pub(crate) fn connection(&self, id: ConnectionId) -> Option<Connection> {
        self.peers.get(id)
    }

    /// What the network shares with the rest of the node.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether the peer is connected, but only as the stranger that it was when its connections were made.
    pub(crate) fn is_met_as_stranger(&self, peer: &PeerId) -> bool {
        self.peers.is_met_as_stranger(peer)
    }

    /// Returns when the peer has a connection on which it is met as a contact. Cancel-safe.
    pub(crate) async fn welcomed(&self, peer: &PeerId) {
        self.peers.until(|open| open.peer == *peer && open.trusted).await;
    }

    /// Returns when the peer has a connection that is newer than `since`. Cancel-safe.
    pub(crate) async fn arrival(&self, peer: &PeerId, since: Instant) {
        self.peers.arrival(peer, since).await;
    }

    /// How many inbound streams were not taken since the start.
    pub(crate) fn refused(&self) -> Refused {
        self.control.refused()
    }

    /// Whether the event loop turns; waits until it has shown it.
    pub(crate) async fn answers(&self) -> bool {
        let (done, shown) = oneshot::channel();
        self.commands.send(Command::Answer(done)).await.is_ok() && shown.await.is_ok()
    }

    /// What we listen on now, the circuits that lead to us, and where a relay could dial us.
    pub(crate) fn listening(&self) -> Vec<Multiaddr> {
        self.listening.borrow().clone()
    }

    /// Our own relays, those of the settings first.
    pub(crate) fn relays(&self) -> Vec<PeerId> {
        self.relays.list().into_iter().map(|(relay, _)| relay).collect()
    }

    /// Puts these members of our network in the place of those that were relays of ours; what is too much is left out. It
    /// takes a moment until reservations follow.
    pub(crate) fn set_mesh_relays(&self, members: Vec<(PeerId, Vec<Multiaddr>)>) {
        self.relays.set_members(members);
    }

    /// Our own relays that hold a reservation for us.
    pub(crate) fn reserved(&self) -> Vec<PeerId> {
        self.reserved.borrow().clone()
    }

    /// Whether a relay of our own could dial us, as it becomes known; `None` as long as none has tried.
    pub(crate) fn reachable(&self) -> watch::Receiver<Option<bool>> {
        self.reachable.clone()
    }

    /// How many IP addresses somebody is expected at, besides the networks of the settings.
    pub(crate) fn expected_addresses(&self) -> usize {
        self.expected.count()
    }

    /// Tells clients of our relay that it is at these addresses, and no others.
    pub(crate) async fn advertise(&self, addresses: Vec<Multiaddr>) {
        let _ = self.commands.send(Command::Advertise(addresses)).await;
    }

    /// Closes all connections of a peer, and returns when they are closed, or when that takes too long.
    pub(crate) async fn disconnect(&self, peer: PeerId) {
        let (done, closed) = oneshot::channel();
        if self.commands.send(Command::Disconnect(peer, done)).await.is_ok() {
            let _ = timeout(CLOSING, closed).await;
        }
    }

    /// Closes those connections of a peer on which it was met as a stranger; one that was made since serves already.
    pub(crate) async fn shed(&self, peer: PeerId) {
        let (done, closed) = oneshot::channel();
        if self.commands.send(Command::Shed(peer, done)).await.is_ok() {
            let _ = timeout(CLOSING, closed).await;
        }
    }

    /// Dials a peer soon, whether or not an earlier attempt failed, and keeps the connection.
    pub(crate) async fn keep(&self, peer: PeerId) {
        let _ = self.commands.send(Command::Keep(peer)).await;
    }

    /// What we listen on, as it changes; ends with the network.
    pub(crate) fn listening_changes(&self) -> watch::Receiver<Vec<Multiaddr>> {
        self.listening.clone()
    }

    /// Asks at each address whether another process runs there with our key; the answer comes as an event.
    pub(crate) async fn look_for_copies(&self, addresses: Vec<Multiaddr>) {
        let _ = self.commands.send(Command::LookForCopies(addresses)).await;
    }

    /// Returns when the network has ended.
    pub(crate) async fn ended(&self) {
        self.commands.closed().await;
    }

    /// Closes everything soon, without waiting for it.
    pub(crate) fn end(&self) {
        let (done, _) = oneshot::channel();
        // Full queue or gone: the loop is ending, or about to look at an order like this.
        let _ = self.commands.try_send(Command::Shutdown(done));
    }

    /// Closes everything, and returns when peers have been told.
    pub(crate) async fn shut_down(&self) {
        let (done, ended) = oneshot::channel();
        if self.commands.send(Command::Shutdown(done)).await.is_ok() {
            let _ = ended.await;
        }
    }
}

/// The innermost error says what the system said; the layers above repeat themselves.
fn root_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
