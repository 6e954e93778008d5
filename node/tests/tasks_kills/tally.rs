//! What came of the tasks.

use std::fmt;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) tasks: usize,
    /// By how they ended.
    pub(crate) succeeded: usize,
    pub(crate) failed: usize,
    pub(crate) cancelled: usize,
    pub(crate) executions: usize,
    /// Executions of tasks that had been begun before.
    pub(crate) again: usize,
    pub(crate) receipts: usize,
    /// Tasks that are not as they have to be, at one or between both.
    pub(crate) wrong: Vec<String>,
    /// Where nobody died.
    pub(crate) missed: Vec<String>,
}

impl Tally {
    pub(crate) fn add(mut self, other: Self) -> Self {
        self.kills += other.kills;
        self.tasks += other.tasks;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.executions += other.executions;
        self.again += other.again;
        self.receipts += other.receipts;
        self.wrong.extend(other.wrong);
        self.missed.extend(other.missed);
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, tasks, succeeded, failed, cancelled, executions, again, receipts, wrong, missed } =
            self;
        write!(
            f,
            "{tasks} tasks, {kills} kills: {succeeded} succeeded, {failed} failed, {cancelled} cancelled, "
        )?;
        write!(f, "{executions} executions, {again} of them again, {receipts} receipts at both, ")?;
        write!(f, "{} findings, {} places missed", wrong.len(), missed.len())
    }
}
