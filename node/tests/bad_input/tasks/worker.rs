//! Requesters that a worker must not follow.

use airway::{
    api::{CompleteRequest, Material, NextRequest, TaskRole, TaskState},
    protocols::{
        data::MessageId,
        files::Hasher,
        polo::{Claim, Place, Receipt, ReceiptHash},
        streams::Incoming,
        tasks::{
            self, Answer, Attachment, Content, Denied, FRAME, MAX_DESCRIPTION, MAX_INLINE, MAX_TEXT, Reason,
            Report, Request, State, Submission, TaskId,
        },
        wire,
    },
};
use tokio::time::timeout;

use super::{QUIC, agent, client, plain, refusals, report, state, submit, task};
use crate::{
    bad_input::hostile::Hostile,
    process::{Daemon, PATIENCE, until},
};

/// Sees that the worker takes whatever task is in order, and gives it back.
async fn still_works(hostile: &Hostile, bob: &Daemon) {
    let id = TaskId::new();
    assert_eq!(hostile.status(&submit(id, &plain("still there?"))).await.state, State::New);
    assert_eq!(state(bob, id, TaskRole::Worker).await, TaskState::New);
    let cancel = Request::Cancel { task: id, reason: Reason::ByRequester, text: None };
    assert_eq!(hostile.status(&cancel).await.state, State::Cancelled);
}

/// A file of this name that nobody has sent.
fn file(name: &str) -> Content {
    let digest = Hasher::default().digest();
    Content::File(Attachment { id: MessageId::new(), name: name.into(), size: 7, digest })
}

/// What no worker takes, and why.
fn refused() -> Vec<(&'static str, Submission, Denied)> {
    let with = |input| Submission { input: Some(input), ..plain("do it") };
    let lasting = |limit| Submission { limit, ..plain("do it") };
    let large = Content::Inline { data: vec![7; MAX_INLINE + 1] };
    vec![
        ("no description", plain(""), Denied::Invalid),
        ("a description over the limit", plain(&"x".repeat(MAX_DESCRIPTION + 1)), Denied::Invalid),
        ("an input over the limit", with(large), Denied::Invalid),
        ("no time", lasting(0), Denied::Invalid),
        ("all time", lasting(u64::MAX), Denied::Invalid),
        ("a file beyond its directory", with(file("../../x")), Denied::Invalid),
        ("a file from the root", with(file("/etc/passwd")), Denied::Invalid),
        ("a file with a NUL in its name", with(file("a\0b")), Denied::Invalid),
        ("a file without a name", with(file("")), Denied::Invalid),
        ("the directory itself", with(file("..")), Denied::Invalid),
        ("a file that never came", with(file("question.bin")), Denied::NoFile),
    ]
}

#[tokio::test]
async fn a_task_that_breaks_a_rule_is_refused_and_noted() {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    for (what, body, denied) in refused() {
        let before = refusals(&bob).await.len();
        assert_eq!(mallory.is_denied(&submit(TaskId::new(), &body)).await, denied, "{what}");
        assert_eq!(refusals(&bob).await.len(), before + 1, "{what} is not in the log");
    }
    let id = TaskId::new();
    let body = wire::encode(&plain("do it")).unwrap();
    let whole = Request::Submit { task: id, body: [body, vec![0]].concat() };
    assert_eq!(mallory.is_denied(&whole).await, Denied::Invalid);
    for reason in [Reason::ByWorker, Reason::TrustEnded, Reason::Abandoned] {
        let cancel = Request::Cancel { task: id, reason, text: None };
        assert_eq!(mallory.is_denied(&cancel).await, Denied::Invalid, "{reason}");
    }
    let text = Some("x".repeat(MAX_TEXT + 1));
    let cancel = Request::Cancel { task: id, reason: Reason::ByRequester, text };
    assert_eq!(mallory.is_denied(&cancel).await, Denied::Invalid);
    still_works(&mallory, &bob).await;
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_its_stream_alone() {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    let over = wire::frame(&vec![0; FRAME + 1], FRAME + 1).unwrap();
    let unfollowable = [
        over,
        vec![0xff; 32],
        vec![0x80, 0x80, 0x80, 0x80, 0x04],
        wire::frame(&[0x81; 4_000], FRAME).unwrap(),
        wire::frame(b"\xa1\x67destroy\xa0", FRAME).unwrap(),
    ];
    for bytes in unfollowable {
        let answer = mallory.say(tasks::PROTOCOL, &bytes).await.unwrap_or_default();
        assert!(answer.is_empty(), "{:?}… was answered {answer:?}", &bytes[..bytes.len().min(16)]);
    }
    still_works(&mallory, &bob).await;
}

#[tokio::test]
async fn nobody_but_its_requester_has_a_say_in_a_task() {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    let carol = Hostile::trusted_as("carol", &bob, QUIC).await;
    let id = TaskId::new();
    let submission = submit(id, &plain("of mallory"));
    let status = mallory.status(&submission).await;
    assert_eq!((status.state, status.task), (State::New, id));

    assert_eq!(carol.is_denied(&Request::Query { task: id }).await, Denied::Unknown);
    let cancel = Request::Cancel { task: id, reason: Reason::ByRequester, text: None };
    let before = refusals(&bob).await.len();
    assert_eq!(carol.is_denied(&cancel).await, Denied::Unknown);
    assert_eq!(refusals(&bob).await.len(), before + 1);
    // Of a task that nobody has submitted it is an end before the beginning.
    let early = Request::Cancel { task: TaskId::new(), reason: Reason::ByRequester, text: None };
    assert_eq!(carol.status(&early).await.state, State::Cancelled);
    assert_eq!(mallory.status(&Request::Query { task: id }).await.state, State::New);
    // A worker's words are nothing from whoever is none.
    for hostile in [&mallory, &carol] {
        let before = refusals(&bob).await.len();
        let forged = Report { progress: Some(1000), ..report(id, 9, State::Executing) };
        assert_eq!(hostile.is_denied(&Request::Report(forged)).await, Denied::Unknown);
        assert_eq!(refusals(&bob).await.len(), before + 1);
    }

    let before = refusals(&bob).await.len();
    let other = submit(id, &plain("something else of mallory"));
    assert_eq!(mallory.is_denied(&other).await, Denied::Conflict);
    assert_eq!(refusals(&bob).await.len(), before + 1);
    assert_eq!(mallory.status(&submission).await.seq, status.seq, "a repeat changes nothing");
    let query = Request::Receipts { requester: agent(&bob).await, worker: agent(&bob).await, after: 0 };
    assert_eq!(mallory.is_denied(&query).await, Denied::NotShared);
}

/// Has bob complete a task of mallory's, and returns its id.
async fn completed(mallory: &Hostile, bob: &Daemon) -> TaskId {
    let id = TaskId::new();
    mallory.status(&submit(id, &plain("count to three"))).await;
    let bob = client(bob);
    bob.accept_task(&id.to_string()).await.unwrap();
    let next = NextRequest { lease_ms: None, wait_ms: Some(10_000) };
    assert_eq!(bob.next_task(&next).await.unwrap().task.unwrap().id, id.to_string());
    let result = CompleteRequest { attempt: Some(1), output: Some(Material::Text("1, 2, 3".into())) };
    bob.complete_task(&id.to_string(), &result).await.unwrap();
    id
}

/// Answers the next final report of a task; returns the claim in it, and what it was answered.
async fn answer<T>(reports: &mut Incoming, id: TaskId, make: impl Fn(&Claim) -> (T, Vec<u8>)) -> T {
    let heard = async {
        loop {
            let mut stream = reports.next().await.unwrap();
            while let Ok(Some(request)) = tasks::receive(&mut stream).await {
                match request {
                    Request::Report(report) if report.task == id && report.claim.is_some() => {
                        let (made, receipt) = make(&Claim::from_bytes(&report.claim.unwrap()).unwrap());
                        tasks::answer(&mut stream, &Answer::Receipt { receipt }).await.unwrap();
                        return made;
                    }
                    _ => tasks::answer(&mut stream, &Answer::Taken {}).await.unwrap(),
                }
            }
        }
    };
    timeout(PATIENCE, heard).await.unwrap()
}

/// A receipt of mallory's for this claim.
fn issue(mallory: &Hostile, claim: &Claim, place: Place) -> Receipt {
    Receipt::issue(&mallory.key, claim.clone(), claim.times(), place, super::now()).unwrap()
}

/// Where the receipt behind this one stands.
fn next(last: Option<&Receipt>) -> Place {
    last.map_or(Place::FIRST, Place::after)
}

/// What is said in place of the receipt of this claim, and does not belong to it or not to this place.
fn forgeries(mallory: &Hostile, claim: &Claim, before: Option<&Receipt>) -> Vec<(&'static str, Vec<u8>)> {
    let issue = |place| issue(mallory, claim, place).as_bytes().to_vec();
    let next = next(before);
    let mut broken = issue(next);
    *broken.last_mut().unwrap() ^= 1;
    let mut forgeries = vec![
        ("nothing", vec![]),
        ("the claim itself", claim.as_bytes().to_vec()),
        ("a signature that does not fit", broken),
    ];
    if let Some(before) = before {
        forgeries.push(("the receipt before it", before.as_bytes().to_vec()));
        forgeries.push(("a chain of its own", issue(Place::FIRST)));
        let prev = ReceiptHash::of(b"another");
        forgeries.push(("a place behind another receipt", issue(Place { prev, ..next })));
    }
    forgeries
}

#[tokio::test]
async fn a_receipt_that_does_not_fit_settles_nothing() {
    let bob = Daemon::new("bob").await;
    let mallory = Hostile::trusted_by(&bob, QUIC).await;
    let mut reports = mallory.listen(tasks::PROTOCOL);
    let mut last: Option<Receipt> = None;
    // One for each task: a worker that is refused asks less and less often.
    for at in 0.. {
        let id = completed(&mallory, &bob).await;
        let before = refusals(&bob).await.len();
        let forged = answer(&mut reports, id, |claim| {
            match forgeries(&mallory, claim, last.as_ref()).into_iter().nth(at) {
                Some((what, receipt)) => (Some(what), receipt),
                None => (None, issue(&mallory, claim, next(last.as_ref())).as_bytes().to_vec()),
            }
        });
        let Some(what) = forged.await else { break };
        until("it is noted", async || refusals(&bob).await.len() > before).await;
        let task = task(&bob, id, TaskRole::Worker).await;
        assert_eq!((task.state, task.settled, task.receipt), (TaskState::Completed, false, None), "{what}");
        let whole = answer(&mut reports, id, |claim| {
            let whole = issue(&mallory, claim, next(last.as_ref()));
            let bytes = whole.as_bytes().to_vec();
            (whole, bytes)
        });
        last = Some(whole.await);
        let succeeded = async || state(&bob, id, TaskRole::Worker).await == TaskState::Succeeded;
        until("it is settled", succeeded).await;
    }
    assert_eq!(last.map(|last| last.seq()), Some(6));
}
