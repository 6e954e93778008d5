//! A piece of work for one of the threads, and the way of its result back to the caller.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Error;

/// What a thread is asked.
pub(super) enum Command {
    /// Do this.
    Run(Job),
    /// Finish what came before, close the database, then answer.
    Close(oneshot::Sender<()>),
}

/// Work to do on a connection, in two steps: [`Job::run`], and [`Job::settle`] when its fate is known.
///
/// A job that is dropped instead tells its caller that the store is closed.
pub(super) struct Job(Box<dyn Work>);

impl Job {
    /// Wraps `work`, and `settled` to be called on the thread when its fate is known, before the next group runs. The
    /// receiver gets the result after that.
    pub(super) fn new<T, E>(
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        settled: impl FnOnce(Result<&T, &E>) + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, E>>)
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        (Self(Box::new(Pending { work: Some(work), settled, result: None, reply })), receiver)
    }

    /// Does the work and keeps the result. Returns whether it succeeded; a panic is a failure.
    pub(super) fn run(&mut self, connection: &Connection) -> bool {
        self.0.run(connection)
    }

    /// Answers the caller: with the result of the job if the `group` it ran in lasts, or else with the error
    /// of the group. The job's own error goes before that.
    pub(super) fn settle(self, group: Result<(), Error>) {
        self.0.settle(group);
    }
}

trait Work: Send {
    fn run(&mut self, connection: &Connection) -> bool;
    fn settle(self: Box<Self>, group: Result<(), Error>);
}

struct Pending<W, C, T, E> {
    /// Taken when it runs.
    work: Option<W>,
    settled: C,
    /// Present from then on.
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<W, C, T, E> Work for Pending<W, C, T, E>
where
    W: FnOnce(&Connection) -> Result<T, E> + Send,
    C: FnOnce(Result<&T, &E>) + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        // Safe to go on after a panic: what the job wrote is rolled back, and it shares nothing else.
        let result = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or_else(|_| {
            tracing::error!("a database job panicked; its change was undone");
            Err(Error::Panicked.into())
        });
        self.result.insert(result).is_ok()
    }

    fn settle(self: Box<Self>, group: Result<(), Error>) {
        let result = match (self.result, group) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(group)) => Err(group.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Aborted.into()),
        };
        (self.settled)(result.as_ref());
        // The caller may have gone away meanwhile.
        self.reply.send(result).ok();
    }
}
