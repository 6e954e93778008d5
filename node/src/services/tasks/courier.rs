//! What has to be said about tasks, until the other has answered it.
//!
//! ```text
//! a change ─► store: unsettled ─► bell ─► lane of the contact ─► one stream, several requests under way
//!                  ▲                           │                              │
//!                  │                           └─► files first, by the outbox ▼
//!                  └──── settled, or not yet: several in one commit ◄─── answers, in their order
//! ```
//!
//! Each contact has one task while something is unsettled that is for it: submissions and cancellations of ours, reports of what
//! it asked of us. Nothing is taken for said before the answer to it is on our disk; after a crash it is said again, and it
//! is the same request. The machines of the protocol see to it that an answer to an older word settles nothing newer.
//!
//! | the other answers | |
//! |---|---|
//! | that it has it, by status, `taken` or a receipt | settled |
//! | `not allowed`, `invalid`, `conflict`, `score` to a submission | it is declined |
//! | `unknown`, `abandoned`, `closed` to a report | it is cancelled: the requester has no use for it |
//! | `full` | tasks are submitted there one at a time until one is taken: after 1 s, doubled to 60 s, or when one has ended |
//! | anything else, such as `later` or `no file` | the same is said again after 1 s, doubled to 5 min |
//! | nothing, or it is away | as in the outbox: again after 50 ms or 1 s, doubled to 60 s, or when it connects |

mod deliveries;
mod holds;
mod lane;
mod pass;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use airway_protocols::{agent::AgentId, data::MessageId};

use self::lane::Lane;
use super::{Tasks, copies::Copies, row};
use crate::{
    services::{
        outbox::{self, Outbox},
        reach::Reach,
    },
    store::{self, Store},
};

/// How often copies are looked for that no task needs.
const SWEEPING: Duration = Duration::from_secs(3600);

/// Brings to others what is new of tasks; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Courier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tasks: Tasks,
    store: Store,
    reach: Reach,
    outbox: Outbox,
    copies: Copies,
    /// The lanes that run, one for each contact that has to hear something.
    lanes: Mutex<HashMap<AgentId, Arc<outbox::Bell>>>,
}

/// What the courier needs of the rest.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) tasks: Tasks,
    pub(crate) store: Store,
    pub(crate) reach: Reach,
    pub(crate) outbox: Outbox,
    pub(crate) copies: Copies,
}

impl Courier {
    /// Goes on with what was not settled, and with what is new from now on, for as long as the network runs.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn start(parts: Parts) -> Result<(), store::Error> {
        let Parts { tasks, store, reach, outbox, copies } = parts;
        let courier = Self(Arc::new(Inner { tasks, store, reach, outbox, copies, lanes: Mutex::default() }));
        courier.sweep(Duration::ZERO).await?;
        for agent in courier.0.store.tasks_unsettled_agents().await? {
            courier.ring(AgentId::from_bytes(agent));
        }
        let net = &courier.0.reach.net;
        net.spawn(courier.clone().listen());
        net.spawn(courier.clone().tidy());
        Ok(())
    }

    /// Wakes the lane of everybody for whom the bell of the tasks is rung.
    async fn listen(self) {
        loop {
            for agent in self.0.tasks.bell().rung().await {
                self.ring(agent);
            }
        }
    }

    /// Deletes the copies of tasks that are over, now and then, until the store closes.
    async fn tidy(self) {
        loop {
            tokio::time::sleep(SWEEPING).await;
            match self.sweep(super::copies::UNNAMED).await {
                Ok(()) => {}
                Err(store::Error::Closed) => return,
                Err(error) => tracing::warn!(%error, "the files of tasks were not looked through"),
            }
        }
    }

    /// Deletes copies of files that are at least so old and that no task needs.
    async fn sweep(&self, age: Duration) -> Result<(), store::Error> {
        let mut named = HashSet::<MessageId>::new();
        for row in self.0.store.tasks_held(None).await? {
            named.extend(row::held(&row)?.map(|file| file.id));
        }
        let deleted = self.0.copies.sweep(named, age).await;
        if deleted > 0 {
            tracing::info!(deleted, "files of tasks that are over");
        }
        Ok(())
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<AgentId, Arc<outbox::Bell>>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the lane of an agent, or starts it.
    fn ring(&self, agent: AgentId) {
        let mut lanes = self.lanes();
        if let Some(bell) = lanes.get(&agent) {
            return bell.ring();
        }
        let bell = Arc::new(outbox::Bell::default());
        lanes.insert(agent, bell.clone());
        self.0.reach.net.spawn(Lane::new(self.clone(), agent, bell).run());
    }

    /// Ends a lane, unless there is news for it; says whether it is to end.
    fn retire(&self, agent: &AgentId, bell: &outbox::Bell) -> bool {
        let mut lanes = self.lanes();
        let retired = !bell.take_news();
        if retired {
            lanes.remove(agent);
        }
        retired
    }
}
