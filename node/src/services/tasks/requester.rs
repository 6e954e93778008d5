//! What workers report to us, each in one change.
//!
//! | what comes | the worker hears |
//! |---|---|
//! | where a task stands, news or not | `taken` |
//! | an end that leaves a receipt | the receipt: made, and kept with the result, before it is said; the same one at each repeat |
//! | one of which the claim does not fit the task | `invalid` |
//! | one whose result is a file that has not arrived | `no file` |
//! | a task that we gave up, or know another end of | `abandoned`, `closed` |
//! | a task that was given to another, or to nobody | `unknown` |

use airway_protocols::{
    agent::AgentId,
    tasks::{
        Answer, Denied, Report, State,
        order::{Event, Order},
    },
};

use super::{Role, TaskEvent, receipt, row, turn::Turn, worker::denied};
use crate::{
    crash::{self, Place},
    polo,
    store::{self, ReceiptRow, TaskKey, TaskRow},
};

impl Turn<'_> {
    /// A worker reports. The report is in order by itself.
    pub(super) fn reported(&self, worker: &AgentId, report: &Report) -> Result<Answer, store::Error> {
        let key = row::key(Role::Requester, worker, &report.task);
        let Some(row) = self.table.find(&key)? else { return self.not_given(&key) };
        if report.claim.is_some()
            && let Some(known) = self.receipt_of(&row)?
        {
            return Ok(Answer::Receipt { receipt: known.is.receipt });
        }
        let was = row::order(&row)?;
        let next = match was.step(Event::Reported(report), self.now) {
            Ok(next) => next.unwrap_or(was),
            Err(refused) => return self.deny(&key, refused.denied()),
        };
        let is_its_end = matches!(next.state, State::Completed | State::Failed | State::Expired);
        match report.claim.as_ref().filter(|_| is_its_end && report.state == next.state) {
            Some(claim) => self.ended(row, &was, next, report, claim),
            None => self.moved(row, &was, &next, report),
        }
    }

    /// Nothing is to be kept but where the task stands.
    fn moved(
        &self,
        mut row: TaskRow,
        was: &Order,
        next: &Order,
        report: &Report,
    ) -> Result<Answer, store::Error> {
        if next != was {
            self.put_order(&mut row, Some(was), next, report.text.clone())?;
        }
        Ok(Answer::Taken {})
    }

    /// It has come to an end that leaves a receipt: result, state and receipt are one.
    fn ended(
        &self,
        mut row: TaskRow,
        was: &Order,
        next: Order,
        report: &Report,
        claim: &[u8],
    ) -> Result<Answer, store::Error> {
        let own = &self.tasks.0.own;
        let claim = match receipt::check_claim(&own.me().agent, &row, report, claim) {
            Ok(claim) => claim,
            Err(unfit) => {
                self.refuse(&row.key, TaskEvent::BadClaim, Some(unfit.to_string()))?;
                return Ok(denied(Denied::Invalid));
            }
        };
        if !self.has_file(&row.key, report.output.as_ref())? {
            return self.deny(&row.key, Denied::NoFile);
        }
        let issued = receipt::issue(&own.keypair(), self.table, claim, next.observed(self.now))?;
        self.table.add_receipt(&polo::row(&issued, true))?;
        crash::point(Place::ReceiptWritten);
        row.output = report.output.as_ref().map(row::encode).transpose()?;
        // Applied is what a result is; the other ends have nothing to apply.
        let done = match next.step(Event::Applied, self.now) {
            Ok(applied) if next.state == State::Completed => applied.unwrap_or(next),
            _ => next,
        };
        self.put_order(&mut row, Some(was), &done, report.text.clone())?;
        crash::point(Place::ResultWritten);
        Ok(Answer::Receipt { receipt: issued.as_bytes().to_vec() })
    }

    fn receipt_of(&self, row: &TaskRow) -> Result<Option<ReceiptRow>, store::Error> {
        let me = self.tasks.0.own.me().agent;
        self.table.receipt(me.as_bytes(), &row.key.agent, &row.key.id)
    }

    /// Somebody reports what was not given to it.
    fn not_given(&self, key: &TaskKey) -> Result<Answer, store::Error> {
        if self.table.is_of_another(key)? {
            self.refuse(key, TaskEvent::WrongWorker, None)?;
            return Ok(denied(Denied::Unknown));
        }
        self.deny(key, Denied::Unknown)
    }
}
