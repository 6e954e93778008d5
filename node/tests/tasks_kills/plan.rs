//! Who dies, and where.

use std::time::Duration;

use rand::{Rng as _, rngs::SmallRng, seq::SliceRandom as _};

use crate::crash::Place::{self, *};

/// The longest that a death by chance is put off beyond the task that brings it on: about as long as a task takes.
const LATEST: Duration = Duration::from_millis(100);

/// Who dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Requester,
    Worker,
    /// Both at once; by chance alone.
    Both,
}

/// When it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(Place),
    After(Duration),
}

/// One death.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    pub(crate) victim: Victim,
    pub(crate) moment: Moment,
}

/// Where both come by.
const BOTH: [Place; 3] = [FileCopied, FileDelivered, AnswerKept];

/// Where a requester does with its tasks.
const REQUESTER: [Place; 5] = [SubmissionKept, SubmissionHeard, ReceiptWritten, ResultWritten, ResultApplied];

/// Where a worker does.
const WORKER: [Place; 6] = [TaskWritten, TaskKept, TaskQueued, TaskTaken, ResultKept, ReceiptHeard];

/// Every place of either side.
fn all_places() -> impl Iterator<Item = Death> {
    let at = |victim| move |place| Death { victim, moment: Moment::At(place) };
    let requester = BOTH.into_iter().chain(REQUESTER).map(at(Victim::Requester));
    requester.chain(BOTH.into_iter().chain(WORKER).map(at(Victim::Worker)))
}

/// Every place so many times, and so many deaths by chance, in any order.
pub(crate) fn deaths(times: usize, chances: usize, rng: &mut SmallRng) -> Vec<Death> {
    let mut all: Vec<_> = (0..times).flat_map(|_| all_places()).collect();
    all.extend((0..chances).map(|at| {
        let victim = [Victim::Worker, Victim::Requester, Victim::Both][at % 3];
        Death { victim, moment: Moment::After(LATEST.mul_f64(rng.random())) }
    }));
    all.shuffle(rng);
    all
}
