//! The same word again and again.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    DEFAULT_WAIT, Material,
    protocols::{
        port::Port,
        tasks::{self, Answer, Report, Request, State},
    },
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, future::join};

use super::stage::{both_have_a_receipt, complete, next, settled, submit, task};
use crate::{
    common::{Agent, friends},
    size::size,
};

/// Asks one thing over one stream.
async fn ask(from: &Agent, to: &str, request: &Request) -> Answer {
    let mut stream = from.node.open(&from.who(to), Port::TASKS, DEFAULT_WAIT).await.unwrap();
    tasks::ask(&mut stream, request).await.unwrap()
}

#[tokio::test]
async fn a_report_of_the_end_that_is_repeated_without_end_is_applied_once() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    complete(&bob.node, id, Material::Inline(b"y".into())).await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    let receipt = task(&alice.node, id).await.receipt.unwrap();
    let history = alice.node.task_history(&id.into()).await.unwrap().len();

    let Answer::Status(shown) = ask(&alice, "bob", &Request::Query { task: id }).await else {
        panic!("no status")
    };
    let seq = shown.seq;
    let report = Report { state: State::Completed, ..shown };
    let repeats = size(2_000, 100_000);
    let stream = bob.node.open(&bob.who("alice"), Port::TASKS, DEFAULT_WAIT).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let saying = async {
        for _ in 0..repeats {
            tasks::write(&mut writer, &Request::Report(report.clone())).await.unwrap();
        }
        writer.close().await.unwrap();
    };
    let hearing = async {
        for _ in 0..repeats {
            match tasks::read_answer(&mut reader).await.unwrap() {
                Answer::Receipt { receipt: again } => assert!(again == receipt.as_bytes()),
                other => panic!("{other:?}"),
            }
        }
    };
    join(saying, hearing).await;
    let after = task(&alice.node, id).await;
    assert_eq!((after.state, after.seq, after.receipt.unwrap().seq()), (State::Succeeded, seq, 1));
    assert_eq!(alice.node.task_history(&id.into()).await.unwrap().len(), history);

    // The next one follows in the chain: nothing was signed in between.
    let second = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    complete(&bob.node, second, Material::Inline(b"y".into())).await;
    settled(&alice.node, second, State::Succeeded).await;
    assert_eq!(task(&alice.node, second).await.receipt.unwrap().seq(), 2);
}

#[tokio::test]
async fn a_submission_and_a_cancellation_that_are_repeated_are_one() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    let known = task(&bob.node, id).await;
    let submission = tasks::Submission {
        description: known.description.clone(),
        input: None,
        limit: known.limit,
        execution: known.execution,
        max_reward: known.max_reward,
        supersedes: None,
        at: known.created_at,
    };
    // Another body under the id: as if she had lost what she had sent.
    let body = tasks::Body::of(&submission).unwrap().as_bytes().to_vec();
    for _ in 0..20 {
        let answer = ask(&alice, "bob", &Request::Submit { task: id, body: body.clone() }).await;
        let is_same = matches!(&answer, Answer::Status(report) if report.state == State::Executing);
        let is_other = matches!(&answer, Answer::Denied { code: tasks::Denied::Conflict, .. });
        assert!(is_same || is_other, "{answer:?}");
    }
    let cancel = Request::Cancel { task: id, reason: tasks::Reason::ByRequester, text: None };
    for _ in 0..20 {
        let answer = ask(&alice, "bob", &cancel).await;
        assert!(matches!(answer, Answer::Status(report) if report.state == State::Cancelled));
    }
    let tasks = bob.node.tasks(airway::TaskFilter::default()).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].state), (1, State::Cancelled));
}
