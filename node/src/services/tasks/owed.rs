//! What other agents have to hear: made from the tasks as they stand, and settled by the answers.

use airway_protocols::{
    agent::AgentId,
    tasks::{
        Answer, Denied, MAX_TEXT, Report, Request, State,
        order::{self, Ask},
        work,
    },
};

use super::{
    Role, TaskEvent, Tasks, receipt, row,
    turn::{Pending, Turn},
};
use crate::{
    crash::{self, Place},
    polo,
    store::{self, Room, TaskKey, TaskRow},
};

/// Something that an agent has to hear, and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Owed {
    /// The number of the task: what comes behind it in the order of arrival is owed after it.
    pub(crate) seq: u64,
    pub(crate) key: TaskKey,
    /// What is to be said; `None` while a file is on its way that the agent needs before.
    pub(crate) request: Option<Request>,
}

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The agent has heard it. What has changed since is owed anew.
    Heard,
    /// The same, and the receipt that it has answered with is kept: the next one of the chain may follow.
    Receipted,
    /// It has answered with a receipt that others come before. It is to be said again when one of them is kept.
    Behind,
    /// It is to be said again, but not at once.
    Again,
}

impl Tasks {
    /// What an agent has to hear, submissions or all else, in the order in which the tasks came to be, behind the one with this
    /// number; a page, and an empty one is the end.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn owed(
        &self,
        agent: &AgentId,
        submissions: bool,
        after: u64,
    ) -> Result<Vec<Owed>, store::Error> {
        let rows = self.0.store.tasks_unsettled(*agent.as_bytes(), submissions, after).await?;
        rows.iter().map(owed).collect()
    }

    /// Takes in what an agent has answered. Returns when that has its place behind those before it, with what it came to:
    /// several share a commit.
    ///
    /// # Errors
    /// If the database fails; then it is to be said again.
    pub(crate) async fn settle(
        &self,
        owed: &Owed,
        answer: Answer,
    ) -> Result<Pending<Settled, store::Error>, store::Error> {
        let (key, request) = (owed.key, owed.request.clone());
        self.turn(Room::Ends, move |turn| {
            let Some(row) = turn.table.find(&key)? else { return Ok(Settled::Heard) };
            match request {
                Some(Request::Submit { .. }) => turn.submission_answered(row, answer),
                Some(Request::Cancel { .. }) => turn.cancellation_answered(row, answer),
                Some(Request::Report(report)) => turn.report_answered(row, report.seq, answer),
                Some(Request::Query { .. } | Request::Receipts { .. }) | None => Ok(Settled::Heard),
            }
        })
        .await
    }

    /// The file that goes with a task, or with its result, has been delivered, or cannot be.
    ///
    /// # Errors
    /// If the database fails; then it is to be said again.
    pub(crate) async fn delivered(&self, key: TaskKey, delivered: bool) -> Result<(), store::Error> {
        let turned = self.turn(Room::Ends, move |turn| {
            let Some(mut row) = turn.table.find(&key)? else { return Ok(()) };
            match Role::try_from(key.role)? {
                Role::Requester => {
                    let event = if delivered { order::Event::Delivered } else { order::Event::Fileless };
                    turn.step_order(&mut row, event, None).map(drop)
                }
                Role::Worker => {
                    let event = if delivered { work::Event::Delivered } else { work::Event::Fileless };
                    turn.step_work(&mut row, event, None).map(drop)
                }
            }
        });
        turned.await?.await
    }
}

fn owed(row: &TaskRow) -> Result<Owed, store::Error> {
    let task = row::id(row)?;
    let request = match Role::try_from(row.key.role)? {
        Role::Requester => match row::order(row)?.ask() {
            Some(Ask::Submit) => row.body.clone().map(|body| Request::Submit { task, body }),
            Some(Ask::Cancel(reason)) => Some(Request::Cancel { task, reason, text: row.words.clone() }),
            None => None,
        },
        Role::Worker => {
            let work = row::work(row)?;
            // Until its file is there, what was said of the execution before is all that can be said.
            let request = work.has_news().then(|| row::report(row, &work).map(Request::Report));
            request.transpose()?
        }
    };
    Ok(Owed { seq: row.seq, key: row.key, request })
}

/// The report in an answer, if it is one of this task and in order.
fn status(row: &TaskRow, answer: &Answer) -> Option<Report> {
    match answer {
        Answer::Status(report) if *report.task.as_bytes() == row.key.id && report.validate().is_ok() => {
            Some(report.clone())
        }
        _ => None,
    }
}

/// What a denial says. Nobody has checked how long its text is, which stays with the task.
fn words(code: Denied, text: Option<String>) -> String {
    text.filter(|text| text.len() <= MAX_TEXT).unwrap_or_else(|| code.to_string())
}

impl Turn<'_> {
    fn submission_answered(&self, mut row: TaskRow, answer: Answer) -> Result<Settled, store::Error> {
        if let Some(report) = status(&row, &answer) {
            let text = report.text.clone();
            let order = self.step_order(&mut row, order::Event::Answered(&report), text)?;
            if order.is_ok_and(|order| order.ask() == Some(Ask::Submit)) {
                // By its number it says nothing new, which no worker says to the first submission.
                return Ok(Settled::Again);
            }
            crash::point(Place::SubmissionHeard);
            return Ok(Settled::Heard);
        }
        let Answer::Denied { code, text } = answer else { return Ok(Settled::Again) };
        let order = self.step_order(&mut row, order::Event::Denied(code), Some(words(code, text)))?;
        Ok(if order.is_ok_and(|order| order.ask().is_none()) { Settled::Heard } else { Settled::Again })
    }

    fn cancellation_answered(&self, mut row: TaskRow, answer: Answer) -> Result<Settled, store::Error> {
        let Some(report) = status(&row, &answer) else { return Ok(Settled::Again) };
        let text = report.text.clone();
        let _heard = self.step_order(&mut row, order::Event::CancelAnswered(&report), text)?;
        Ok(Settled::Heard)
    }

    fn report_answered(&self, mut row: TaskRow, seq: u64, answer: Answer) -> Result<Settled, store::Error> {
        let event = match answer {
            Answer::Taken {} => work::Event::Taken { seq },
            Answer::Receipt { receipt } => return self.receipt_came(row, &receipt),
            Answer::Denied { code: Denied::Abandoned | Denied::Closed | Denied::Unknown, .. } => {
                work::Event::Abandoned
            }
            Answer::Denied { .. } | Answer::Status(_) | Answer::Receipts { .. } => return Ok(Settled::Again),
        };
        let work = self.step_work(&mut row, event, None)?;
        // A result is not settled by being taken.
        let is_left =
            work.is_ok_and(|work| work.state == State::Completed && work.told < work.seq && seq >= work.seq);
        Ok(if is_left { Settled::Again } else { Settled::Heard })
    }

    /// A requester has given us a receipt: it is kept with the end of the task, or refused.
    fn receipt_came(&self, mut row: TaskRow, bytes: &[u8]) -> Result<Settled, store::Error> {
        let me = self.tasks.0.own.me().agent;
        let refused = |unfit: receipt::Unfit| {
            self.refuse(&row.key, TaskEvent::BadReceipt, Some(unfit.to_string()))?;
            Ok(Settled::Again)
        };
        let receipt = match receipt::check(&row, bytes) {
            Ok(receipt) => receipt,
            Err(unfit) => return refused(unfit),
        };
        let known = self.table.receipt(&row.key.agent, me.as_bytes(), &row.key.id)?;
        if known.is_none() {
            match receipt::follows(&receipt, self.table.chain(&row.key.agent, me.as_bytes())?) {
                Ok(true) => self.table.add_receipt(&polo::row(&receipt, true))?,
                // Those before it were lost on their way, and come again with their tasks.
                Ok(false) => return Ok(Settled::Behind),
                Err(unfit) => return refused(unfit),
            }
        }
        let _applied = self.step_work(&mut row, work::Event::Applied, None)?;
        crash::point(Place::ReceiptHeard);
        Ok(Settled::Receipted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_that_says_too_much_is_kept_without_its_text() {
        let said = |length| words(Denied::Score, Some("x".repeat(length)));
        assert_eq!(said(MAX_TEXT), "x".repeat(MAX_TEXT));
        assert_eq!(said(MAX_TEXT + 1), Denied::Score.to_string());
        assert_eq!(words(Denied::Invalid, None), Denied::Invalid.to_string());
    }
}
