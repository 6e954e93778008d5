//! Contacts that say what they like about tasks: to a worker that has none of theirs, and to a requester whose task is not
//! theirs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod floods;
mod requester;
mod worker;

use std::time::{SystemTime, UNIX_EPOCH};

use airway::{
    api::{Task, TaskEntry, TaskLogQuery, TaskPathQuery, TaskRole, TaskState, client::Client},
    protocols::{
        agent::AgentId,
        tasks::{
            self, Answer, Content, DEFAULT_LIMIT, Denied, Execution, Report, Request, State, Submission,
            TaskId,
        },
    },
};
use tokio::time::timeout;

use super::hostile::Hostile;
use crate::process::{Daemon, PATIENCE};

const QUIC: &str = "/quic-v1";

fn client(of: &Daemon) -> Client {
    Client::new(of.socket())
}

/// Unix milliseconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// A submission that is in order.
fn plain(description: &str) -> Submission {
    Submission {
        description: description.to_owned(),
        input: None,
        limit: DEFAULT_LIMIT,
        execution: Execution::AtLeastOnce,
        max_reward: 10,
        supersedes: None,
        at: now(),
    }
}

/// What is said to submit it; its body is whatever it says.
fn submit(task: TaskId, body: &Submission) -> Request {
    Request::Submit { task, body: airway::protocols::wire::encode(body).unwrap() }
}

/// What a worker says of a task that it has.
fn report(task: TaskId, seq: u64, state: State) -> Report {
    Report {
        task,
        seq,
        state,
        attempt: 0,
        reason: None,
        text: None,
        progress: None,
        output: None,
        claim: None,
    }
}

/// A few words.
fn inline(text: &str) -> Content {
    Content::Inline { data: text.into() }
}

impl Hostile {
    /// Says something about a task on a stream of its own, and hears the answer.
    async fn ask(&self, request: &Request) -> Answer {
        let mut stream = self.open(tasks::PROTOCOL).await;
        timeout(PATIENCE, tasks::ask(&mut stream, request)).await.unwrap().unwrap()
    }

    /// The same, if it is refused.
    async fn is_denied(&self, request: &Request) -> Denied {
        match self.ask(request).await {
            Answer::Denied { code, .. } => code,
            other => panic!("{request:?} was answered {other:?}"),
        }
    }

    /// The same, if it is where a task stands.
    async fn status(&self, request: &Request) -> Report {
        match self.ask(request).await {
            Answer::Status(report) => report,
            other => panic!("{request:?} was answered {other:?}"),
        }
    }
}

/// Who a daemon is.
async fn agent(daemon: &Daemon) -> AgentId {
    AgentId::of_peer(&client(daemon).me().await.unwrap().peer_id.parse().unwrap()).unwrap()
}

async fn task(daemon: &Daemon, id: TaskId, role: TaskRole) -> Task {
    client(daemon).task(&id.to_string(), &TaskPathQuery { role: Some(role) }).await.unwrap()
}

async fn state(daemon: &Daemon, id: TaskId, role: TaskRole) -> TaskState {
    task(daemon, id, role).await.state
}

/// All that has been refused, oldest first.
async fn refusals(daemon: &Daemon) -> Vec<TaskEntry> {
    let query = TaskLogQuery { limit: Some(1000), ..TaskLogQuery::default() };
    let mut log = client(daemon).task_log(&query).await.unwrap();
    log.retain(|event| event.state.is_none());
    log
}
