//! The agent: builds its parts, joins them, and shuts them down in order.

mod bench;
mod card;
mod files;
mod inbox;
mod infra;
mod outbox;
mod places;
mod port;
mod start;
mod warnings;
mod watch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    card::Card,
    port::Port,
    streams::Stream,
};
pub use inbox::{Received, ReceivedFile};
use libp2p::{Multiaddr, PeerId};
pub use outbox::{Outbound, Outgoing, Sent};
pub use start::StartError;
use tokio::task::JoinHandle;

use crate::{
    alarms::Alarms,
    config::Config,
    contacts::{ChangeError, Contact, Contacts, WhoError},
    home::{Home, Lock},
    identity::Identity,
    metrics::Metrics,
    net::{Connection, Net},
    services::{
        DialError, ListenError, Listener, Pong, echo, files::Files, outbox::Outbox, ports::Ports,
        reach::Reach,
    },
    store::Store,
};

/// How long an exchange with a peer may take unless told otherwise, dialling included.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(15);

/// A running agent; cheap to clone. It runs until [`Node::shut_down`], or until the last clone is dropped.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use airway::{Node, Outgoing};
///
/// let node = Node::start("agent-home", Default::default()).await?;
/// println!("{}", node.card()?);
/// let bob = node.trust(&"airway:…".parse()?, Some("bob")).await?;
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
    identity: Identity,
    me: Me,
    store: Store,
    net: Net,
    contacts: Contacts,
    ports: Ports,
    reach: Reach,
    outbox: Outbox,
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

/// Who the agent is.
#[derive(Debug, Clone)]
pub struct Me {
    /// For life.
    pub agent: AgentId,
    /// From its key.
    pub peer: PeerId,
    /// Permanent, in the network that the home belongs to.
    pub address: Address,
    /// The nonce that the address was derived with.
    nonce: u8,
    /// The name on its card.
    pub name: Option<String>,
}

impl Me {
    /// Address and fingerprint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::full(self.address, &self.agent)
    }
}

impl Node {
    /// Who we are.
    pub fn me(&self) -> &Me {
        &self.0.me
    }

    /// The endpoint of an agent of our network whose address has never been contested.
    pub fn endpoint_of(&self, agent: &AgentId) -> Endpoint {
        match Address::derive(self.0.me.address.network(), agent, 0) {
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

    /// The addresses that the node listens on now.
    pub fn listening(&self) -> Vec<Multiaddr> {
        self.0.net.listening()
    }

    /// The ports that programs listen on.
    pub fn ports(&self) -> Vec<u16> {
        self.0.ports.list()
    }

    /// Trusts the holder of a card. Speaking with it takes that it trusts us too.
    ///
    /// # Errors
    /// If the card is our own, or its address or the alias belongs to another contact.
    pub async fn trust(&self, card: &Card, alias: Option<&str>) -> Result<Contact, ChangeError> {
        let (contact, new) = self.0.contacts.trust(card, alias).await?;
        // What a connection may carry is settled when it is made: those of a stranger are closed.
        if new {
            self.0.net.disconnect(contact.peer).await;
        }
        self.0.net.keep(contact.peer).await;
        Ok(contact)
    }

    /// Ceases to trust, closes the connections of who it was, and takes back what waits for it.
    ///
    /// # Errors
    /// If nobody is meant, or the disk fails; then the agent is still trusted.
    pub async fn untrust(&self, who: &str) -> Result<Contact, ChangeError> {
        let contact = self.0.contacts.untrust(who).await?;
        self.0.net.disconnect(contact.peer).await;
        self.0.outbox.clear(Some(&contact.agent), false).await?;
        Ok(contact)
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
        self.0.net.shut_down().await;
        self.0.files.settle().await;
        self.0.store.close().await;
    }
}
