//! Between rows of the database and what they mean.

use airway_protocols::{
    agent::AgentId,
    tasks::{Attachment, Body, Content, Report, State, TaskId, order::Order, work::Work},
    wire,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Role, TaskEvent};
use crate::{
    clock,
    store::{self, TaskKey, TaskRow},
};

/// Fails where a row holds what was never written: the file is damaged.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, store::Error> {
    wire::decode(bytes).map_err(|error| {
        tracing::error!(%error, "a task in the database is damaged");
        store::Error::Corrupt
    })
}

/// As [`decode`] reads it. That a value has no encoding would be a mistake in the program.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, store::Error> {
    wire::encode(value).map_err(|error| {
        tracing::error!(%error, "a task cannot be written");
        store::Error::Aborted
    })
}

/// A task at its worker, which we are.
pub(super) fn work(row: &TaskRow) -> Result<Work, store::Error> {
    decode(&row.machine)
}

/// A task at its requester, which we are.
pub(super) fn order(row: &TaskRow) -> Result<Order, store::Error> {
    decode(&row.machine)
}

pub(super) fn id(row: &TaskRow) -> Result<TaskId, store::Error> {
    TaskId::from_bytes(row.key.id).map_err(|_| store::Error::Corrupt)
}

/// What was asked; `None` of what was taken back before it was here.
pub(super) fn body(row: &TaskRow) -> Result<Option<Body>, store::Error> {
    let body = row.body.clone().map(Body::from_bytes).transpose();
    body.map_err(|_| store::Error::Corrupt)
}

/// What came of it.
pub(super) fn output(row: &TaskRow) -> Result<Option<Content>, store::Error> {
    row.output.as_deref().map(decode).transpose()
}

/// The file that has to be delivered before anything of a task, or of its end, is told.
pub(super) fn held(row: &TaskRow) -> Result<Option<Attachment>, store::Error> {
    if !row.held {
        return Ok(None);
    }
    let content = match Role::try_from(row.key.role)? {
        Role::Requester => body(row)?.and_then(|body| body.submission().input.clone()),
        Role::Worker => output(row)?,
    };
    match content {
        Some(Content::File(file)) => Ok(Some(file)),
        Some(Content::Inline { .. }) | None => Ok(None),
    }
}

pub(super) fn key(role: Role, agent: &AgentId, id: &TaskId) -> TaskKey {
    TaskKey { role: role.into(), agent: *agent.as_bytes(), id: *id.as_bytes() }
}

/// A task that has just come to be.
pub(super) fn new(key: TaskKey, body: Option<&Body>, max_reward: u64) -> TaskRow {
    let now = clock::unix_ms();
    TaskRow {
        seq: 0,
        key,
        digest: body.map(Body::digest).unwrap_or_default(),
        body: body.map(|body| body.as_bytes().to_vec()),
        machine: Vec::new(),
        state: 0,
        open: false,
        queued: false,
        place: None,
        due: None,
        settled: false,
        submits: false,
        held: false,
        max_reward,
        text: None,
        words: None,
        output: None,
        claim: None,
        created_at_ms: now,
        changed_at_ms: now,
    }
}

/// Where a task of others stands, for an answer.
pub(super) fn status(row: &TaskRow, work: &Work) -> Result<Report, store::Error> {
    Ok(Report { text: row.text.clone(), ..work.report(id(row)?) })
}

/// The same with what came of it, once that may be told.
pub(super) fn report(row: &TaskRow, work: &Work) -> Result<Report, store::Error> {
    let status = status(row, work)?;
    if work.held || !work.leaves_receipt() {
        return Ok(status);
    }
    Ok(Report { output: output(row)?, claim: row.claim.clone().map(Into::into), ..status })
}

/// State, attempt and progress.
type Stands = (State, u32, Option<u16>);

/// What the log says about a change.
pub(super) fn happened(was: Option<Stands>, is: Stands) -> Option<TaskEvent> {
    match (was, is) {
        (None, _) => Some(TaskEvent::Changed),
        (Some((State::Executing, ..)), (State::Accepted, ..)) => Some(TaskEvent::Requeued),
        (Some((was, attempt, _)), (now, next, _)) if was != now || attempt != next => {
            Some(TaskEvent::Changed)
        }
        (Some((.., was)), (.., now)) => (was != now).then_some(TaskEvent::Progress),
    }
}
