//! Workers that a requester must not believe.

use airway::{
    api::{CancelRequest, TaskExecution, TaskRequest, TaskRole, TaskState},
    protocols::{
        agent::AgentId,
        data::MessageId,
        files::Hasher,
        polo::{Claim, Outcome, Times, Work},
        tasks::{self, Answer, Attachment, Body, Content, Denied, Report, Request, State, TaskId},
    },
};
use libp2p::identity::Keypair;
use tokio::time::timeout;

use super::{QUIC, agent, client, inline, refusals, report, state, task};
use crate::{
    bad_input::hostile::Hostile,
    process::{Daemon, PATIENCE, until},
};

/// A task of alice's that mallory has taken.
struct Given {
    id: TaskId,
    body: Body,
    requester: AgentId,
}

/// Has alice give mallory a task, which it takes.
async fn given(alice: &Daemon, mallory: &Hostile) -> Given {
    let mut streams = mallory.listen(tasks::PROTOCOL);
    let request = TaskRequest {
        to: "mallory".into(),
        description: "count to three".into(),
        input: None,
        limit_ms: None,
        execution: TaskExecution::AtLeastOnce,
        max_reward: None,
        supersedes: None,
        id: None,
        timeout_ms: None,
    };
    let submitted = client(alice).submit_task(&request).await.unwrap();
    let id: TaskId = submitted.id.parse().unwrap();
    let taken = async {
        loop {
            let mut stream = streams.next().await.unwrap();
            if let Ok(Some(Request::Submit { task, body })) = tasks::receive(&mut stream).await {
                assert_eq!(task, id);
                let status = Answer::Status(report(id, 1, State::New));
                tasks::answer(&mut stream, &status).await.unwrap();
                return Body::from_bytes(body).unwrap();
            }
        }
    };
    let body = timeout(PATIENCE, taken).await.unwrap();
    until("alice knows", async || state(alice, id, TaskRole::Requester).await == TaskState::New).await;
    Given { id, body, requester: agent(alice).await }
}

impl Given {
    /// What has been done, as it has to be claimed.
    fn work(&self, output: &Content) -> Work {
        Work {
            requester: self.requester,
            task: self.id,
            request: self.body.digest(),
            output: Some(output.digest()),
            outcome: Outcome::Success,
            times: Times { idle: 0, staged: 0, cpu: 0 },
            max_reward: 10,
            at: super::now(),
        }
    }

    /// A final report with such a claim.
    fn completed(&self, key: &Keypair, output: &Content, work: Work) -> Request {
        let claim = Claim::sign(key, work).unwrap().as_bytes().to_vec();
        Request::Report(Report {
            attempt: 1,
            output: Some(output.clone()),
            claim: Some(claim.into()),
            ..report(self.id, 9, State::Completed)
        })
    }
}

/// Reports with claims that are not of this task, this worker or this result.
fn forgeries(given: &Given, mallory: &Hostile, carol: &Hostile) -> Vec<(&'static str, Request)> {
    let output = inline("1, 2, 3");
    let work = || given.work(&output);
    let by_mallory = |work| given.completed(&mallory.key, &output, work);
    vec![
        ("another worker's", given.completed(&carol.key, &output, work())),
        ("of another task", by_mallory(Work { task: TaskId::new(), ..work() })),
        ("of another requester", by_mallory(Work { requester: AgentId::from_bytes([7; 32]), ..work() })),
        ("of other words", by_mallory(Work { request: [7; 32], ..work() })),
        ("of another result", by_mallory(Work { output: Some([7; 32]), ..work() })),
        ("of no result", by_mallory(Work { output: None, ..work() })),
        ("of a failure", by_mallory(Work { outcome: Outcome::Failed, ..work() })),
        ("of more than was offered", by_mallory(Work { max_reward: 1_000_000, ..work() })),
    ]
}

#[tokio::test]
async fn a_claim_that_is_not_of_the_task_is_refused_and_noted() {
    let alice = Daemon::new("alice").await;
    let mallory = Hostile::trusted_by(&alice, QUIC).await;
    let carol = Hostile::trusted_as("carol", &alice, QUIC).await;
    let given = given(&alice, &mallory).await;
    for (what, forged) in forgeries(&given, &mallory, &carol) {
        let before = refusals(&alice).await.len();
        assert_eq!(mallory.is_denied(&forged).await, Denied::Invalid, "a claim {what}");
        assert_eq!(refusals(&alice).await.len(), before + 1, "a claim {what} is not in the log");
        let task = task(&alice, given.id, TaskRole::Requester).await;
        assert_eq!((task.state, task.output, task.receipt), (TaskState::New, None, None), "{what}");
    }

    // In order, it is applied once; a repeat is answered alike, and another result not at all.
    let output = inline("1, 2, 3");
    let whole = given.completed(&mallory.key, &output, given.work(&output));
    let first = mallory.ask(&whole).await;
    assert!(matches!(first, Answer::Receipt { .. }), "{first:?}");
    assert_eq!(mallory.ask(&whole).await, first);
    let output = inline("4, 5, 6");
    let other = given.completed(&mallory.key, &output, given.work(&output));
    let answered = mallory.ask(&other).await;
    assert!(matches!(answered, Answer::Denied { .. }) || answered == first, "{answered:?}");
    let stale = Request::Report(report(given.id, 2, State::Executing));
    mallory.ask(&stale).await;
    let task = task(&alice, given.id, TaskRole::Requester).await;
    assert_eq!(task.state, TaskState::Succeeded);
    assert_eq!(task.output, Some(airway::api::TaskContent::Text("1, 2, 3".into())));
}

#[tokio::test]
async fn nobody_but_its_worker_reports_a_task() {
    let alice = Daemon::new("alice").await;
    let mallory = Hostile::trusted_by(&alice, QUIC).await;
    let carol = Hostile::trusted_as("carol", &alice, QUIC).await;
    let given = given(&alice, &mallory).await;
    let output = inline("1, 2, 3");
    for forged in [
        given.completed(&carol.key, &output, given.work(&output)),
        Request::Report(report(given.id, 9, State::Executing)),
        Request::Report(report(given.id, 9, State::Failed)),
    ] {
        let before = refusals(&alice).await.len();
        assert_eq!(carol.is_denied(&forged).await, Denied::Unknown);
        assert_eq!(refusals(&alice).await.len(), before + 1);
    }
    // Nor does its worker ask about it as if it were the requester.
    assert_eq!(mallory.is_denied(&Request::Query { task: given.id }).await, Denied::Unknown);
    let task = task(&alice, given.id, TaskRole::Requester).await;
    assert_eq!((task.state, task.seq, task.progress), (TaskState::New, 1, None));
}

#[tokio::test]
async fn a_result_that_cannot_be_is_refused() {
    let alice = Daemon::new("alice").await;
    let mallory = Hostile::trusted_by(&alice, QUIC).await;
    let given = given(&alice, &mallory).await;
    let file = |name: &str| {
        let digest = Hasher::default().digest();
        Content::File(Attachment { id: MessageId::new(), name: name.into(), size: 7, digest })
    };
    for (output, denied) in [
        (file("../../x"), Denied::Invalid),
        (file("/etc/passwd"), Denied::Invalid),
        (file("a\0b"), Denied::Invalid),
        (file("never-sent.bin"), Denied::NoFile),
        (Content::Inline { data: vec![7; tasks::MAX_INLINE + 1] }, Denied::Invalid),
    ] {
        let forged = given.completed(&mallory.key, &output, given.work(&output));
        assert_eq!(mallory.is_denied(&forged).await, denied, "{output:?}");
    }
    let unclaimed = Report { attempt: 1, output: Some(inline("1")), ..report(given.id, 9, State::Completed) };
    assert_eq!(mallory.is_denied(&Request::Report(unclaimed)).await, Denied::Invalid);
    let far = Report { progress: Some(1001), ..report(given.id, 3, State::Executing) };
    assert_eq!(mallory.is_denied(&Request::Report(far)).await, Denied::Invalid);
    let wordy =
        Report { text: Some("x".repeat(tasks::MAX_TEXT + 1)), ..report(given.id, 3, State::Executing) };
    assert_eq!(mallory.is_denied(&Request::Report(wordy)).await, Denied::Invalid);
    assert_eq!(state(&alice, given.id, TaskRole::Requester).await, TaskState::New);
}

#[tokio::test]
async fn what_comes_after_a_task_was_abandoned_is_not_applied() {
    let alice = Daemon::new("alice").await;
    let mallory = Hostile::trusted_by(&alice, QUIC).await;
    let given = given(&alice, &mallory).await;
    let abandon = CancelRequest { text: None, abandon: true };
    client(&alice).cancel_task(&given.id.to_string(), &abandon).await.unwrap();
    let output = inline("1, 2, 3");
    let late = given.completed(&mallory.key, &output, given.work(&output));
    for _ in 0..2 {
        assert_eq!(mallory.is_denied(&late).await, Denied::Abandoned);
    }
    let task = task(&alice, given.id, TaskRole::Requester).await;
    assert_eq!((task.state, task.output, task.receipt), (TaskState::Cancelled, None, None));
}
