//! Who may say what about a task: everything else is refused, noted and counted, and changes nothing.

use airway::{
    Material, TaskEvent,
    protocols::{
        port::Port,
        streams::Stream,
        tasks::{
            Answer, Body, Content, DEFAULT_LIMIT, Denied, Execution, Reason, Report, Request, State,
            Submission, TaskId, ask, read_answer, write,
        },
    },
    store::TaskLogFilter,
};

use super::stage::{both_have_a_receipt, complete, next, stands, submit, task};
use crate::common::{Agent, PATIENCE, befriend, friends, until};

/// A stream on which an agent says something to another.
async fn open(from: &Agent, to: &str) -> Stream {
    from.node.open(&from.who(to), Port::TASKS, PATIENCE).await.unwrap()
}

async fn asked(from: &Agent, to: &str, request: &Request) -> Answer {
    ask(&mut open(from, to).await, request).await.unwrap()
}

fn denied(code: Denied) -> Answer {
    Answer::Denied { code, text: None }
}

/// What an agent has refused, in order.
async fn refusals(at: &Agent) -> Vec<TaskEvent> {
    let refused = TaskLogFilter { refused: true, ..TaskLogFilter::default() };
    at.node.task_log(refused).await.unwrap().into_iter().map(|entry| entry.what).collect()
}

fn body(description: &str) -> Body {
    Body::of(&Submission {
        description: description.into(),
        input: None,
        limit: DEFAULT_LIMIT,
        execution: Execution::AtLeastOnce,
        max_reward: 10,
        supersedes: None,
        at: 0,
    })
    .unwrap()
}

fn submission(task: TaskId, description: &str) -> Request {
    Request::Submit { task, body: body(description).into_bytes() }
}

fn report(task: TaskId, seq: u64, state: State) -> Report {
    let (reason, text, progress, output, claim) = (None, None, None, None, None);
    Report { task, seq, state, attempt: 1, reason, text, progress, output, claim }
}

fn state(answer: &Answer) -> State {
    match answer {
        Answer::Status(report) => report.state,
        other => panic!("no status: {other:?}"),
    }
}

#[tokio::test]
async fn nobody_but_its_worker_reports_a_task_and_nobody_but_its_requester_ends_or_sees_it() {
    let (alice, bob) = friends().await;
    let carol = Agent::new("carol").await;
    befriend(&carol, &alice).await;
    befriend(&carol, &bob).await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    stands(&alice.node, id, State::Executing).await;

    for state in [State::Failed, State::Cancelled, State::Executing] {
        let forged = Request::Report(report(id, 99, state));
        assert_eq!(asked(&carol, "alice", &forged).await, denied(Denied::Unknown));
    }
    let cancel = Request::Cancel { task: id, reason: Reason::ByRequester, text: None };
    assert_eq!(asked(&carol, "bob", &cancel).await, denied(Denied::Unknown));
    assert_eq!(asked(&carol, "bob", &Request::Query { task: id }).await, denied(Denied::Unknown));
    let nothing = Request::Query { task: TaskId::new() };
    assert_eq!(asked(&carol, "bob", &nothing).await, denied(Denied::Unknown));
    assert_eq!(refusals(&alice).await, [TaskEvent::WrongWorker; 3]);
    let wrong = [TaskEvent::WrongRequester, TaskEvent::WrongRequester, TaskEvent::Unknown];
    assert_eq!(refusals(&bob).await, wrong);
    let counted = bob.node.metrics().await.unwrap();
    assert!(counted.contains("airway_task_events_total{what=\"wrong-requester\"} 2"), "{counted}");

    // Nor does the worker cancel, or the requester report.
    assert_eq!(asked(&bob, "alice", &cancel).await, denied(Denied::Unknown));
    assert_eq!(asked(&bob, "alice", &submission(id, "x")).await, denied(Denied::Conflict));
    let own = Request::Report(report(id, 99, State::Failed));
    assert_eq!(asked(&alice, "bob", &own).await, denied(Denied::Unknown));
    complete(&bob.node, id, Material::Inline(b"y".into())).await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
}

#[tokio::test]
async fn an_end_without_a_claim_that_fits_is_refused_and_the_task_goes_on() {
    let (alice, bob) = friends().await;
    let _accepting = bob.node.accept_tasks();
    let id = submit(&alice, "bob", "x", None).await;
    next(&bob.node).await;
    let stood = stands(&alice.node, id, State::Executing).await;
    let output = Some(Content::Inline { data: b"forged".to_vec() });
    let bare = Report { output: output.clone(), ..report(id, stood.seq + 1, State::Completed) };
    assert_eq!(asked(&bob, "alice", &Request::Report(bare.clone())).await, denied(Denied::Invalid));
    let forged = Report { claim: Some(vec![7; 100].into()), ..bare };
    assert_eq!(asked(&bob, "alice", &Request::Report(forged)).await, denied(Denied::Invalid));
    assert_eq!(refusals(&alice).await, [TaskEvent::Invalid, TaskEvent::BadClaim]);
    assert_eq!(task(&alice.node, id).await.state, State::Executing);

    complete(&bob.node, id, Material::Inline(b"true".into())).await;
    both_have_a_receipt(&alice.node, &bob.node, id).await;
    // The claim of this end is not the claim of another result.
    let kept = asked(&alice, "bob", &Request::Query { task: id }).await;
    let Answer::Status(told) = kept else { panic!("no status: {kept:?}") };
    let first =
        asked(&bob, "alice", &Request::Report(Report { state: State::Completed, ..told.clone() })).await;
    let again =
        asked(&bob, "alice", &Request::Report(Report { state: State::Completed, output, ..told })).await;
    assert!(matches!(first, Answer::Receipt { .. }) && first == again, "a repeat is answered from the store");
    assert_eq!(super::stage::result(&task(&alice.node, id).await), b"true");
}

#[tokio::test]
async fn what_is_said_on_one_stream_is_answered_in_order_and_twice_is_once() {
    let (alice, bob) = friends().await;
    let (one, two) = (TaskId::new(), TaskId::new());
    let mut stream = open(&alice, "bob").await;
    let cancel = |task| Request::Cancel { task, reason: Reason::ByRequester, text: None };
    let said = [
        submission(one, "a"),
        submission(one, "a"),
        submission(one, "b"),
        cancel(two),
        submission(two, "c"),
        Request::Query { task: one },
        Request::Submit { task: TaskId::new(), body: vec![0xff; 10] },
    ];
    for request in &said {
        write(&mut stream, request).await.unwrap();
    }
    let mut answers = Vec::new();
    for _ in &said {
        answers.push(read_answer(&mut stream).await.unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(state(&answers[0]), State::New);
    assert_eq!(answers[2], denied(Denied::Conflict));
    assert_eq!(state(&answers[3]), State::Cancelled);
    assert_eq!(state(&answers[4]), State::Cancelled, "it was called off before it came");
    assert_eq!(state(&answers[5]), State::New);
    assert_eq!(answers[6], denied(Denied::Invalid));
    assert_eq!(refusals(&bob).await, [TaskEvent::Conflict, TaskEvent::Invalid]);
    assert_eq!(task(&bob.node, one).await.description, "a");
}

#[tokio::test]
async fn a_newcomer_has_room_for_three_tasks_and_what_ends_makes_room() {
    let (alice, bob) = friends().await;
    let ids: Vec<TaskId> = (0..4).map(|_| TaskId::new()).collect();
    for id in &ids[..3] {
        assert_eq!(state(&asked(&alice, "bob", &submission(*id, "x")).await), State::New);
    }
    assert_eq!(asked(&alice, "bob", &submission(ids[3], "x")).await, denied(Denied::Full));
    assert_eq!(refusals(&bob).await, [TaskEvent::Full]);
    bob.node.task_decline(&ids[0].into(), None).await.unwrap();
    assert_eq!(state(&asked(&alice, "bob", &submission(ids[3], "x")).await), State::New);
}

#[tokio::test]
async fn whoever_is_not_trusted_any_more_is_not_heard() {
    let (alice, bob) = friends().await;
    let mut stream = open(&alice, "bob").await;
    let id = TaskId::new();
    assert_eq!(state(&ask(&mut stream, &submission(id, "x")).await.unwrap()), State::New);
    bob.node.untrust("alice", None).await.unwrap();
    let ended = task(&bob.node, id).await;
    assert_eq!((ended.state, ended.reason), (State::Cancelled, Some(Reason::TrustEnded)));
    assert!(ask(&mut stream, &submission(TaskId::new(), "y")).await.is_err());
    until("alice knows", async || alice.node.contacts().is_empty()).await;
    assert_eq!(bob.node.tasks(airway::TaskFilter::default()).await.unwrap().len(), 1);
}
