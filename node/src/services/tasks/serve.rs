//! What other agents say about tasks: read in order, put in line for the disk, answered in order.
//!
//! What each request comes to stands with [`worker`](super::worker) and [`requester`](super::requester). Besides:
//!
//! | what happens | the opener hears |
//! |---|---|
//! | a request breaks a rule | `invalid` |
//! | the disk is full or failed | `later`: it is to be said again |
//! | a task that is new, behind one on the stream that heard `full` | `full`: it must not overtake |
//! | the stream is malformed, too slow, or no longer trusted | the stream ends |

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use airway_protocols::{
    agent::AgentId,
    streams::{Incoming, Status, Stream},
    tasks::{self, Answer, Body, Denied, Request, State, TaskId},
};
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _, FutureExt as _,
    future::{BoxFuture, ready},
    io::{ReadHalf, WriteHalf},
};
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};

use super::{
    Role, Tasks, row,
    turn::Turn,
    worker::{Submitted, denied},
};
use crate::{
    crash::{self, Place},
    store::{self, Room},
};

/// Streams of one peer that are read from at once. A further one hears `busy`.
const STREAMS_PER_PEER: usize = 4;

/// Requests of one stream that wait for the disk together: they share a commit. Each may hold 128 KiB in memory.
const TOGETHER: usize = 16;

/// How long the next request of a stream may take to come in whole.
const REQUEST_TIME: Duration = Duration::from_secs(60);

/// How long an answer may take to go out.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Hears every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, tasks: Tasks) {
    let mut slots: HashMap<PeerId, Arc<Semaphore>> = HashMap::new();
    while let Some(stream) = incoming.next().await {
        // Only the loop and running streams hold a peer's slots: whoever has none running is forgotten.
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        let peer = stream.peer();
        let of_peer = slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_PER_PEER)));
        let Ok(slot) = of_peer.clone().try_acquire_owned() else {
            tasks.0.metrics.busy.inc();
            stream.refuse(Status::Busy);
            continue;
        };
        tasks.0.reach.net.touch(peer);
        tasks.0.metrics.inbound.one("tasks");
        let hearer = Hearer { tasks: tasks.clone(), full: Arc::default() };
        tasks.0.reach.net.spawn(async move {
            if let Err(error) = hearer.run(stream, slot).await {
                tracing::debug!(%peer, %error, "a stream of tasks ended early");
            }
        });
    }
}

/// The answer to come, once what was asked is on the disk; none means that there is nothing to say any more.
type InLine = BoxFuture<'static, Option<Answer>>;

/// Whether a stream was cut.
type IsCut = Arc<dyn Fn() -> bool + Send + Sync>;

struct Hearer {
    tasks: Tasks,
    /// A task of this stream was denied for want of room.
    full: Arc<AtomicBool>,
}

impl Hearer {
    async fn run(&self, stream: Stream, _slot: OwnedSemaphorePermit) -> Result<(), tasks::Error> {
        let peer = stream.peer();
        let watch = stream.cut_watch();
        let is_cut: IsCut = Arc::new(move || watch.is_cut());
        let (reader, writer) = stream.split();
        let (in_line, answers) = mpsc::channel(TOGETHER);
        let mut replied = pin!(self.reply(writer, answers));
        tokio::select! {
            replied = &mut replied => replied,
            // What is in line is answered before the stream ends.
            heard = self.hear(&peer, &is_cut, reader, in_line) => replied.await.and(heard),
        }
    }

    /// Puts one request after the other in line for the disk.
    async fn hear(
        &self,
        peer: &PeerId,
        is_cut: &IsCut,
        mut reader: ReadHalf<Stream>,
        in_line: mpsc::Sender<InLine>,
    ) -> Result<(), tasks::Error> {
        // Too slow and done are alike: there is nothing to answer.
        while let Ok(received) = timeout(REQUEST_TIME, tasks::receive(&mut reader)).await {
            let Some(request) = received? else { break };
            let Some(contact) = self.tasks.0.reach.contacts.by_peer(peer) else { break };
            if !self.tasks.0.reach.contacts.allows(peer) {
                break;
            }
            let answer = self.take(&contact.agent, contact.scopes.submit, is_cut, request).await;
            self.tasks.0.reach.contacts.used(contact.agent);
            if in_line.send(answer).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Puts a request in line for the disk.
    async fn take(&self, agent: &AgentId, may_submit: bool, is_cut: &IsCut, request: Request) -> InLine {
        let agent = *agent;
        if let Err(error) = request.validate() {
            tracing::debug!(%agent, %error, "an invalid request about a task");
            return self.invalid(agent, &request, is_cut).await;
        }
        match request {
            Request::Submit { task, body } => match Body::from_bytes(body) {
                Ok(body) => {
                    let polo = &self.tasks.0.polo;
                    let terms = if may_submit { polo.terms(&agent) } else { Err(Denied::NotAllowed) };
                    let full = self.full.clone();
                    let submit = move |turn: &Turn<'_>| {
                        let terms =
                            if full.load(Ordering::Relaxed) { terms.and(Err(Denied::Full)) } else { terms };
                        let answer = turn.submitted(Submitted { requester: agent, task, body, terms })?;
                        if matches!(answer, Answer::Denied { code: Denied::Full, .. }) {
                            full.store(true, Ordering::Relaxed);
                        }
                        Ok(answer)
                    };
                    self.line_up(Room::Takes, is_cut, submit).await
                }
                Err(error) => {
                    tracing::debug!(%agent, %error, "an invalid task");
                    self.refuse(agent, Role::Worker, task, is_cut).await
                }
            },
            Request::Report(report) => {
                self.line_up(Room::Takes, is_cut, move |turn| turn.reported(&agent, &report)).await
            }
            Request::Cancel { task, reason, text } => {
                let cancel = move |turn: &Turn<'_>| turn.cancelled(&agent, &task, reason, text);
                self.line_up(Room::Ends, is_cut, cancel).await
            }
            Request::Query { task } => {
                self.line_up(Room::Takes, is_cut, move |turn| turn.queried(&agent, &task)).await
            }
            Request::Receipts { requester, worker, after } => {
                let polo = self.tasks.0.polo.clone();
                let shown = async move { polo.share(&requester, &worker, after).await };
                shown.map(|shown| Some(shown.unwrap_or_else(|error| later(&error)))).boxed()
            }
        }
    }

    async fn invalid(&self, agent: AgentId, request: &Request, is_cut: &IsCut) -> InLine {
        let (role, task) = match request {
            Request::Report(report) => (Role::Requester, report.task),
            Request::Submit { task, .. } | Request::Cancel { task, .. } | Request::Query { task } => {
                (Role::Worker, *task)
            }
            Request::Receipts { .. } => return ready(Some(denied(Denied::Invalid))).boxed(),
        };
        self.refuse(agent, role, task, is_cut).await
    }

    async fn refuse(&self, agent: AgentId, role: Role, task: TaskId, is_cut: &IsCut) -> InLine {
        let key = row::key(role, &agent, &task);
        self.line_up(Room::Takes, is_cut, move |turn| turn.deny(&key, Denied::Invalid)).await
    }

    /// Puts a turn in line. It does not happen if the stream was cut before.
    async fn line_up(
        &self,
        room: Room,
        is_cut: &IsCut,
        change: impl FnOnce(&Turn<'_>) -> Result<Answer, store::Error> + Send + 'static,
    ) -> InLine {
        let is_cut = is_cut.clone();
        let turn = move |turn: &Turn<'_>| if is_cut() { Ok(None) } else { change(turn).map(Some) };
        match self.tasks.turn(room, turn).await {
            Ok(pending) => async move { pending.await.unwrap_or_else(|error| Some(later(&error))) }.boxed(),
            Err(error) => ready(Some(later(&error))).boxed(),
        }
    }

    /// Answers in the order of the requests, until none is in line any more or nothing more is to be said.
    async fn reply(
        &self,
        mut writer: WriteHalf<Stream>,
        mut answers: mpsc::Receiver<InLine>,
    ) -> Result<(), tasks::Error> {
        while let Some(answer) = answers.recv().await {
            let Some(answer) = answer.await else { break };
            self.tasks.0.metrics.task_answers.one(label(&answer));
            match &answer {
                Answer::Status(report) if report.state == State::New => crash::point(Place::TaskKept),
                Answer::Status(report) if report.state == State::Accepted => crash::point(Place::TaskQueued),
                Answer::Receipt { .. } => crash::point(Place::ResultApplied),
                _ => {}
            }
            let Ok(sent) = timeout(ANSWER_TIME, tasks::answer(&mut writer, &answer)).await else { break };
            sent?;
        }
        Ok(writer.close().await?)
    }
}

fn later(error: &store::Error) -> Answer {
    tracing::error!(%error, "what was said about a task could not be stored");
    denied(Denied::Later)
}

/// What an answer is called where it is counted.
fn label(answer: &Answer) -> &'static str {
    match answer {
        Answer::Status(_) => "status",
        Answer::Taken {} => "taken",
        Answer::Receipt { .. } => "receipt",
        Answer::Denied { .. } => "denied",
        Answer::Receipts { .. } => "receipts",
    }
}
