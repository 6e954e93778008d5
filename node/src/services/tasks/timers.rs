//! What time does to tasks, and the end of trust.

use std::time::Duration;

use airway_protocols::tasks::{State, order, work};
use tokio::time::{MissedTickBehavior, timeout};

use super::{Role, Tasks, turn::Turn};
use crate::{
    clock,
    store::{self, Room, TaskRow},
};

/// The longest sleep until time is looked at again.
const LONGEST: Duration = Duration::from_secs(60);

/// How long something rests that is due and does not change: not to be looked at again and again.
const REST: u64 = 1_000;

/// How often it is looked for tasks that are over for long.
const PRUNING: Duration = Duration::from_secs(3600);

/// How long to wait after the database has failed.
const AGAIN: Duration = Duration::from_secs(1);

impl Tasks {
    /// Lets happen what is due, until the store closes.
    pub(super) async fn watch_time(self) {
        let mut prune = tokio::time::interval(PRUNING);
        prune.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let wait = match self.next_due().await {
                Ok(wait) => wait,
                Err(store::Error::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "it is not known which tasks are due");
                    AGAIN
                }
            };
            tokio::select! {
                // Elapsed or rung, it is looked again.
                _ = timeout(wait, self.0.due.notified()) => {}
                _ = prune.tick() => self.prune().await,
            }
        }
    }

    /// Lets happen what is due, and says how long nothing is.
    async fn next_due(&self) -> Result<Duration, store::Error> {
        loop {
            let Some(due) = self.0.store.tasks_next_due().await? else { return Ok(LONGEST) };
            let wait = due.saturating_sub(self.0.clock.now());
            if wait > 0 {
                return Ok(Duration::from_millis(wait).min(LONGEST));
            }
            let ticked = self.turn(Room::Ends, |turn| {
                turn.table.due(turn.now)?.into_iter().try_for_each(|row| turn.tick(row))
            });
            ticked.await?.await?;
        }
    }

    async fn prune(&self) {
        loop {
            match self.0.store.tasks_prune(clock::unix_ms(), self.0.quota).await {
                Ok(forgotten) if forgotten.is_empty() => return,
                Ok(forgotten) => tracing::debug!(forgotten = forgotten.len(), "old tasks forgotten"),
                Err(store::Error::Closed) => return,
                Err(error) => return tracing::warn!(%error, "old tasks were not forgotten"),
            }
        }
    }

    /// After a start whoever executes something has its whole lease again.
    pub(super) async fn go_on(&self) -> Result<(), store::Error> {
        let mut after = Some(0);
        while let Some(from) = after {
            let turned = self.turn::<_, store::Error>(Room::Ends, move |turn| {
                let rows = turn.table.in_state(Role::Worker.into(), State::Executing.into(), from)?;
                let last = rows.last().map(|row| row.seq);
                for mut row in rows {
                    let _restarted = turn.step_work(&mut row, work::Event::Restarted, None)?;
                }
                Ok(last)
            });
            after = turned.await?.await?;
        }
        Ok(())
    }

    /// Ends what is between us and those whom we do not trust any more. Nobody is told. What fails now is done at the next
    /// start.
    pub(crate) async fn disown(&self) {
        if let Err(error) = self.try_disown().await {
            tracing::warn!(%error, "tasks go on with an agent that is not trusted");
        }
    }

    async fn try_disown(&self) -> Result<(), store::Error> {
        let mut after = Some(0);
        while let Some(from) = after {
            let turned = self.turn::<_, store::Error>(Room::Ends, move |turn| {
                let rows = turn.table.disowned(from)?;
                let last = rows.last().map(|row| row.seq);
                rows.into_iter().try_for_each(|row| turn.trust_ended(row))?;
                Ok(last)
            });
            after = turned.await?.await?;
        }
        Ok(())
    }
}

impl Turn<'_> {
    /// Time has passed.
    fn tick(&self, mut row: TaskRow) -> Result<(), store::Error> {
        match Role::try_from(row.key.role)? {
            // Time is never refused.
            Role::Requester => drop(self.step_order(&mut row, order::Event::Tick, None)?),
            Role::Worker => drop(self.step_work(&mut row, work::Event::Tick, None)?),
        }
        if row.due.is_some_and(|due| due <= self.now) {
            row.due = Some(self.now + REST);
            self.table.put(&mut row)?;
        }
        Ok(())
    }

    fn trust_ended(&self, mut row: TaskRow) -> Result<(), store::Error> {
        match Role::try_from(row.key.role)? {
            // Nor is the end of trust.
            Role::Requester => drop(self.step_order(&mut row, order::Event::TrustEnded, None)?),
            Role::Worker => drop(self.step_work(&mut row, work::Event::TrustEnded, None)?),
        }
        Ok(())
    }
}
