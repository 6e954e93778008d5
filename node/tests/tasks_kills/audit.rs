//! What both agents have in the end, read through their API, beside what their programs know.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};

use airway::{
    api::{PoloExportQuery, Task, TaskContent, TaskEntry, TaskExecution, TaskState, TasksQuery},
    protocols::polo::{self, Export, Outcome, Receipt},
};

use crate::{agent::Tasks, deed::Deed, pair::Pair};

impl Pair {
    /// Looks at every task and every receipt of both.
    pub(crate) async fn audit(&mut self) {
        let submitted = self.course.submitted.lock().unwrap().clone();
        let receipts = self.receipts().await;
        self.tally.receipts = receipts.len();
        self.tally.tasks = submitted.len();
        for (id, deed) in &submitted {
            let (ours, theirs) = tokio::join!(self.requester.tasks.task(id), self.worker.tasks.task(id));
            let Some(ours) = ours else {
                self.wrong(format!("{id} is lost"));
                continue;
            };
            self.count(ours.state);
            self.same(id, &ours, theirs.as_ref());
            self.receipt(&ours, receipts.get(id).map_or(&[], Vec::as_slice));
            self.executed(&ours, *deed);
        }
        for side in [&self.requester.tasks, &self.worker.tasks] {
            let others = others(side, &submitted).await;
            self.tally.wrong.extend(others);
        }
        self.applied_once();
        self.in_order();
    }

    fn wrong(&mut self, what: String) {
        self.tally.wrong.push(what);
    }

    fn count(&mut self, state: TaskState) {
        match state {
            TaskState::Succeeded => self.tally.succeeded += 1,
            TaskState::Failed => self.tally.failed += 1,
            TaskState::Cancelled => self.tally.cancelled += 1,
            other => self.wrong(format!("a task is {other:?} in the end")),
        }
    }

    /// Both have the same to say of a task.
    fn same(&mut self, id: &str, ours: &Task, theirs: Option<&Task>) {
        let Some(theirs) = theirs else {
            // It was taken back before it was sent.
            if ours.state != TaskState::Cancelled {
                self.wrong(format!("{id} is {:?}, and the worker has none", ours.state));
            }
            return;
        };
        let of =
            |task: &Task| (task.state, task.reason, task.receipt.clone(), task.output.clone().map(unplaced));
        if of(ours) != of(theirs) {
            self.wrong(format!("they differ: {:?} and {:?}", of(ours), of(theirs)));
        }
    }

    /// It has succeeded if and only if there is one receipt that says so.
    fn receipt(&mut self, task: &Task, receipts: &[Receipt]) {
        let successes =
            receipts.iter().filter(|receipt| receipt.claim().outcome() == Outcome::Success).count();
        let expected = usize::from(task.state == TaskState::Succeeded);
        if successes != expected || receipts.len() > 1 || task.receipt.is_some() != (receipts.len() == 1) {
            self.wrong(format!("{} is {:?}, with {} receipts", task.id, task.state, receipts.len()));
        }
    }

    /// Its result is that of one of the attempts that were made, and there were no more than may be.
    fn executed(&mut self, task: &Task, deed: Deed) {
        let executions = self.course.executions.lock().unwrap();
        let attempts = executions.get(&task.id).cloned().unwrap_or_default();
        drop(executions);
        self.tally.executions += attempts.len();
        self.tally.again += attempts.len().saturating_sub(1);
        if attempts.len() > 1 && task.execution == TaskExecution::AtMostOnce {
            self.wrong(format!("{} was to be executed once, and was as {attempts:?}", task.id));
        }
        if attempts.iter().collect::<BTreeSet<_>>().len() != attempts.len() {
            self.wrong(format!("an attempt of {} was given twice: {attempts:?}", task.id));
        }
        let expected = deed.text(task.attempt);
        match &task.output {
            Some(TaskContent::Text(text)) if *text == expected && attempts.contains(&task.attempt) => {}
            Some(TaskContent::File(file)) if file.size > expected.len() as u64 => {}
            None if task.state != TaskState::Succeeded => {}
            other => self.wrong(format!("{} has another result: {other:?}", task.id)),
        }
    }

    /// What was applied was applied in one change, which came once.
    fn applied_once(&mut self) {
        for side in [self.requester.tasks.clone(), self.worker.tasks.clone()] {
            let mut ends: BTreeMap<String, usize> = BTreeMap::new();
            for event in side.events().iter().filter(|event| event.state == Some(TaskState::Succeeded)) {
                *ends.entry(event.task.clone()).or_default() += 1;
            }
            let twice = ends.iter().filter(|(_, times)| **times != 1);
            let twice = twice.map(|(id, times)| format!("{:?}: {id} succeeded {times} times", side.role));
            self.tally.wrong.extend(twice);
        }
    }

    /// Tasks were begun in the order in which they were accepted.
    fn in_order(&mut self) {
        let events = self.worker.tasks.events();
        let (accepted, begun) = (firsts(&events, TaskState::Accepted), firsts(&events, TaskState::Executing));
        let queue: Vec<_> = accepted.iter().filter(|id| begun.contains(id)).collect();
        if !queue.iter().copied().eq(&begun) {
            let at = queue.iter().zip(&begun).take_while(|(queued, begun)| **queued == *begun).count();
            self.wrong(format!("out of order from number {at} of {} on: {:?}", begun.len(), begun.get(at)));
        }
    }

    /// The receipts, by their tasks; they are the same at both, and nothing is wrong with them.
    async fn receipts(&mut self) -> BTreeMap<String, Vec<Receipt>> {
        let mut exports = Vec::new();
        for side in [&self.requester.tasks, &self.worker.tasks] {
            let bytes = side.client.export_polo(&PoloExportQuery::default()).await.unwrap();
            exports.push(Export::read(bytes.as_ref()).unwrap());
        }
        for at in [0, 1] {
            for finding in polo::verify(&exports[at], std::slice::from_ref(&exports[1 - at])) {
                self.wrong(format!("export {at}: {finding}"));
            }
        }
        let [ours, theirs] = exports.as_slice() else { unreachable!("two were made") };
        let hashes = |export: &Export| export.receipts.iter().map(Receipt::hash).collect::<Vec<_>>();
        if hashes(ours) != hashes(theirs) {
            self.wrong("they have other receipts".to_owned());
        }
        let mut by_task: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for receipt in &ours.receipts {
            by_task.entry(receipt.claim().task().to_string()).or_default().push(receipt.clone());
        }
        by_task
    }
}

/// Where a file lies is nothing to compare.
fn unplaced(content: TaskContent) -> TaskContent {
    match content {
        TaskContent::File(mut file) => {
            file.path = None;
            TaskContent::File(file)
        }
        other => other,
    }
}

/// The tasks that came to this state, in the order in which they first did.
fn firsts(events: &[TaskEntry], state: TaskState) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let events = events.iter().filter(|event| event.state == Some(state));
    events.map(|event| event.task.as_str()).filter(|task| seen.insert(*task)).collect()
}

/// Tasks that nobody has submitted.
async fn others(side: &Tasks, submitted: &BTreeMap<String, Deed>) -> Vec<String> {
    let query = TasksQuery { limit: Some(1000), ..TasksQuery::default() };
    let tasks = side.client.tasks(&query).await.unwrap();
    let others = tasks.into_iter().filter(|task| !submitted.contains_key(&task.id) || task.role != side.role);
    others.map(|task| format!("{:?}: nobody has submitted {}", side.role, task.id)).collect()
}
