//! The agent: builds its parts, joins them, and shuts them down in order.

mod bench;
mod events;
mod files;
mod find;
mod finding;
mod gossip;
mod inbox;
mod infra;
mod network;
mod news;
mod outbox;
mod places;
mod polo;
mod port;
mod received;
mod start;
mod tasks;
mod trust;
mod warnings;
mod watch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    card::{self, Card},
    port::Port,
    streams::Stream,
};
pub use events::{Source, TopicsOf};
pub use inbox::{Received, ReceivedFile};
use libp2p::Multiaddr;
pub use outbox::{Outbound, Outgoing, Sent};
pub use polo::{Behind, PoloError, Reputation};
pub use start::StartError;
use tokio::task::JoinHandle;

use crate::{
    alarms::Alarms,
    config::Config,
    contacts::{ChangeError, Contact, Contacts, WhoError},
    home::{Home, Lock},
    me::Me,
    mesh::Mesh,
    metrics::Metrics,
    net::{Connection, Net},
    own::Own,
    polo::Polo,
    services::{
        DialError, ListenError, Listener, Pong, echo,
        events::{Broadcasts, Events},
        files::Files,
        outbox::Outbox,
        ports::Ports,
        reach::Reach,
        tasks::Tasks,
    },
    store::Store,
    trust::Trust,
};

/// How long an exchange with a peer may take unless told otherwise, dialling included.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(15);

/// A running agent; cheap to clone. It runs until [`Node::shut_down`], or until the last clone is dropped.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use airway::{DEFAULT_WAIT, Node, Outgoing, Terms};
///
/// let node = Node::start("agent-home", Default::default()).await?;
/// println!("{}", node.card()?);
/// let ticket = "airway-pair:…".parse()?;                     // what `airway pair` has printed at bob's
/// let bob = node.pair(&ticket, Terms::default(), DEFAULT_WAIT).await?;
/// node.send(&bob, Outgoing::text("hello")).await?;
/// node.shut_down().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Node(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    home: Home,
    config: Config,
    own: Own,
    store: Store,
    net: Net,
    contacts: Contacts,
    mesh: Mesh,
    ports: Ports,
    reach: Reach,
    outbox: Outbox,
    events: Events,
    broadcasts: Broadcasts,
    polo: Polo,
    tasks: Tasks,
    trust: Trust,
    files: Files,
    metrics: Metrics,
    /// What did not go as configured at the start.
    warnings: Vec<String>,
    alarms: Alarms,
    started: Instant,
    /// Keeps other daemons from the home as long as the node exists.
    lock: Lock,
}

/// A node that was dropped without [`Node::shut_down`] leaves the network as well, only less politely.
impl Drop for Inner {
    fn drop(&mut self) {
        self.net.end();
    }
}

impl Node {
    /// Who we are at this moment: the network may change, and with it the first part of the address.
    pub fn me(&self) -> Me {
        self.0.own.me()
    }

    /// The contact card to hand out, with the addresses that the node has now.
    ///
    /// # Errors
    /// If the name or an announced address does not fit on a card.
    pub fn card(&self) -> Result<Card, card::Error> {
        self.0.own.card()
    }

    /// The endpoint of an agent of our network whose address has never been contested.
    pub fn endpoint_of(&self, agent: &AgentId) -> Endpoint {
        match Address::derive(self.me().address.network(), agent, 0) {
            Ok((address, _)) => Endpoint::full(address, agent),
            Err(_) => Endpoint::full(Address::from_bytes([0; 6]), agent),
        }
    }

    /// Where our files lie.
    pub fn home(&self) -> &Home {
        &self.0.home
    }

    /// The settings that the node started with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The lock that the node holds on its home.
    pub(crate) fn lock(&self) -> &Lock {
        &self.0.lock
    }

    /// Since the start.
    pub fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// The addresses that the node listens on now, relays that lead to it, and where a relay could dial it.
    pub fn listening(&self) -> Vec<Multiaddr> {
        self.0.net.listening()
    }

    /// The ports that programs listen on.
    pub fn ports(&self) -> Vec<u16> {
        self.0.ports.list()
    }

    /// Gives a contact a name of our own, or takes it away.
    ///
    /// # Errors
    /// If nobody is meant, or another contact has the alias.
    pub async fn set_alias(&self, who: &str, alias: Option<&str>) -> Result<Contact, ChangeError> {
        self.0.contacts.set_alias(who, alias).await
    }

    /// Everybody whom we trust, oldest first.
    pub fn contacts(&self) -> Vec<Contact> {
        self.0.contacts.list()
    }

    /// The contact with this id.
    pub fn contact(&self, agent: &AgentId) -> Option<Contact> {
        self.0.contacts.get(agent)
    }

    /// The contact that an alias, a name, an address or a card names.
    ///
    /// # Errors
    /// See [`WhoError`].
    pub fn find(&self, who: &str) -> Result<Contact, WhoError> {
        self.0.contacts.resolve(who)
    }

    /// The open connections to contacts.
    pub fn connections(&self) -> Vec<(Contact, Connection)> {
        let known = |connection: Connection| Some((self.0.contacts.by_peer(&connection.peer)?, connection));
        self.0.net.connections().into_iter().filter_map(known).collect()
    }

    /// One round trip to port 7 of a contact.
    ///
    /// # Errors
    /// See [`DialError`].
    pub async fn ping(&self, to: &Contact, wait: Duration) -> Result<Pong, DialError> {
        let pong = echo::ping(&self.0.reach, to, wait).await;
        self.0.metrics.pings.one(if pong.is_ok() { "answered" } else { "failed" });
        pong
    }

    /// Opens a stream to a port of a contact and waits until it is taken.
    ///
    /// # Errors
    /// See [`DialError`].
    pub async fn dial(&self, to: &Contact, port: Port, wait: Duration) -> Result<Stream, DialError> {
        self.0.reach.dial(to, port, wait).await
    }

    /// Opens a stream to a port of a contact without waiting until it is taken.
    ///
    /// What is written first travels with the request: a question and its answer take one round trip, not two.
    /// Whether the contact takes the stream comes with the first read, as an error that
    /// [`Refusal::of`](airway_protocols::streams::Refusal::of) explains. A stream opened to read from needs a flush.
    ///
    /// # Errors
    /// See [`DialError`].
    pub async fn open(&self, to: &Contact, port: Port, wait: Duration) -> Result<Stream, DialError> {
        self.0.reach.open_within(to, port, wait).await
    }

    /// Runs a task beside the network, on its thread: its reads and writes need no switch of threads. It must
    /// never block, since the whole node waits meanwhile.
    pub fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.0.net.spawn(task)
    }

    /// Listens on a port for streams from contacts.
    ///
    /// # Errors
    /// If the port is reserved or in use.
    pub fn listen(&self, port: Port) -> Result<Listener, ListenError> {
        self.0.ports.listen(port)
    }

    /// Closes all connections and the database. Other clones of the node are of no use afterwards.
    pub async fn shut_down(&self) {
        self.0.events.close();
        self.0.mesh.shut_down().await;
        self.0.net.shut_down().await;
        self.0.files.settle().await;
        self.0.store.close().await;
    }
}
