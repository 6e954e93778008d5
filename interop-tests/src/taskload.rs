//! The benchmark of tasks: requesters and workers over QUIC on loopback, beside the bare commits of the same store.
//!
//! ```text
//! requester ─► Node::task_submit ─► its disk ── QUIC ──► worker's disk ─► Node::task_next ─► a program, which only answers
//!     ▲                                                                                             │
//!     └──── the result, applied, and the receipt, signed ◄── QUIC ── worker's disk ◄── Node::task_complete
//! ```
//!
//! All agents are whole nodes in one process, each with threads and a store of its own. A requester keeps up to
//! [`AT_ONCE`] tasks under way; each is *accepted* when it hears that the worker has it in its queue, and has its *result*
//! when that is on its disk with the receipt that both have signed. Between the two lie six changes that are on a disk
//! before anybody hears of them, three on each side; so each round measures as well how many changes a second such a store
//! commits, one after the other and as many at once as there are tasks.

mod commits;
mod course;
mod report;

use std::{error::Error, time::Duration};

use airway::{Contact, TICKET_LIFE, Terms};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use self::{commits::Commits, course::Course};
pub use self::{
    course::Tally,
    report::{Report, Row},
};
use crate::agent::{Agent, QUIC};

/// Tasks that a requester has under way: fewer than a worker takes of one.
pub const AT_ONCE: usize = 64;

/// How long anything may take, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// Agents that are started at once.
const STARTING: usize = 8;

/// How much to measure.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Rounds, of which the medians are shown.
    rounds: usize,
    /// Requesters and workers of each run: one of them is one.
    crowds: &'static [(usize, usize)],
    /// Tasks of a run, of all requesters together.
    tasks: usize,
    /// Changes that are committed one after the other, and as many again at once.
    commits: usize,
}

impl Size {
    /// Shows that everything works; the figures mean nothing.
    pub const QUICK: Self = Self { rounds: 1, crowds: &[(1, 1), (1, 3), (3, 1)], tasks: 60, commits: 20 };
    /// Some minutes.
    pub const STANDARD: Self =
        Self { rounds: 5, crowds: &[(1, 1), (1, 20), (20, 1)], tasks: 2_000, commits: 500 };
}

/// A requester, and those who work for it.
#[derive(Debug)]
struct Party {
    requester: Agent,
    workers: Vec<Contact>,
}

/// Starts all agents and measures.
///
/// # Errors
/// If an agent does not start, or a task ends without its result.
pub async fn measure(size: Size) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let mut report = Report::new(size);
    let mut courses = Vec::new();
    for (requesters, workers) in size.crowds {
        courses.push(start(*requesters, *workers).await?);
    }
    let store = Commits::new()?;
    for _ in 0..size.rounds {
        for (at, course) in courses.iter().enumerate() {
            report.commits(store.measure(size.commits).await?);
            report.run(at, course.measure(size.tasks).await?);
        }
    }
    Ok(report)
}

/// So many requesters and workers, each of which has done its first tasks for each.
async fn start(requesters: usize, workers: usize) -> Result<Course, Box<dyn Error + Send + Sync>> {
    let agents = |role: &'static str, count| {
        stream::iter(0..count)
            .map(move |number| async move { Agent::start(&format!("{role}-{number}"), &[QUIC]).await })
            .buffered(STARTING)
    };
    let workers: Vec<_> = agents("worker", workers).try_collect().await?;
    let requesters: Vec<_> = agents("requester", requesters).try_collect().await?;
    let mut parties = Vec::new();
    for requester in requesters {
        let mut contacts = Vec::new();
        for worker in &workers {
            let ticket = worker.node.ticket(Terms::default(), TICKET_LIFE, false).await?;
            contacts.push(requester.node.pair(&ticket, Terms::default(), PATIENCE).await?);
        }
        parties.push(Party { requester, workers: contacts });
    }
    Course::begin(parties, workers).await
}
