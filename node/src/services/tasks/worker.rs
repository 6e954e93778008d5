//! What requesters ask of us, each in one change.
//!
//! | what comes | the requester hears |
//! |---|---|
//! | a task that is new, and one that is here already | where it stands |
//! | another task under the id of one that is here | `conflict` |
//! | a task that names a file which has not arrived | `no file` |
//! | more than there is room for | `full` |
//! | a cancellation, also of a task that never came | where it stands then |
//! | a question | where it stands, with what came of it |
//! | a cancellation or a question by another than the requester | `unknown` |

use airway_protocols::{
    agent::AgentId,
    polo::MAX_NUMBER,
    tasks::{Answer, Body, Content, Denied, Reason, TaskId, work, work::Work},
};

use super::{Role, TaskEvent, row, turn::Turn};
use crate::{
    crash::{self, Place},
    polo::Terms,
    store::{self, OfferedFile, TaskKey, TaskRow},
};

/// Open tasks of all requesters: what an owner or a program can still look through.
const OPEN_OF_ALL: u64 = 1_000;

/// Tasks of one requester that it has taken back before they came. They are remembered so that they do not begin when they come
/// after all; whoever takes back more than this has no such promise.
const TOMBS: u64 = 1_000;

/// A submission that is in order by itself.
#[derive(Debug)]
pub(super) struct Submitted {
    pub(super) requester: AgentId,
    pub(super) task: TaskId,
    pub(super) body: Body,
    /// What the requester may have done here now. What is here already is answered in any case.
    pub(super) terms: Result<Terms, Denied>,
}

impl Turn<'_> {
    /// A requester wants something done.
    pub(super) fn submitted(&self, submitted: Submitted) -> Result<Answer, store::Error> {
        let Submitted { requester, task, body, terms } = submitted;
        let key = row::key(Role::Worker, &requester, &task);
        if let Some(known) = self.table.find(&key)? {
            // One that was taken back is not begun, whatever it was.
            if known.body.is_some() && known.digest != body.digest() {
                return self.deny(&key, Denied::Conflict);
            }
            return self.status(&known);
        }
        if self.table.find(&row::key(Role::Requester, &requester, &task))?.is_some() {
            // We have named one of ours so, and nobody who names it is to mean two.
            return self.deny(&key, Denied::Conflict);
        }
        let terms = match terms {
            Ok(terms) => terms,
            Err(denied) => return self.deny(&key, denied),
        };
        if let Some(denied) = self.obstacle(&key, &body, &terms)? {
            return self.deny(&key, denied);
        }
        let submission = body.submission();
        let worth = submission.max_reward.min(terms.max_reward).min(MAX_NUMBER);
        let mut row = row::new(key, Some(&body), worth);
        let begin = if self.tasks.0.accepts.now() { Work::accepted } else { Work::new };
        let work = begin(submission.execution, submission.limit, self.now);
        self.put_work(&mut row, None, &work, None)?;
        crash::point(Place::TaskWritten);
        self.status(&row)
    }

    /// What keeps a task from being taken in now.
    fn obstacle(&self, key: &TaskKey, body: &Body, terms: &Terms) -> Result<Option<Denied>, store::Error> {
        let (all, quota) = (self.table.usage(key.role)?, self.tasks.0.quota);
        let bytes = all.bytes.saturating_add(body.as_bytes().len() as u64);
        if all.open >= OPEN_OF_ALL
            || bytes > quota
            || self.table.open_with(key.role, &key.agent)? >= terms.open
        {
            return Ok(Some(Denied::Full));
        }
        let is_here = self.has_file(key, body.submission().input.as_ref())?;
        Ok((!is_here).then_some(Denied::NoFile))
    }

    /// Whether the file that something names has come from the agent that names it.
    pub(super) fn has_file(&self, key: &TaskKey, content: Option<&Content>) -> Result<bool, store::Error> {
        let Some(Content::File(named)) = content else { return Ok(true) };
        let file = OfferedFile {
            agent: key.agent,
            id: *named.id.as_bytes(),
            reply_to: None,
            sent_at_ms: 0,
            name: named.name.clone(),
            size: named.size,
        };
        self.table.file_received(&file, *named.digest.as_bytes())
    }

    /// A requester calls something off.
    pub(super) fn cancelled(
        &self,
        requester: &AgentId,
        task: &TaskId,
        reason: Reason,
        text: Option<String>,
    ) -> Result<Answer, store::Error> {
        let key = row::key(Role::Worker, requester, task);
        if let Some(mut row) = self.table.find(&key)? {
            // Nothing that a requester says is refused by the machine.
            let _cancelled = self.step_work(&mut row, work::Event::Cancel { reason }, text)?;
            return self.status(&row);
        }
        if self.table.is_of_another(&key)? {
            self.refuse(&key, TaskEvent::WrongRequester, Some("to cancel it".into()))?;
            return Ok(denied(Denied::Unknown));
        }
        if self.table.tombs_of(&key.agent)? >= TOMBS {
            return self.deny(&key, Denied::Full);
        }
        let mut tomb = row::new(key, None, 0);
        self.put_work(&mut tomb, None, &Work::tombstone(reason, self.now), text)?;
        self.status(&tomb)
    }

    /// A requester wants to know.
    pub(super) fn queried(&self, requester: &AgentId, task: &TaskId) -> Result<Answer, store::Error> {
        let key = row::key(Role::Worker, requester, task);
        match self.table.find(&key)? {
            Some(found) => Ok(Answer::Status(row::report(&found, &row::work(&found)?)?)),
            None if self.table.is_of_another(&key)? => {
                self.refuse(&key, TaskEvent::WrongRequester, Some("to see it".into()))?;
                Ok(denied(Denied::Unknown))
            }
            None => self.deny(&key, Denied::Unknown),
        }
    }

    fn status(&self, row: &TaskRow) -> Result<Answer, store::Error> {
        Ok(Answer::Status(row::status(row, &row::work(row)?)?))
    }

    /// Says no, and notes it.
    pub(super) fn deny(&self, key: &TaskKey, code: Denied) -> Result<Answer, store::Error> {
        if let Some(what) = TaskEvent::of(code) {
            self.refuse(key, what, None)?;
        }
        Ok(denied(code))
    }
}

pub(super) fn denied(code: Denied) -> Answer {
    Answer::Denied { code, text: None }
}
