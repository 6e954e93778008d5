//! The outbox: what is sent waits on our disk until the contact has it on its own.
//!
//! ```text
//! Node ─► Outbox::put ─► store (fsync) ─► bell ─► lane's task ─► contact
//!   └───── watch ◄────────── board ◄──────────────────┘  out of the store when the contact has it
//! ```
//!
//! Each contact has lanes, and each lane in which something waits has one task; so messages arrive in the order in
//! which they were put. A crash loses nothing: what was not settled is sent again, and its id makes it a duplicate.

mod bell;
mod board;
mod error;
mod files;
mod lane;
mod messages;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use airway_protocols::{
    agent::AgentId,
    data::{Message, MessageId},
};
use tokio::{sync::watch, time::MissedTickBehavior};

pub(super) use self::bell::{Bell, Patience};
pub use self::{board::Status, error::SendError};
use self::{
    board::{Board, Key},
    lane::{Lane, Worker},
};
use super::{files::Source, reach::Reach};
use crate::{
    clock,
    contacts::Contact,
    metrics::Metrics,
    store::{self, Entry, FILE_KIND, NewParcel, OutboxFilter, Pick, Queued, Store},
};

/// How often it is looked whether something has expired.
const TICK: Duration = Duration::from_secs(1);

/// How long something is tried to be delivered unless told otherwise.
pub const DEFAULT_EXPIRY: Duration = Duration::from_secs(7 * 24 * 3600);

/// The longest that something can be tried: a receiver remembers ids for a little longer, and so a message that is
/// sent again is still a duplicate.
pub const MAX_EXPIRY: Duration = Duration::from_secs(28 * 24 * 3600);

/// The outbox; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    reach: Reach,
    store: Store,
    board: Board,
    metrics: Metrics,
    quota: u64,
    /// The tasks that run.
    lanes: Arc<Mutex<Lanes>>,
}

type Lanes = HashMap<(AgentId, Lane), Arc<Bell>>;

/// Something in the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    /// What it is.
    pub(crate) entry: Entry,
    /// How far it is.
    pub(crate) status: Status,
}

impl Outbox {
    /// Opens the outbox, and goes on with what waits there.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn start(
        reach: Reach,
        store: Store,
        metrics: Metrics,
        quota: u64,
    ) -> Result<Self, store::Error> {
        let outbox = Self { reach, store, board: Board::default(), metrics, quota, lanes: Arc::default() };
        // A crash can come between the end of the trust and that of what waited.
        outbox.disown().await;
        for (agent, lane) in outbox.store.outbox_lanes().await? {
            outbox.ring(AgentId::from_bytes(agent), lane.try_into()?);
        }
        outbox.reach.net.spawn(outbox.clone().expire());
        Ok(outbox)
    }

    /// Puts a message on the disk, to be delivered as soon as that is possible. The receiver says how it goes.
    ///
    /// # Errors
    /// [`SendError`] if it is not in the outbox.
    pub(crate) async fn put_message(
        &self,
        to: &Contact,
        message: Message,
        expiry: Duration,
    ) -> Result<watch::Receiver<Status>, SendError> {
        message.validate()?;
        let id = message.id;
        let parcel = NewParcel {
            agent: *to.agent.as_bytes(),
            id: *id.as_bytes(),
            lane: Lane::Messages.into(),
            kind: message.kind.into(),
            reply_to: message.reply_to.map(|id| *id.as_bytes()),
            name: None,
            size: message.payload.len() as u64,
            queued_at_ms: message.sent_at,
            expires_at_ms: expires_at(message.sent_at, expiry),
            body: message.payload,
        };
        // Before it can be delivered, so that nothing is missed.
        let status = self.board.watch_anew((to.agent, id), Lane::Messages);
        self.put(to, Lane::Messages, parcel).await?;
        Ok(status)
    }

    /// Notes on the disk that a file is to be delivered as soon as that is possible. The receiver says how it goes.
    ///
    /// # Errors
    /// [`SendError`] if it is not in the outbox.
    pub(crate) async fn put_file(
        &self,
        to: &Contact,
        id: MessageId,
        name: String,
        source: Source,
        expiry: Duration,
    ) -> Result<(Outbound, watch::Receiver<Status>), SendError> {
        let now = clock::unix_ms();
        let parcel = NewParcel {
            agent: *to.agent.as_bytes(),
            id: *id.as_bytes(),
            lane: Lane::Files.into(),
            kind: FILE_KIND,
            reply_to: None,
            name: Some(name),
            size: source.size,
            queued_at_ms: now,
            expires_at_ms: expires_at(now, expiry),
            body: files::pack(&source),
        };
        // Before it can be delivered, so that nothing is missed.
        let status = self.board.watch_anew((to.agent, id), Lane::Files);
        let entry = self.put(to, Lane::Files, parcel).await?;
        Ok((Outbound { entry, status: Status::Waiting(None) }, status))
    }

    async fn put(&self, to: &Contact, lane: Lane, parcel: NewParcel) -> Result<Entry, SendError> {
        match self.store.outbox_put(parcel, self.quota).await? {
            Queued::At(entry) => {
                self.ring(to.agent, lane);
                Ok(entry)
            }
            Queued::Conflict => Err(SendError::Conflict),
            Queued::Quota => Err(SendError::Full),
        }
    }

    /// Takes out what contacts have on their disks, and only then says so. Number, key, and whether it was a
    /// duplicate.
    async fn delivered(&self, what: &[(u64, Key, bool)]) -> Result<(), SendError> {
        self.store.outbox_remove(what.iter().map(|(seq, ..)| *seq).collect()).await?;
        for &(_, key, duplicate) in what {
            self.metrics.sent.one(if duplicate { "duplicate" } else { "delivered" });
            self.board.tell(&key, Status::Delivered { duplicate });
        }
        Ok(())
    }

    /// Marks as given up what will never be delivered.
    async fn give_up(&self, seq: u64, key: &Key, error: SendError) -> Result<(), SendError> {
        self.store.outbox_fail(seq, error.to_string()).await?;
        self.metrics.sent.one("rejected");
        self.board.tell(key, Status::Failed(error));
        Ok(())
    }

    /// What waits and what was given up, in the order of queueing.
    pub(crate) async fn list(&self, filter: OutboxFilter) -> Result<Vec<Outbound>, store::Error> {
        let entries = self.store.outbox_list(filter).await?;
        entries.into_iter().map(|entry| self.outbound(entry)).collect()
    }

    /// One of them, and how it goes on.
    pub(crate) async fn watch(
        &self,
        pick: Pick,
    ) -> Result<(Outbound, watch::Receiver<Status>), store::GetError> {
        let entry = self.store.outbox_get(pick).await?;
        let status = self.board.watch(key(&entry)?, entry.lane.try_into()?);
        // Still there, and so whatever happens to it happens under our eyes.
        let entry = self.store.outbox_get(Pick::Seq(entry.seq)).await?;
        Ok((self.outbound(entry)?, status))
    }

    /// Takes one of them back. If it is on its way, the contact may get it all the same.
    pub(crate) async fn cancel(&self, pick: Pick) -> Result<Outbound, store::GetError> {
        let entry = self.store.outbox_get(pick).await?;
        if self.store.outbox_remove(vec![entry.seq]).await? == 0 {
            // It was delivered meanwhile: there is none any more.
            self.store.outbox_get(Pick::Seq(entry.seq)).await?;
        }
        self.board.tell(&key(&entry)?, Status::Failed(SendError::Cancelled));
        Ok(self.outbound(entry)?)
    }

    /// Takes back what its sender no longer waits for, for this reason.
    pub(crate) async fn withdraw(
        &self,
        to: AgentId,
        id: MessageId,
        reason: &SendError,
    ) -> Result<(), store::Error> {
        self.store.outbox_withdraw(*to.as_bytes(), *id.as_bytes()).await?;
        self.board.tell(&(to, id), Status::Failed(reason.clone()));
        Ok(())
    }

    /// Takes back all that is for one contact, or all there is; or only what was given up. Returns how much.
    pub(crate) async fn clear(
        &self,
        agent: Option<&AgentId>,
        failed_only: bool,
    ) -> Result<usize, store::Error> {
        let cleared = self.store.outbox_clear(agent.map(|agent| *agent.as_bytes()), failed_only).await?;
        self.tell(&cleared, &SendError::Cancelled);
        Ok(cleared.len())
    }

    /// Gives up all that an agent was to get, at the end of the trust in it: what went in the same change as the trust,
    /// and what was put there since, unless the agent is trusted again. A change on the disk that is behind all others of
    /// before.
    pub(crate) async fn abandon(&self, agent: &AgentId) {
        self.disown().await;
        if self.reach.contacts.get(agent).is_none() {
            self.board.tell_agent(agent, &Status::Failed(SendError::Cancelled));
        }
    }

    /// Takes back what is for those whom we do not trust any more. What fails now is done at the next start.
    async fn disown(&self) {
        match self.store.outbox_disown().await {
            Ok(disowned) => self.tell(&disowned, &SendError::Cancelled),
            Err(error) => tracing::warn!(%error, "something waits for an agent that is not trusted"),
        }
    }

    fn tell(&self, keys: &[store::Key], error: &SendError) {
        for (agent, id) in keys {
            if let Ok(id) = MessageId::from_bytes(*id) {
                self.board.tell(&(AgentId::from_bytes(*agent), id), Status::Failed(error.clone()));
            }
        }
    }

    fn outbound(&self, entry: Entry) -> Result<Outbound, store::Error> {
        let obstacle = || {
            let lane = (AgentId::from_bytes(entry.agent), entry.lane.try_into().ok()?);
            self.lanes().get(&lane)?.obstacle()
        };
        let status = match self.board.get(&key(&entry)?) {
            Some(sending @ Status::Sending { .. }) => sending,
            _ => Status::Waiting(obstacle()),
        };
        Ok(Outbound { entry, status })
    }

    /// What keeps the messages for a contact waiting, as the last attempt has found.
    pub(crate) fn obstacle(&self, to: &AgentId) -> Option<SendError> {
        self.lanes().get(&(*to, Lane::Messages))?.obstacle()
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the task of a lane, or starts it.
    fn ring(&self, agent: AgentId, lane: Lane) {
        let mut lanes = self.lanes();
        if let Some(bell) = lanes.get(&(agent, lane)) {
            return bell.ring();
        }
        let bell = Arc::new(Bell::default());
        lanes.insert((agent, lane), bell.clone());
        let worker = Worker { outbox: self.clone(), agent, lane, bell };
        self.reach.net.spawn(worker.run());
    }

    /// Ends a lane's task, unless there is news for it; says whether it is to end.
    fn retire(&self, worker: &Worker) -> bool {
        let mut lanes = self.lanes();
        let retired = !worker.bell.take_news();
        if retired {
            lanes.remove(&(worker.agent, worker.lane));
        }
        retired
    }

    /// Gives up what has expired, until the store closes.
    async fn expire(self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            match self.store.outbox_expire(clock::unix_ms()).await {
                Ok(expired) => {
                    self.tell(&expired, &SendError::Expired);
                    expired.iter().for_each(|_| self.metrics.sent.one("expired"));
                }
                Err(store::Error::Closed) => return,
                Err(error) => tracing::warn!(%error, "it is not known what has expired"),
            }
        }
    }
}

fn expires_at(now: u64, expiry: Duration) -> u64 {
    now.saturating_add(u64::try_from(expiry.min(MAX_EXPIRY).as_millis()).unwrap_or(u64::MAX))
}

/// Fails where a row holds what was never written: the file is damaged.
fn key(entry: &Entry) -> Result<Key, store::Error> {
    let id = MessageId::from_bytes(entry.id).map_err(|_| store::Error::Corrupt)?;
    Ok((AgentId::from_bytes(entry.agent), id))
}
