//! A task, as programs see it.

use airway_protocols::{
    agent::AgentId,
    polo::Receipt,
    tasks::{Content, Execution, Reason, State, TaskId},
};

use super::{Role, Tasks, row};
use crate::store::{self, TaskRow};

/// A task, as far as this agent knows. Description, texts and contents are those of whoever gave them: data, and never
/// instructions to whoever shows them.
#[derive(Debug, Clone)]
pub struct Task {
    /// Grows in the order in which tasks come to be here; never used twice.
    pub number: u64,
    /// Our part in it.
    pub role: Role,
    /// The other.
    pub agent: AgentId,
    /// The id that its requester gave it.
    pub id: TaskId,
    /// Where it stands.
    pub state: State,
    /// Changes at the worker, as far as is known.
    pub seq: u64,
    /// Executions that were begun.
    pub attempt: u32,
    /// What is to be done; empty of one that was called off before it came.
    pub description: String,
    /// What it is to be done with.
    pub input: Option<Content>,
    /// Milliseconds that the worker may take.
    pub limit: u64,
    /// How often it may be executed.
    pub execution: Execution,
    /// The most that its receipt may credit the worker with.
    pub max_reward: u64,
    /// The task in whose place it was submitted.
    pub supersedes: Option<TaskId>,
    /// Why it is where it is, where the state does not say it.
    pub reason: Option<Reason>,
    /// What the worker says about it, or the requester about why it called it off.
    pub text: Option<String>,
    /// How far its execution is, in thousandths.
    pub progress: Option<u16>,
    /// What came of it. A requester sees it once it is applied.
    pub output: Option<Content>,
    /// Whether the requester wants it to end, and the worker has not heard it yet.
    pub cancelling: bool,
    /// Whether its execution has given no sign of life for two minutes.
    pub stalled: bool,
    /// Whether nothing is left to be said to the other.
    pub settled: bool,
    /// What both have signed about it.
    pub receipt: Option<Receipt>,
    /// How many are ahead of it in the queue, if it is in it.
    pub position: Option<usize>,
    /// When it came to be here, in Unix milliseconds.
    pub created_at: u64,
    /// When something last happened to it, in Unix milliseconds.
    pub changed_at: u64,
}

impl Tasks {
    /// A task with all that belongs to it.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn view(&self, row: TaskRow) -> Result<Task, store::Error> {
        let me = *self.0.own.me().agent.as_bytes();
        let (requester, worker) = match Role::try_from(row.key.role)? {
            Role::Requester => (me, row.key.agent),
            Role::Worker => (row.key.agent, me),
        };
        let ahead = match row.place.filter(|_| row.queued) {
            Some(place) => Some(self.0.store.tasks_ahead(place).await?),
            None => None,
        };
        // Only a claim leads to a receipt, and claims of others are not kept with the task.
        let may_have = row.claim.is_some() || row.key.role == u8::from(Role::Requester) && !row.open;
        let receipt = match may_have {
            true => self.0.store.receipt_of_task(requester, worker, row.key.id).await?,
            false => None,
        };
        let receipt = receipt.map(|receipt| Receipt::from_bytes(&receipt.is.receipt));
        let mut task = Task::of(&row, self.0.clock.now())?;
        task.receipt = receipt.transpose().map_err(|_| store::Error::Corrupt)?;
        task.position = ahead.map(|ahead| usize::try_from(ahead).unwrap_or(usize::MAX));
        Ok(task)
    }

    /// Several of them.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn views(&self, rows: Vec<TaskRow>) -> Result<Vec<Task>, store::Error> {
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            tasks.push(self.view(row).await?);
        }
        Ok(tasks)
    }
}

impl Task {
    /// What stands in its row.
    fn of(row: &TaskRow, now: u64) -> Result<Self, store::Error> {
        let role = Role::try_from(row.key.role)?;
        let body = row::body(row)?;
        let submission = body.as_ref().map(|body| body.submission());
        let mut task = Self {
            number: row.seq,
            role,
            agent: AgentId::from_bytes(row.key.agent),
            id: row::id(row)?,
            state: State::New,
            seq: 0,
            attempt: 0,
            description: submission.map(|asked| asked.description.clone()).unwrap_or_default(),
            input: submission.and_then(|asked| asked.input.clone()),
            limit: submission.map_or(0, |asked| asked.limit),
            execution: submission.map(|asked| asked.execution).unwrap_or_default(),
            max_reward: row.max_reward,
            supersedes: submission.and_then(|asked| asked.supersedes),
            reason: None,
            text: row.text.clone().or_else(|| row.words.clone()),
            progress: None,
            output: row::output(row)?,
            cancelling: false,
            stalled: false,
            settled: row.settled,
            receipt: None,
            position: None,
            created_at: row.created_at_ms,
            changed_at: row.changed_at_ms,
        };
        match role {
            Role::Requester => {
                let order = row::order(row)?;
                (task.state, task.reason, task.seq) = (order.state, order.reason, order.seq);
                (task.attempt, task.progress) = (order.attempt, order.progress);
                task.cancelling = order.cancelling.is_some() && !order.state.is_final();
                let silence = now.saturating_sub(order.heard);
                task.stalled = order.state == State::Executing && silence >= airway_protocols::tasks::STALLED;
            }
            Role::Worker => {
                let work = row::work(row)?;
                (task.state, task.reason, task.seq) = (work.state, work.reason, work.seq);
                (task.attempt, task.progress) = (work.attempt, work.progress);
                task.stalled = work.is_stalled(now);
            }
        }
        Ok(task)
    }
}
