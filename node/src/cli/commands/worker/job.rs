//! One task, from its beginning to its end.

use std::{os::unix::process::ExitStatusExt as _, time::Duration};

use hyper::body::Bytes;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use super::{
    LEASE, RETRY, Worker,
    child::{Child, Ended},
    command,
    heard::{Heard, short},
    is_away,
    news::Hearing,
};
use crate::{
    api::{
        self, CompleteRequest, FailRequest, ProgressRequest, ReleaseRequest, Task, TaskContent,
        TaskPathQuery, TaskRole, TaskState,
    },
    cli::material::{Capture, Captured},
};

/// What a result is called that is a file.
const OUTPUT: &str = "output";

/// How often the daemon hears at least that a task goes on: four times before the lease is over.
const BEAT: Duration = Duration::from_secs(30);

/// How often it hears it at most: each word is a commit here and a frame to the requester.
const PACE: Duration = Duration::from_millis(500);

/// What became of a task.
#[derive(Debug)]
pub(super) enum End {
    /// It is done, with a result of so many bytes.
    Completed { size: u64 },
    /// It could not be done.
    Failed { reason: String },
    /// It was not ours any more: cancelled, over its limit, or given to another.
    Lost { reason: String },
    /// The user wants to stop.
    GivenBack,
}

/// A task that was taken.
#[derive(Debug)]
pub(super) struct Job<'a> {
    worker: &'a Worker,
    task: Task,
    hearing: Hearing<'a>,
    /// When the daemon has heard of us last.
    beaten: Instant,
}

/// Why a command that ran runs no more.
enum Watched {
    Ended(Ended),
    Lost(String),
    Late(Duration),
    Stopped,
}

impl<'a> Job<'a> {
    pub(super) fn new(worker: &'a Worker, task: Task) -> Self {
        let hearing = worker.news.hear(&task.id);
        Self { worker, task, hearing, beaten: Instant::now() }
    }

    /// Has it done, and says what came of it.
    pub(super) async fn run(mut self) -> End {
        let mut child = match self.start().await {
            Ok(child) => child,
            Err(reason) => return self.fail(reason).await,
        };
        let heard = child.heard();
        let watched = self.watch(&mut child, heard.clone()).await;
        match watched {
            Watched::Ended(ended) => {
                let last = heard.borrow().last.clone();
                self.report(ended, last).await
            }
            Watched::Lost(reason) => {
                child.stop().await;
                End::Lost { reason }
            }
            Watched::Late(limit) => {
                child.stop().await;
                self.fail(format!("it took longer than {}", humantime::format_duration(limit))).await
            }
            Watched::Stopped => {
                child.stop().await;
                self.release().await
            }
        }
    }

    /// Starts the command, or says why the task cannot be done.
    async fn start(&self) -> Result<Child, String> {
        let Worker { client, program, printer, max_output, .. } = self.worker;
        let stdin = match &self.task.input {
            None => Bytes::from(self.task.description.clone()),
            Some(TaskContent::File(_)) if command::file(&self.task).is_some() => Bytes::new(),
            Some(TaskContent::File(_)) => return Err("its input is not here any more".into()),
            Some(_) => {
                let side = TaskPathQuery { role: Some(TaskRole::Worker) };
                client.task_input(&self.task.id, &side).await.map_err(|error| error.message)?
            }
        };
        let command =
            program.command(&self.task).map_err(|error| format!("its input cannot be read: {error}"))?;
        Child::start(command, stdin, *max_output, self.task.id.clone(), *printer)
            .map_err(|error| format!("the command cannot be started: {error}"))
    }

    /// Until the command has ended, or has to.
    async fn watch(&mut self, child: &mut Child, heard: watch::Receiver<Heard>) -> Watched {
        let (limit, stop) = (self.worker.timeout, self.worker.stop.clone());
        tokio::select! {
            ended = child.ended() => Watched::Ended(ended),
            reason = self.keep(heard) => Watched::Lost(reason),
            limit = after(limit) => Watched::Late(limit),
            () = stop.now() => Watched::Stopped,
        }
    }

    /// Keeps the lease, and passes on how far the command is; returns why the task is not ours any more.
    async fn keep(&mut self, mut heard: watch::Receiver<Heard>) -> String {
        loop {
            let has_word = tokio::select! {
                () = sleep_until(self.beaten + BEAT) => false,
                () = next_word(&mut heard) => true,
                () = self.hearing.told() => false,
            };
            let (progress, text) = match has_word {
                true => {
                    let Heard { progress, text, .. } = heard.borrow_and_update().clone();
                    (progress, text)
                }
                false => (None, None),
            };
            while let Err(reason) = self.beat(progress, text.clone()).await {
                if let Some(reason) = reason {
                    return reason;
                }
                sleep(RETRY).await;
            }
            sleep(PACE).await;
        }
    }

    /// Says how far it is; an error says why it is not ours any more, or, if it is empty, that the daemon is away.
    async fn beat(&mut self, progress: Option<u16>, text: Option<String>) -> Result<(), Option<String>> {
        let request = ProgressRequest { attempt: Some(self.task.attempt), progress, text };
        match self.worker.client.task_progress(&self.task.id, &request).await {
            Ok(task) if task.state == TaskState::Executing && task.attempt == self.task.attempt => {
                self.beaten = Instant::now();
                Ok(())
            }
            Ok(task) => Err(Some(format!("it is {}", super::super::task::item::word(task.state)))),
            Err(error) if is_away(&error) => Err(self.is_over().then(|| gone(&error))),
            Err(error) => Err(Some(error.message)),
        }
    }

    /// Whether the daemon may have given it to another meanwhile.
    fn is_over(&self) -> bool {
        self.beaten.elapsed() > LEASE
    }

    /// Says what the command has made of it.
    async fn report(&self, ended: Ended, last: Option<String>) -> End {
        let max = self.worker.max_output;
        match ended {
            Ended::Exit(status, Captured::Whole(output)) if status.success() => self.complete(&output).await,
            Ended::Exit(status, _) => {
                let how = match (status.code(), status.signal()) {
                    (Some(code), _) => format!("the command ended with {code}"),
                    (None, Some(signal)) => format!("the command was ended by signal {signal}"),
                    (None, None) => "the command has failed".to_owned(),
                };
                self.fail(last.unwrap_or(how)).await
            }
            Ended::TooMuch => self.fail(format!("it wrote more than {max} bytes")).await,
            Ended::Broken(error) => self.fail(format!("what it wrote was lost: {error}")).await,
        }
    }

    async fn complete(&self, output: &Capture) -> End {
        let size = output.size;
        let material = match output.material(OUTPUT) {
            Ok(material) => material,
            Err(error) => return self.fail(format!("its result cannot be handed over: {error}")).await,
        };
        let request = CompleteRequest { attempt: Some(self.task.attempt), output: material };
        match self.until_heard(|| self.worker.client.complete_task(&self.task.id, &request)).await {
            Ok(_) => End::Completed { size },
            Err(error) if is_ours_no_more(&error) => End::Lost { reason: error.message },
            Err(error) => self.fail(format!("its result cannot be stored: {}", error.message)).await,
        }
    }

    async fn fail(&self, reason: String) -> End {
        let request = FailRequest { attempt: Some(self.task.attempt), reason: short(&reason) };
        match self.until_heard(|| self.worker.client.fail_task(&self.task.id, &request)).await {
            Ok(_) => End::Failed { reason },
            Err(error) => End::Lost { reason: error.message },
        }
    }

    /// Gives it back; where nobody hears that, the end of the lease does the same.
    async fn release(&self) -> End {
        let request = ReleaseRequest { attempt: Some(self.task.attempt) };
        match self.worker.client.release_task(&self.task.id, &request).await {
            Ok(_) => End::GivenBack,
            Err(error) if is_away(&error) => End::GivenBack,
            Err(error) => End::Lost { reason: error.message },
        }
    }

    /// Calls again and again while the daemon is away, for as long as the lease lasts and the user does not want to stop.
    async fn until_heard<T>(&self, call: impl AsyncFn() -> Result<T, api::Error>) -> Result<T, api::Error> {
        loop {
            let error = match call().await {
                Err(error) if is_away(&error) && !self.is_over() => error,
                done => return done,
            };
            tokio::select! {
                () = sleep(RETRY) => {}
                () = self.worker.stop.now() => return Err(error),
            }
        }
    }
}

/// Whether the daemon says that the task is over, or another's.
fn is_ours_no_more(error: &api::Error) -> bool {
    is_away(error) || matches!(error.code, api::Code::Conflict | api::Code::NotFound)
}

fn gone(error: &api::Error) -> String {
    format!("the daemon was away for longer than {}: {}", humantime::format_duration(LEASE), error.message)
}

/// Returns when the command has said something more; it may have nothing more to say.
async fn next_word(heard: &mut watch::Receiver<Heard>) {
    if heard.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Returns after this long, if ever.
async fn after(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            sleep(limit).await;
            limit
        }
        None => std::future::pending().await,
    }
}
