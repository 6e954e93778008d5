//! The distributed hash table of a network: who is found by which key, kept by those who serve it.
//!
//! ```text
//! lookup ──► own store ──► the servers nearest to the key, over disjoint paths ──► values, as they come
//! publish ─► the servers nearest to the key ─► each takes the value or not ─► how many did
//! ```
//!
//! It is libp2p's Kademlia behind an [admission](airway_protocols::gate::admission), over a store of our own
//! ([`records`]) that takes nothing but claims, and among others records of who provides what. What others answer is handed on as it is: whoever looked for it judges it.

mod behaviour;
mod providers;
mod providing;
mod queries;
mod records;
#[cfg(test)]
mod tests;

use airway_protocols::{gate::admission::Turn, network::Realm};
use libp2p::{Multiaddr, PeerId, StreamProtocol, swarm::ConnectionId};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

pub(crate) use self::behaviour::{Admitted, Behaviour, Event};
pub(super) use self::{
    behaviour::{build, mode},
    providing::Providing,
    queries::{Ended, Queries},
    records::{Records, SWEEP},
};
use super::{CLOSING, Net, event_loop};

/// Addresses of one server that are kept.
pub(super) const MAX_ADDRESSES: usize = 16;

/// Values of one lookup that wait to be taken: as many as servers are asked over all its paths. Further ones are dropped.
const VALUES: usize = 64;

/// Those who are said to provide one key that are handed on; further ones are dropped.
pub(crate) const MAX_PROVIDERS: usize = 20;

/// The DHT of a network, and our part in it.
#[derive(Debug, Clone)]
pub(crate) struct Dht {
    /// Whose claims it holds.
    pub(crate) realm: Realm,
    pub(crate) protocol: StreamProtocol,
    /// Whether it is open to all that are connected. Otherwise members alone are served.
    pub(crate) everyone: bool,
    /// Whether we serve it, from the start.
    pub(crate) server: bool,
    /// Whether it is one of others, whose servers keep no claims but records of who provides what.
    pub(crate) provides: bool,
}

/// What became of something that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Published {
    /// Servers that took it, ourselves among them.
    pub(crate) stored: usize,
    /// Servers that were asked to.
    pub(crate) asked: usize,
}

/// Somebody who is said to provide a key, and where it is said to be.
pub(crate) type Provider = (PeerId, Vec<Multiaddr>);

/// How far a lookup has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stats {
    /// Requests that were sent.
    pub(crate) requests: u32,
    /// Servers that answered, with a value or without.
    pub(crate) answered: u32,
}

/// An order about the DHT.
#[derive(Debug)]
pub(super) enum Command {
    /// Leave the DHT that there is, if any, and take part in this one.
    Enter(Option<Box<Dht>>, oneshot::Sender<()>),
    /// Serve it, or cease to.
    Serve(bool),
    /// Speak with a peer on the connections that there are; its addresses, if it serves.
    Admit(PeerId, Option<Vec<Multiaddr>>, Option<(ConnectionId, Turn)>, oneshot::Sender<()>),
    /// Do not wait for a peer that was wanted.
    Refuse(PeerId),
    /// Forget a peer and close its connections.
    Expel(PeerId, oneshot::Sender<()>),
    /// A server, to be met when it is needed.
    Introduce(PeerId, Vec<Multiaddr>, oneshot::Sender<()>),
    /// Look for values.
    Lookup(Vec<u8>, Answers),
    /// End the lookups that nobody waits for.
    EndAbandoned,
    /// Give a value to the servers nearest to the key.
    Publish(Vec<u8>, Vec<u8>, oneshot::Sender<Published>),
    /// Say to the servers nearest to the key that we provide it, and are at these addresses; whether any was told.
    Provide(Vec<u8>, Vec<Multiaddr>, oneshot::Sender<bool>),
    /// Provide a key no longer.
    Unprovide(Vec<u8>),
    /// Look for those who provide a key.
    Providers(Vec<u8>, mpsc::Sender<Provider>),
    /// The servers that we know.
    Servers(oneshot::Sender<Vec<(PeerId, Vec<Multiaddr>)>>),
    /// Look for servers; the answer comes when that is done.
    FindServers(oneshot::Sender<()>),
}

/// Where the event loop puts what a lookup finds.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) values: mpsc::Sender<Vec<u8>>,
    pub(super) stats: watch::Sender<Stats>,
}

/// A lookup under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Lookup {
    commands: mpsc::Sender<event_loop::Command>,
    /// Until it has begun.
    order: Option<Command>,
    values: mpsc::Receiver<Vec<u8>>,
    stats: watch::Receiver<Stats>,
}

impl Lookup {
    /// The next value, each different one once, as it was found: nobody has verified it. `None` when no more will come.
    /// Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        if self.order.is_some() {
            let place = self.commands.reserve().await.ok()?;
            place.send(event_loop::Command::Dht(self.order.take()?));
        }
        self.values.recv().await
    }

    /// A value that has been found already.
    pub(crate) fn ready(&mut self) -> Option<Vec<u8>> {
        self.values.try_recv().ok()
    }

    /// How far it has come.
    pub(crate) fn stats(&self) -> Stats {
        *self.stats.borrow()
    }

    /// The same as it changes: a server may have answered without anything new.
    pub(crate) fn progress(&self) -> watch::Receiver<Stats> {
        self.stats.clone()
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        self.values.close();
        if self.order.is_none() {
            // Full queue: it ends by itself, by its timeout.
            let _ = self.commands.try_send(event_loop::Command::Dht(Command::EndAbandoned));
        }
    }
}

impl Net {
    async fn order(&self, command: Command) {
        let _ = self.commands.send(event_loop::Command::Dht(command)).await;
    }

    /// The answer to an order; `None` if the network has ended.
    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.order(order(reply)).await;
        answer.await.ok()
    }

    /// Takes part in another DHT than before, or in none. Connections on which the former was spoken are closed when this
    /// returns, or soon.
    pub(crate) async fn enter(&self, dht: Option<Dht>) {
        let _ = timeout(CLOSING, self.ask(|done| Command::Enter(dht.map(Box::new), done))).await;
    }

    /// Serves the DHT, or is but a client of it, from now on.
    pub(crate) async fn serve_dht(&self, serves: bool) {
        self.order(Command::Serve(serves)).await;
    }

    /// Speaks the DHT with a peer from now on, which is to be a [member](crate::members) already, and gossip on the connection
    /// over which it has proved that, in [this turn](Turn); returns when its open connections do. One that serves is found at
    /// these addresses, and at none that were known before.
    pub(crate) async fn admit(
        &self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        serves: bool,
        proved: Option<(ConnectionId, Turn)>,
    ) {
        self.ask(|done| Command::Admit(peer, serves.then_some(addresses), proved, done)).await;
    }

    /// Says that a peer which was [wanted](super::Event::Wanted) is none of the network.
    pub(crate) async fn refuse(&self, peer: PeerId) {
        self.order(Command::Refuse(peer)).await;
    }

    /// Forgets a peer that is a member no more, and closes its connections; returns when they are closed, or when that
    /// takes too long.
    pub(crate) async fn expel(&self, peer: PeerId) {
        let _ = timeout(CLOSING, self.ask(|done| Command::Expel(peer, done))).await;
    }

    /// Looks for the values of a key; begins with the first call of [`Lookup::next`]. Ends at once if we take part in no
    /// DHT, or too much is under way.
    pub(crate) fn lookup(&self, key: Vec<u8>) -> Lookup {
        let (values, found) = mpsc::channel(VALUES);
        let (stats, seen) = watch::channel(Stats::default());
        let order = Some(Command::Lookup(key, Answers { values, stats }));
        Lookup { commands: self.commands.clone(), order, values: found, stats: seen }
    }

    /// Gives a value to the servers nearest to its key, ourselves too if we serve. All zeros if we take part in no DHT, or
    /// too much is under way.
    pub(crate) async fn publish(&self, key: Vec<u8>, value: Vec<u8>) -> Published {
        self.ask(|done| Command::Publish(key, value, done)).await.unwrap_or_default()
    }

    /// Has others find us by a key, in a DHT whose servers keep no claims; whether any server was told. It lasts for as long
    /// as they keep it, a day or two.
    pub(crate) async fn provide(&self, key: Vec<u8>, addresses: Vec<Multiaddr>) -> bool {
        self.ask(|done| Command::Provide(key, addresses, done)).await.unwrap_or_default()
    }

    /// Takes that back as far as we answer for it ourselves: what others keep ends by itself.
    pub(crate) async fn unprovide(&self, key: Vec<u8>) {
        self.order(Command::Unprovide(key)).await;
    }

    /// Looks for those who provide a key; each comes once, unverified, and `None` when no more will. It ends when the
    /// receiver is dropped.
    pub(crate) async fn providers(&self, key: Vec<u8>) -> mpsc::Receiver<Provider> {
        let (found, providers) = mpsc::channel(MAX_PROVIDERS);
        self.order(Command::Providers(key, found)).await;
        providers
    }

    /// The servers that we know, and where they are.
    pub(crate) async fn servers(&self) -> Vec<(PeerId, Vec<Multiaddr>)> {
        self.ask(Command::Servers).await.unwrap_or_default()
    }

    /// Asks the servers that we know for others; returns when that is done.
    pub(crate) async fn find_servers(&self) {
        self.ask(Command::FindServers).await;
    }

    /// Notes a server that somebody has named; when this returns it can be dialled. That happens when it is needed, and it
    /// has to prove then what it is.
    pub(crate) async fn introduce(&self, peer: PeerId, addresses: Vec<Multiaddr>) {
        self.ask(|done| Command::Introduce(peer, addresses, done)).await;
    }
}
