//! Tasks: what this agent has others do, and what it does for others.
//!
//! ```text
//! Node ─► desk ──────┐
//! peer ─► serve ─────┤                                          ┌─► bell ─► courier ─► owed, settle
//! clock ─► timers ───┴─► turn: rows ─► step ─► rows, log,  ─────┤
//!                        receipts, in one commit                └─► metrics, log, whoever waits for the queue
//! ```
//!
//! Whatever happens to a task is a *turn*: its row is read on the thread of the store that writes, the pure machine of
//! `airway-protocols` takes one step, and all that follows is one commit, which others share. Nothing is answered before it.
//! What the other side has to hear is not queued: it follows from the row as it stands, and what it answers is a turn again.

mod accepting;
mod attach;
mod bell;
pub(crate) mod copies;
pub(crate) mod courier;
mod desk;
mod error;
mod log;
mod owed;
mod pick;
mod receipt;
mod requester;
mod row;
mod serve;
pub(crate) mod steady;
mod timers;
mod turn;
mod view;
mod what;
mod worker;

use std::sync::Arc;

use tokio::sync::Notify;

pub use self::{
    accepting::Accepting,
    attach::Material,
    copies::AttachError,
    desk::NewTask,
    error::TaskError,
    pick::{TaskFilter, TaskRef},
    view::Task,
    what::{TaskEntry, TaskEvent},
};
pub(crate) use self::{
    accepting::Accepts,
    bell::Bell,
    owed::{Owed, Settled},
    serve::serve,
};
use self::{copies::Copies, steady::Clock};
use super::reach::Reach;
use crate::{
    metrics::Metrics,
    own::Own,
    polo::Polo,
    store::{self, Store},
};

/// Our part in a task. The numbers are those of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// We asked for it.
    Requester = 0,
    /// It was asked of us.
    Worker = 1,
}

impl From<Role> for u8 {
    fn from(role: Role) -> Self {
        role as Self
    }
}

impl TryFrom<u8> for Role {
    type Error = store::Error;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Requester),
            1 => Ok(Self::Worker),
            _ => Err(store::Error::Corrupt),
        }
    }
}

/// What tasks need of the rest of the agent.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) own: Own,
    pub(crate) store: Store,
    pub(crate) reach: Reach,
    pub(crate) copies: Copies,
    pub(crate) metrics: Metrics,
    pub(crate) polo: Polo,
    /// Whether what comes is accepted by itself.
    pub(crate) accepts: Accepts,
    /// Bytes that tasks and their results may take up.
    pub(crate) quota: u64,
}

/// The tasks of an agent; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tasks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    own: Own,
    store: Store,
    reach: Reach,
    copies: Copies,
    metrics: Metrics,
    polo: Polo,
    accepts: Accepts,
    quota: u64,
    clock: Clock,
    /// Rung for each agent that has something to hear.
    bell: Bell,
    /// Something may be due earlier than it was.
    due: Notify,
    /// Something came into the queue, or left it.
    queued: Notify,
}

impl Tasks {
    /// Goes on with the tasks that there are.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn start(parts: Parts) -> Result<Self, store::Error> {
        let Parts { own, store, reach, copies, metrics, polo, accepts, quota } = parts;
        let clock = Clock::resume(&store).await?;
        let (bell, due, queued) = (Bell::default(), Notify::new(), Notify::new());
        let inner =
            Inner { own, store, reach, copies, metrics, polo, accepts, quota, clock, bell, due, queued };
        let tasks = Self(Arc::new(inner));
        // A crash can come between the end of the trust and that of the tasks.
        tasks.disown().await;
        tasks.go_on().await?;
        let net = &tasks.0.reach.net;
        net.spawn(tasks.0.clock.clone().keep(tasks.0.store.clone()));
        net.spawn(tasks.clone().watch_time());
        Ok(tasks)
    }

    /// Rung for each agent that has something to hear.
    pub(crate) fn bell(&self) -> &Bell {
        &self.0.bell
    }
}
