//! One change of tasks: what happens, and what follows from it once it is on the disk.

use std::{cell::RefCell, collections::BTreeSet};

use airway_protocols::{
    agent::AgentId,
    tasks::{
        State,
        order::{self, Ask, Order},
        work::{self, Work},
    },
};
use futures::{FutureExt as _, future::BoxFuture};

use super::{TaskEvent, Tasks, receipt, row};
use crate::{
    clock,
    store::{self, Room, Table, TaskKey, TaskRow},
};

/// What a turn of tasks comes to, once it is on the disk.
pub(super) type Pending<T, E> = BoxFuture<'static, Result<T, E>>;

/// The tasks in the midst of one change.
pub(super) struct Turn<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) tasks: &'a Tasks,
    /// Steady time.
    pub(super) now: u64,
    followed: RefCell<Followed>,
}

/// What follows from a change.
#[derive(Debug, Default)]
struct Followed {
    /// Who has to hear something.
    ring: BTreeSet<AgentId>,
    /// What was noted.
    noted: Vec<TaskEvent>,
    /// The queue is not what it was.
    queue: bool,
    /// Something was written.
    written: bool,
}

impl Tasks {
    /// Lets `change` happen as one change on the disk. Returns when it has its place behind those before it.
    ///
    /// # Errors
    ///
    /// That of `change`, or [`store::Error`]; then nothing has happened.
    pub(super) async fn turn<T, E>(
        &self,
        room: Room,
        change: impl FnOnce(&Turn<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<Pending<T, E>, E>
    where
        T: Send + 'static,
        E: From<store::Error> + Send + 'static,
    {
        let (tasks, after) = (self.clone(), self.clone());
        let apply = move |table: &Table<'_>| -> Result<(Followed, T), E> {
            let now = tasks.0.clock.now();
            let turn = Turn { table, tasks: &tasks, now, followed: RefCell::default() };
            let value = change(&turn)?;
            Ok((turn.finish()?, value))
        };
        let committed = move |done: &(Followed, T)| after.follow(&done.0);
        let pending = self.0.store.tasks_change(room, apply, committed).await?;
        Ok(async { pending.await.map(|(_, value)| value) }.boxed())
    }

    fn follow(&self, followed: &Followed) {
        for agent in &followed.ring {
            self.0.bell.ring(*agent);
        }
        for what in &followed.noted {
            self.0.metrics.tasks.one(what.label());
        }
        if followed.written {
            self.0.due.notify_one();
        }
        if followed.queue {
            self.0.queued.notify_waiters();
        }
    }
}

impl Turn<'_> {
    /// Writes a task of ours as it is from now on, and notes what has happened to it. `text` is the worker's word.
    pub(super) fn put_order(
        &self,
        row: &mut TaskRow,
        was: Option<&Order>,
        order: &Order,
        text: Option<String>,
    ) -> Result<(), store::Error> {
        row.machine = row::encode(order)?;
        row.state = order.state.into();
        row.open = !order.state.is_final();
        row.due = order.due();
        self.hold(row, order.held);
        row.settled = order.ask().is_none() && !order.held;
        row.submits = order.ask() == Some(Ask::Submit);
        let what = row::happened(
            was.map(|was| (was.state, was.attempt, was.progress)),
            (order.state, order.attempt, order.progress),
        );
        if order.state.is_final() && was.is_some_and(|was| !was.state.is_final()) {
            // Its worker may have room for one that it has denied.
            self.followed.borrow_mut().ring.insert(AgentId::from_bytes(row.key.agent));
        }
        let asks = was.is_some_and(|was| was.asking.is_none()) && order.asking.is_some();
        self.put(row, what.or(asks.then_some(TaskEvent::Cancelling)), order.state, text)
    }

    /// Writes a task of others as it is from now on, with the claim that its end needs, and notes what has happened to it.
    /// `text` is our word.
    pub(super) fn put_work(
        &self,
        row: &mut TaskRow,
        was: Option<&Work>,
        work: &Work,
        text: Option<String>,
    ) -> Result<(), store::Error> {
        let was_queued = row.queued;
        row.machine = row::encode(work)?;
        row.state = work.state.into();
        row.open = !work.state.is_final() && !work.is_settled();
        row.queued = work.state == State::Accepted;
        row.due = work.due();
        self.hold(row, work.held);
        row.settled = !work.has_news() && !work.held;
        if matches!(work.state, State::Failed | State::Cancelled | State::Expired) {
            row.output = None;
        }
        let is_new_end = was.is_none_or(|was| was.state != work.state) && work.state != State::Succeeded;
        if work.leaves_receipt() && is_new_end {
            row.claim = Some(receipt::claim(&self.tasks.0.own.keypair(), row, work)?);
        }
        let what = row::happened(
            was.map(|was| (was.state, was.attempt, was.progress)),
            (work.state, work.attempt, work.progress),
        );
        self.followed.borrow_mut().queue |= was_queued != row.queued;
        self.put(row, what, work.state, text)
    }

    /// Notes whether a task waits for its file. Whoever delivers that has to hear when it is of no use any more.
    fn hold(&self, row: &mut TaskRow, held: bool) {
        if row.held && !held {
            self.followed.borrow_mut().ring.insert(AgentId::from_bytes(row.key.agent));
        }
        row.held = held;
    }

    fn put(
        &self,
        row: &mut TaskRow,
        what: Option<TaskEvent>,
        state: State,
        text: Option<String>,
    ) -> Result<(), store::Error> {
        row.changed_at_ms = clock::unix_ms();
        match what {
            Some(TaskEvent::Changed | TaskEvent::Requeued) => row.text.clone_from(&text),
            // Nothing new is said of what has not changed otherwise.
            _ if text.is_some() => row.text.clone_from(&text),
            _ => {}
        }
        self.table.put(row)?;
        if let Some(what) = what {
            self.table.note(&what.entry(&row.key, Some(state), text))?;
            self.followed.borrow_mut().noted.push(what);
        }
        let mut followed = self.followed.borrow_mut();
        followed.written = true;
        if !row.settled {
            followed.ring.insert(AgentId::from_bytes(row.key.agent));
        }
        Ok(())
    }

    /// Notes that somebody was refused something.
    pub(super) fn refuse(
        &self,
        key: &TaskKey,
        what: TaskEvent,
        text: Option<String>,
    ) -> Result<(), store::Error> {
        self.table.note(&what.entry(key, None, text))?;
        self.followed.borrow_mut().noted.push(what);
        Ok(())
    }

    /// Lets an event happen to a task of others, and writes what comes of it. Returns the task as it is then.
    ///
    /// # Errors
    /// That the machine refuses it stands inside; outside, that the database failed.
    pub(super) fn step_work(
        &self,
        row: &mut TaskRow,
        event: work::Event,
        text: Option<String>,
    ) -> Result<Result<Work, work::Refused>, store::Error> {
        let was = row::work(row)?;
        match was.step(event, self.now) {
            Ok(Some(next)) => self.put_work(row, Some(&was), &next, text).map(|()| Ok(next)),
            Ok(None) => Ok(Ok(was)),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// The same with a task of ours.
    ///
    /// # Errors
    /// As above.
    pub(super) fn step_order(
        &self,
        row: &mut TaskRow,
        event: order::Event<'_>,
        text: Option<String>,
    ) -> Result<Result<Order, order::Refused>, store::Error> {
        let was = row::order(row)?;
        match was.step(event, self.now) {
            Ok(Some(next)) => self.put_order(row, Some(&was), &next, text).map(|()| Ok(next)),
            Ok(None) => Ok(Ok(was)),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// What belongs to each change: the first in the queue is known to be that, and the time is saved.
    fn finish(self) -> Result<Followed, store::Error> {
        if self.followed.borrow().queue
            && let Some(mut head) = self.table.head()?
        {
            // Whatever is queued can be staged.
            let _staged = self.step_work(&mut head, work::Event::Stage, None)?;
        }
        if self.followed.borrow().written {
            self.table.mark(self.tasks.0.clock.mark())?;
        }
        Ok(self.followed.into_inner())
    }
}
