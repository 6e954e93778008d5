//! `airway worker`: a command does the tasks of others.
//!
//! ```text
//! follow, with accept ═══ daemon: accepts what comes, for as long as the call is open
//!   └─► a task is not ours any more ─► its command is killed
//! next ─► lease ─► command, in a process group of its own
//!   stdin ◄─ input, else description      stderr ─► progress, last words      stdout ─► result
//!   every 30 s, and with each progress: a word to the daemon, which renews the lease
//! exit 0 ─► complete       anything else ─► fail
//! ```
//!
//! A task is executed by nobody but the command that was named here. Its text reaches that command as bytes on stdin and in
//! the environment, and is never a part of a command line.
//!
//! When the daemon is gone the command goes on for as long as the lease would have lasted: whoever the daemon gives the task
//! to afterwards is not disturbed. Numbers of attempts fence what comes late.

mod child;
mod command;
mod heard;
mod job;
mod news;
mod said;
mod stop;

use std::{cell::Cell, ffi::OsString, time::Duration};

use futures::future::try_join_all;
use tokio::time::sleep;

use self::{
    command::Program,
    job::{End, Job},
    news::News,
    said::{Said, Summary},
    stop::Stop,
};
use crate::{
    api::{self, Code, NextRequest, NextTask, Task, client::Client},
    cli::{Context, Error, output::Printer, size, wait::millis},
};

const EXAMPLES: &str = "\
Examples:
  airway worker --exec wc -- -l
  airway worker --exec ./summarise.py --jobs 4 --timeout 10min
  airway worker --exec sh --count 1 -- -c 'grep -c ERROR'

The command finds the input on stdin, or the description if there is no input, and in its environment AIRWAY_TASK_ID, \
AIRWAY_TASK_DESCRIPTION, AIRWAY_TASK_REQUESTER, AIRWAY_TASK_ATTEMPT and, if the input is a file, AIRWAY_TASK_INPUT with its \
path. What it writes to stdout is the result. A line `airway: progress 40 words` on stderr tells how far it is. It is done \
when it ends with 0; otherwise the task fails, with its last line on stderr as reason.

Whoever may give this agent tasks decides what the command reads: do not pass it to a shell, to eval or, unchecked, to a \
model that can act. Ctrl-C finishes what is being done and takes no more; a second one gives it back, as does a terminal \
that closes.";

/// How long a task stays ours without a word from here.
const LEASE: Duration = Duration::from_secs(120);

/// How long a call waits for a task: for no longer, so that a call under way when the user says stop need not be broken off
/// with a task in its answer.
const NEXT: Duration = Duration::from_secs(2);

/// Between two attempts to reach a daemon that is away.
const RETRY: Duration = Duration::from_millis(500);

/// The most commands at once.
const MAX_JOBS: i64 = 64;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The program that does a task, by its path or its name; no shell sees it
    #[arg(long, value_name = "COMMAND", value_hint = clap::ValueHint::CommandName)]
    exec: OsString,
    /// Do this many tasks at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=MAX_JOBS))]
    jobs: u16,
    /// Kill the command, and let the task fail, after this long
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Kill the command, and let the task fail, if it writes more than this
    #[arg(long, value_name = "SIZE", value_parser = size::parse, default_value = "64MiB")]
    max_output: u64,
    /// End after this many tasks
    #[arg(long)]
    count: Option<u64>,
    /// Do only tasks that were accepted by hand, instead of accepting what comes
    #[arg(long)]
    no_accept: bool,
    /// Arguments of the command
    #[arg(last = true, value_name = "ARG")]
    args: Vec<OsString>,
}

/// What all jobs share.
#[derive(Debug)]
struct Worker {
    client: Client,
    printer: Printer,
    program: Program,
    timeout: Option<Duration>,
    max_output: u64,
    news: News,
    stop: Stop,
    /// Tasks that may still be taken; `None` if there is no end to them.
    left: Cell<Option<u64>>,
    summary: Cell<Summary>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Summary, Error> {
    let client = context.client()?;
    let program = Program::find(args.exec, args.args)?;
    // The first call is made before anything is promised: without a daemon there is nothing to do.
    let news = News::begin(&client, !args.no_accept).await?;
    let worker = Worker {
        client,
        printer: context.printer,
        program,
        timeout: args.timeout,
        max_output: args.max_output,
        news,
        stop: Stop::listen()?,
        left: Cell::new(args.count),
        summary: Cell::default(),
    };
    worker.printer.notice(&Said::Ready { command: worker.program.shown(), jobs: args.jobs });
    let jobs = try_join_all((0..args.jobs).map(|_| worker.work()));
    tokio::select! {
        done = jobs => done.map(drop)?,
        never = worker.news.follow(&worker.client, &worker.stop) => match never? {},
        () = worker.tell_stop() => {}
    }
    Ok(worker.summary.get())
}

impl Worker {
    /// Takes and does one task after the other, until there shall be no more.
    async fn work(&self) -> Result<(), Error> {
        while !self.stop.is_asked() && self.reserve() {
            let Some(task) = self.next().await? else { return Ok(()) };
            let (id, agent) = (task.id.clone(), task.agent.clone());
            self.printer.item(&Said::started(&task))?;
            let end = Job::new(self, task).run().await;
            let mut summary = self.summary.get();
            summary.count(&end);
            self.summary.set(summary);
            self.printer.item(&Said::ended(id, agent, end))?;
        }
        Ok(())
    }

    /// Whether one more may be taken.
    fn reserve(&self) -> bool {
        match self.left.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.left.set(Some(left - 1));
                true
            }
        }
    }

    /// Waits for a task; `None` when there shall be no more.
    async fn next(&self) -> Result<Option<Task>, Error> {
        let request = NextRequest { lease_ms: Some(millis(LEASE)), wait_ms: Some(millis(NEXT)) };
        let mut told = false;
        while !self.stop.is_asked() {
            match self.client.next_task(&request).await {
                Ok(NextTask { task: Some(task) }) => return Ok(Some(task)),
                Ok(NextTask { task: None }) => told = false,
                Err(error) if is_away(&error) => {
                    if !told {
                        self.printer.notice(&Said::Away { reason: error.message });
                    }
                    told = true;
                    tokio::select! {
                        () = sleep(RETRY) => {}
                        () = self.stop.asked() => {}
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Says what a signal has done; never ends by itself, since what is being done goes on.
    async fn tell_stop(&self) {
        self.stop.asked().await;
        self.printer.notice(&Said::Finishing);
        std::future::pending().await
    }
}

/// Whether an error says that the daemon is not there just now, or cannot be understood; not that it refuses.
fn is_away(error: &api::Error) -> bool {
    matches!(error.code, Code::NotRunning | Code::Timeout | Code::Busy | Code::Internal)
}

impl Summary {
    fn count(&mut self, end: &End) {
        match end {
            End::Completed { .. } => self.completed += 1,
            End::Failed { .. } => self.failed += 1,
            End::Lost { .. } => self.lost += 1,
            End::GivenBack => self.given_back += 1,
        }
    }
}
