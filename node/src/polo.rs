//! What receipts say of other agents: of those that this agent has signed, and of those of others that it was shown.
//!
//! ```text
//! tasks ─► store: a receipt, in the commit that ends the task ─┐
//! pull, import ─► verified ─► store: receipts of others ───────┴─► graph, in memory ─► score ─► terms of a requester
//! ```
//!
//! The graph follows the store, a moment behind; what the store drops to make room stays in it until the next start. A score is
//! computed when somebody asks, and kept for a while.

mod cache;
mod export;
mod learn;
mod policy;
mod row;
mod share;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use airway_protocols::{
    agent::AgentId,
    polo::{Entry, Graph, Known, Outcome, Pair, Score, Sum},
    tasks::Denied,
};
use tokio::sync::watch;

pub use self::learn::Learnt;
use self::{cache::Cache, policy::Asks};
pub(crate) use self::{export::WriteError, learn::MAX_OF_ONE, policy::Terms, row::row};
use crate::{
    clock,
    config::{self, Config},
    contacts::Contacts,
    own::Own,
    store::{self, MAX_RECEIPTS, ReceiptRow, Store},
};

/// Edges of the graph that receipts of others leave free: what is paid here finds a place, whatever others have shown.
const FREE: usize = Graph::MAX_EDGES / 10;

/// Edges of one agent in receipts of others: who shows receipts of thousands that it has made up leaves room for those of others.
const OF_ONE: usize = FREE;

/// What receipts say of other agents; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Polo(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    me: AgentId,
    own: Own,
    store: Store,
    contacts: Contacts,
    settings: config::Tasks,
    share: bool,
    read: RwLock<Read>,
}

/// The receipts that were read so far.
#[derive(Debug, Default)]
struct Read {
    graph: Graph,
    scores: Cache,
}

impl Read {
    /// Takes in a receipt, if there is room for it.
    fn enter(&mut self, entry: &Entry, is_own: bool) {
        let pair = Pair { requester: entry.requester, worker: entry.worker };
        let has_room = || {
            let both = [&pair.requester, &pair.worker];
            self.graph.edges() + FREE < Graph::MAX_EDGES
                && both.iter().all(|agent| self.graph.edges_of(agent) < OF_ONE)
        };
        if is_own || self.graph.sum(&pair).is_some() || has_room() {
            // Of our own a later one finds no room only where we have worked with thousands.
            self.graph.add(entry).ok();
        }
    }
}

impl Polo {
    /// Reads the receipts of the store, and follows it until it closes.
    pub(crate) async fn start(
        own: Own,
        store: Store,
        contacts: Contacts,
        config: &Config,
    ) -> Result<Self, store::Error> {
        let (me, settings, share) = (own.me().agent, config.tasks, config.polo.share);
        let changes = store.receipt_changes();
        let newest = *changes.borrow();
        let read = RwLock::default();
        let polo = Self(Arc::new(Inner { me, own, store, contacts, settings, share, read }));
        // Our own first: they are the ones that there has to be room for.
        for is_own in [true, false] {
            polo.take(0, newest, Some(is_own)).await?;
        }
        tokio::spawn(polo.clone().follow(changes, newest));
        Ok(polo)
    }

    /// Takes in what the store gets, until it closes.
    async fn follow(self, mut changes: watch::Receiver<u64>, mut last: u64) {
        loop {
            let newest = *changes.borrow_and_update();
            match self.take(last, newest, None).await {
                Ok(()) => last = last.max(newest),
                Err(store::Error::Closed) => return,
                Err(error) => tracing::warn!(%error, "new receipts were not read"),
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Takes in the receipts behind one number, up to another.
    async fn take(&self, after: u64, to: u64, own: Option<bool>) -> Result<(), store::Error> {
        let mut after = after;
        while after < to {
            let page = self.0.store.receipts(after, own).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            self.enter(page.iter().filter(|row| row.seq <= to));
            if page.len() < MAX_RECEIPTS as usize {
                return Ok(());
            }
        }
        Ok(())
    }

    fn enter<'a>(&self, rows: impl Iterator<Item = &'a ReceiptRow>) {
        let mut read = self.0.read.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            if let Some(entry) = entry(row) {
                read.enter(&entry, row.is.own);
            }
        }
    }

    fn read<T>(&self, of: impl FnOnce(&Read) -> T) -> T {
        of(&self.0.read.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// On what terms tasks of a requester are taken, which may submit some.
    ///
    /// # Errors
    /// [`Denied::Score`] if they are not.
    pub(crate) fn terms(&self, requester: &AgentId) -> Result<Terms, Denied> {
        let asks = Asks {
            personal_milli: self.milli(requester),
            raw: self.known(requester).raw,
            our_raw: self.known(&self.0.me).raw,
            receipts: self.between(requester),
        };
        policy::decide(&self.0.settings, asks)
    }

    /// What an agent is worth to this one at this moment, in thousandths, or was a moment ago.
    fn milli(&self, agent: &AgentId) -> u64 {
        let began = Instant::now();
        if let Some(milli) = self.read(|read| read.scores.get(agent, began)) {
            return milli;
        }
        let milli = self.score(agent).milli;
        self.0.read.write().unwrap_or_else(PoisonError::into_inner).scores.put(*agent, milli, began);
        milli
    }

    /// What an agent is worth to this one, and by whom.
    pub(crate) fn score(&self, agent: &AgentId) -> Score {
        let trusted: Vec<_> = self.0.contacts.list().into_iter().map(|contact| contact.agent).collect();
        self.read(|read| read.graph.personal(&self.0.me, &trusted, agent, clock::unix_ms()))
    }

    /// What all receipts say of an agent.
    pub(crate) fn known(&self, agent: &AgentId) -> Known {
        self.read(|read| read.graph.known(agent))
    }

    /// All receipts of each pair that an agent is in.
    pub(crate) fn sums_of(&self, agent: &AgentId) -> Vec<Sum> {
        self.read(|read| read.graph.sums_of(agent).collect())
    }

    /// All receipts of a pair.
    pub(crate) fn sum(&self, pair: &Pair) -> Option<Sum> {
        self.read(|read| read.graph.sum(pair))
    }

    /// Receipts between this agent and another.
    fn between(&self, other: &AgentId) -> u64 {
        let me = self.0.me;
        let pairs = [Pair { requester: me, worker: *other }, Pair { requester: *other, worker: me }];
        pairs.iter().filter_map(|pair| self.sum(pair)).map(|sum| sum.receipts).sum()
    }
}

/// What counts of a receipt in the store. `None` of one that a later version has written.
fn entry(row: &ReceiptRow) -> Option<Entry> {
    let row = &row.is;
    let (requester, worker) = (AgentId::from_bytes(row.requester), AgentId::from_bytes(row.worker));
    let outcome = Outcome::try_from(row.outcome).ok()?;
    Some(Entry { requester, worker, outcome, reward: row.reward, at: row.at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(number: usize) -> AgentId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        AgentId::from_bytes(bytes)
    }

    fn paid(requester: usize, worker: usize) -> Entry {
        let (requester, worker) = (agent(requester), agent(worker));
        Entry { requester, worker, outcome: Outcome::Success, reward: 1, at: 0 }
    }

    #[test]
    fn one_agent_with_many_others_leaves_room_for_receipts_of_the_rest() {
        let mut read = Read::default();
        for fake in 0..Graph::MAX_EDGES {
            read.enter(&paid(1, 1_000 + fake), false);
        }
        assert_eq!(read.graph.edges(), OF_ONE);
        read.enter(&paid(2, 3), false);
        read.enter(&paid(1, 1_000), false);
        assert_eq!((read.graph.raw(&agent(3)), read.graph.raw(&agent(1_000))), (1, 2));
        read.enter(&paid(1, 4), true);
        assert_eq!(read.graph.raw(&agent(4)), 1, "our own are not bounded so");
    }

    #[test]
    fn many_agents_leave_room_for_our_own_receipts() {
        let mut read = Read::default();
        for pair in 0..Graph::MAX_EDGES {
            read.enter(&paid(2 * pair, 2 * pair + 1), false);
        }
        assert_eq!(read.graph.edges(), Graph::MAX_EDGES - FREE);
        read.enter(&paid(0, 7), true);
        assert_eq!(read.graph.edges(), Graph::MAX_EDGES - FREE + 1);
    }
}
