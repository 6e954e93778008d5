//! One go at what is to be said to a contact: over one stream, several requests under way, settled in the order of the
//! answers.
//!
//! ```text
//! store ─► write ──── stream ────► contact
//!            └─ in flight (bounded) ─► read ◄── answers
//!                                       └─► settle: several in one commit
//! ```
//!
//! The stream stays for as long as an answer is awaited, and takes what is new meanwhile.

use std::{
    collections::{HashMap, HashSet},
    io,
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use airway_protocols::{
    port::Port,
    streams::Stream,
    tasks::{self, Answer, Content, Denied, Request},
    wire,
};
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _,
    future::{join, join_all},
    io::{ReadHalf, WriteHalf},
};
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};

use super::lane::Lane;
use crate::{
    contacts::Contact,
    crash::{self, Place},
    services::{
        outbox::SendError,
        reach::DialError,
        tasks::{Owed, Settled},
    },
    store::TaskKey,
};

/// Requests under way without an answer: enough for the disk of the other to be shared by many of them. Of the largest, this
/// is 8 MiB on the way.
const IN_FLIGHT: usize = 64;

/// Answers that may wait to be settled.
const ANSWERED: usize = 64;

/// How long an answer may take, besides the time for the size of all that is under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Slowest path that requests are given time for, in bytes a second, as with messages.
const SLOWEST: usize = 17 * 1024;

/// Something that was said and has no answer yet.
#[derive(Debug)]
struct InFlight {
    owed: Owed,
    size: usize,
}

/// Says what is to be said until nothing is; `moved` says whether any of it was settled. Returns whether there was anything:
/// what it has come to may be that there is more to say.
///
/// # Errors
/// What is in the way. What was answered before it is settled.
pub(super) async fn say(lane: &Lane, to: &Contact, moved: &mut bool) -> Result<bool, SendError> {
    let pass = Pass {
        lane,
        to,
        bytes: AtomicUsize::default(),
        under_way: Mutex::default(),
        no_room: AtomicBool::default(),
        settled: Notify::new(),
    };
    if !pass.has_something().await? {
        return Ok(false);
    }
    let (reader, writer) = lane.courier.0.reach.open(to, Port::TASKS).await?.split();
    let (sent, in_flight) = mpsc::channel(IN_FLIGHT);
    let (answered, answers) = mpsc::channel(ANSWERED);
    let exchange = async {
        let mut reading = pin!(pass.read(reader, in_flight, answered));
        tokio::select! {
            // Who says why it takes no more does not read on: its answer says more than our failed write.
            written = pass.write(writer, sent) => reading.await.and(written),
            // The last answer is not read before the last request is written: something went wrong.
            read = &mut reading => read,
        }
    };
    // What was answered before the stream broke is settled all the same.
    let (exchanged, done) = join(exchange, pass.settle(answers, moved)).await;
    done.and(exchanged).map(|()| true)
}

struct Pass<'a> {
    lane: &'a Lane,
    to: &'a Contact,
    /// In flight.
    bytes: AtomicUsize,
    /// The versions that were said and are not settled; no more than may be in flight or wait for the disk.
    under_way: Mutex<HashMap<TaskKey, u64>>,
    /// The contact had no room for a task: it takes none over this stream any more.
    no_room: AtomicBool,
    /// Something of it was settled.
    settled: Notify,
}

impl Pass<'_> {
    fn under_way(&self) -> MutexGuard<'_, HashMap<TaskKey, u64>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no task is to be submitted now.
    fn is_full(&self) -> bool {
        self.no_room.load(Ordering::Relaxed) || self.lane.holds().is_full(Instant::now())
    }

    /// Whether there may be room again, though not over this stream.
    fn is_worn(&self) -> bool {
        self.no_room.load(Ordering::Relaxed) && !self.lane.holds().is_full(Instant::now())
    }

    /// Whether something is to be said now: it was not said already, nor denied a moment ago.
    fn is_news(&self, owed: &Owed) -> bool {
        if owed.request.is_none() || self.under_way().get(&owed.key) == Some(&version(owed)) {
            return false;
        }
        let is_over = is_submission(owed.request.as_ref()) && self.is_full();
        !is_over && !self.lane.holds().holds(&owed.key, version(owed), Instant::now())
    }

    async fn has_something(&self) -> Result<bool, SendError> {
        let mut pages = Pages::default();
        while let Some(page) = pages.next(self).await? {
            if page.iter().any(|owed| self.is_news(owed)) {
                return Ok(true);
            }
        }
        pages.keep(self.lane);
        Ok(false)
    }

    /// Says what is new, again and again until all of it is settled.
    async fn write(
        &self,
        mut stream: WriteHalf<Stream>,
        sent: mpsc::Sender<InFlight>,
    ) -> Result<(), SendError> {
        loop {
            if self.lane.take_news() {
                self.lane.tend().await?;
            }
            if !self.write_all(&mut stream, &sent).await? {
                return Ok(());
            }
            if self.is_done().await {
                break;
            }
        }
        // Whether the other hears that nothing follows is of no interest.
        if let Ok(Err(error)) = timeout(PATIENCE, stream.close()).await {
            tracing::debug!(%error, "a stream of tasks was not closed");
        }
        Ok(())
    }

    /// Waits until all that was said is settled, or another stream is needed; `false` if something is new before.
    async fn is_done(&self) -> bool {
        while !self.under_way().is_empty() && !self.is_worn() {
            tokio::select! {
                () = self.lane.bell.rung() => return false,
                () = self.settled.notified() => {}
            }
        }
        true
    }

    /// Says all that there is; `false` if the answers are not read any more.
    async fn write_all(
        &self,
        stream: &mut WriteHalf<Stream>,
        sent: &mpsc::Sender<InFlight>,
    ) -> Result<bool, SendError> {
        let mut pages = Pages::default();
        while let Some(page) = pages.next(self).await? {
            for owed in page {
                if !self.is_news(&owed) {
                    continue;
                }
                let Some(request) = owed.request.clone() else { continue };
                if is_submission(Some(&request)) {
                    self.lane.holds().submits(Instant::now());
                }
                let size = size(&request);
                self.bytes.fetch_add(size, Ordering::Relaxed);
                self.under_way().insert(owed.key, version(&owed));
                // The reader has ended: it knows why.
                if sent.send(InFlight { owed, size }).await.is_err() {
                    return Ok(false);
                }
                if let Err(error) = tasks::write(stream, &request).await {
                    return Err(self.broken(error).await);
                }
            }
        }
        pages.keep(self.lane);
        Ok(true)
    }

    async fn read(
        &self,
        mut stream: ReadHalf<Stream>,
        mut in_flight: mpsc::Receiver<InFlight>,
        answered: mpsc::Sender<(InFlight, Answer)>,
    ) -> Result<(), SendError> {
        while let Some(next) = in_flight.recv().await {
            let transfer = self.bytes.load(Ordering::Relaxed) / SLOWEST;
            let patience = PATIENCE + Duration::from_secs(transfer as u64);
            let answer = match timeout(patience, tasks::read_answer(&mut stream)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return Err(self.broken(error).await),
                Err(_) => return Err(DialError::Timeout { who: self.to.label() }.into()),
            };
            self.bytes.fetch_sub(next.size, Ordering::Relaxed);
            if answered.send((next, answer)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings answers to the disk, those that have come together in one commit.
    async fn settle(
        &self,
        mut answers: mpsc::Receiver<(InFlight, Answer)>,
        moved: &mut bool,
    ) -> Result<(), SendError> {
        let mut batch = Vec::new();
        while answers.recv_many(&mut batch, ANSWERED).await > 0 {
            let mut turns = Vec::new();
            for (said, answer) in batch.drain(..) {
                let no_room = matches!(answer, Answer::Denied { code: Denied::Full, .. });
                // In line for the disk in the order of the answers.
                let turn = self.lane.courier.0.tasks.settle(&said.owed, answer).await?;
                turns.push(async move { (said, no_room, turn.await) });
            }
            for (said, no_room, settled) in join_all(turns).await {
                self.note(&said, settled?, no_room, moved);
            }
            crash::point(Place::AnswerKept);
            self.settled.notify_one();
            self.lane.courier.0.reach.contacts.used(self.to.agent);
        }
        Ok(())
    }

    /// What an answer means for what is said next.
    fn note(&self, said: &InFlight, settled: Settled, no_room: bool, moved: &mut bool) {
        let (key, version) = (said.owed.key, version(&said.owed));
        let submits = is_submission(said.owed.request.as_ref());
        let (mut holds, now) = (self.lane.holds(), Instant::now());
        match settled {
            Settled::Heard | Settled::Receipted => {
                if settled == Settled::Receipted {
                    holds.receipt_kept(now);
                }
                if holds.taken(&key, submits) {
                    // Those that wait for room may go on.
                    self.lane.bell.ring();
                }
                *moved = true;
            }
            Settled::Behind => holds.put_behind(key, version, now),
            Settled::Again if submits && no_room => {
                // Those behind it hear the same.
                if !self.no_room.swap(true, Ordering::Relaxed) {
                    holds.no_room(now);
                }
            }
            Settled::Again => holds.put(key, version, now),
        }
        drop(holds);
        let mut under_way = self.under_way();
        if under_way.get(&key) == Some(&version) {
            under_way.remove(&key);
        }
    }

    async fn broken(&self, error: tasks::Error) -> SendError {
        let error = match error {
            tasks::Error::Wire(wire::Error::Io(error)) => error,
            other => io::Error::other(other),
        };
        self.lane.courier.0.reach.failed(self.to, Port::TASKS, error).await.into()
    }
}

/// What is owed at this moment, page by page: what the contact asked for or knows of first, then the tasks that are to be
/// submitted, for as long as any may be.
#[derive(Default)]
struct Pages {
    submissions: bool,
    after: u64,
    seen: HashSet<TaskKey>,
    /// A task waits for room, and for nothing else.
    waits_for_room: bool,
    /// There may be more tasks to submit.
    is_cut: bool,
}

impl Pages {
    /// `None` is the end.
    async fn next(&mut self, pass: &Pass<'_>) -> Result<Option<Vec<Owed>>, SendError> {
        loop {
            if self.submissions && pass.is_full() {
                self.is_cut = true;
                return Ok(None);
            }
            let page = pass.lane.courier.0.tasks.owed(&pass.lane.agent, self.submissions, self.after).await?;
            if let Some(last) = page.last() {
                self.after = last.seq;
                self.look(&page, pass.lane);
                return Ok(Some(page));
            }
            if self.submissions {
                return Ok(None);
            }
            (self.submissions, self.after) = (true, 0);
        }
    }

    fn look(&mut self, page: &[Owed], lane: &Lane) {
        let (holds, now) = (lane.holds(), Instant::now());
        for owed in page {
            self.seen.insert(owed.key);
            self.waits_for_room |= self.submissions && !holds.holds(&owed.key, version(owed), now);
        }
    }

    /// After a look at all of it: whatever else was denied need not be said any more.
    fn keep(self, lane: &Lane) {
        let is_owed =
            |key: &TaskKey, version| self.seen.contains(key) || self.is_cut && version == SUBMISSION;
        lane.holds().keep(is_owed, self.waits_for_room || self.is_cut);
    }
}

/// The version of a task that is to be submitted.
const SUBMISSION: u64 = 0;

/// Tells what is said of one task apart: a report by its number, anything else by what it is.
fn version(owed: &Owed) -> u64 {
    match &owed.request {
        Some(Request::Report(report)) => report.seq,
        Some(Request::Cancel { .. }) => 1,
        _ => SUBMISSION,
    }
}

fn is_submission(request: Option<&Request>) -> bool {
    matches!(request, Some(Request::Submit { .. }))
}

/// About the bytes that it takes on the way.
fn size(request: &Request) -> usize {
    const REST: usize = 1024;
    REST + match request {
        Request::Submit { body, .. } => body.len(),
        Request::Report(report) => match &report.output {
            Some(Content::Inline { data }) => data.len(),
            _ => 0,
        },
        _ => 0,
    }
}
