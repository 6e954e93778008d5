//! What the two sides say.

use airway_protocols::tasks::{
    self, Answer, Body, Denied, Execution, FRAME, MAX_CLAIM, MAX_LIMIT, MAX_TEXT, Report, Request, work::Work,
};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;

use super::{things::plain, *};

#[derive(Serialize)]
pub(super) struct Says {
    says: serde_json::Value,
    bytes: String,
}

fn received(bytes: &[u8]) -> Result<Request, tasks::Error> {
    Ok(block_on(tasks::receive(&mut Cursor::new(bytes)))?.unwrap())
}

fn answered(bytes: &[u8]) -> Result<Answer, tasks::Error> {
    block_on(tasks::read_answer(&mut Cursor::new(bytes)))
}

/// A report with nothing that it need not have.
fn report(state: State) -> Report {
    Report { state, ..Work::new(Execution::AtLeastOnce, MAX_LIMIT, 0).report(id()) }
}

/// A report with all that it may have. Its claim is none, which only whoever settles it looks at.
fn full() -> Report {
    Report {
        seq: u64::MAX,
        attempt: u32::MAX,
        reason: Some(Reason::ByWorker),
        text: Some("grüße".into()),
        progress: Some(1000),
        output: Some(inline(b"done")),
        claim: Some(ByteBuf::from(vec![0xC1; 3])),
        ..report(State::Completed)
    }
}

pub(super) fn requests() -> Vec<Says> {
    let body = Body::of(&plain()).unwrap().into_bytes();
    let cancel =
        |reason, text: Option<&str>| Request::Cancel { task: id(), reason, text: text.map(Into::into) };
    let claim = || Some(ByteBuf::from(vec![0xC1; 3]));
    let requests = [
        Request::Submit { task: id(), body },
        Request::Report(report(State::Accepted)),
        Request::Report(Report { seq: 3, attempt: 1, progress: Some(0), ..report(State::Executing) }),
        Request::Report(full()),
        Request::Report(Report {
            output: Some(file("result.csv", 5)),
            claim: claim(),
            ..report(State::Completed)
        }),
        Request::Report(Report {
            reason: Some(Reason::HeadTooLong),
            claim: claim(),
            ..report(State::Expired)
        }),
        Request::Report(Report { reason: Some(Reason::Limit), ..report(State::Cancelled) }),
        cancel(Reason::ByRequester, Some("not needed any more")),
        cancel(Reason::Limit, None),
        Request::Query { task: id() },
        Request::Receipts { requester: agent(1), worker: agent(2), after: 0 },
    ];
    let says = |request: &Request| {
        let mut bytes = Vec::new();
        block_on(tasks::write(&mut bytes, request)).unwrap();
        request.validate().unwrap();
        assert_eq!(received(&bytes).unwrap(), *request);
        Says { says: shown(request), bytes: hex(bytes) }
    };
    requests.iter().map(says).collect()
}

pub(super) fn refused_requests() -> Vec<RefusedBytes> {
    let one = |key: &str, value: Value| frame(&map([(key, value)]));
    let query = Request::Query { task: id() };
    let task = || Value::Bytes(id().as_bytes().to_vec());
    let other = |entry: (&str, Value)| one("report", with(&report(State::New), [entry]));
    let prefix =
        unsigned_varint::encode::usize(FRAME + 1, &mut unsigned_varint::encode::usize_buffer()).to_vec();
    [
        prefix,
        vec![0x00],
        frame(&query)[..10].to_vec(),
        frame(&map([])),
        frame(&Answer::Taken {}),
        one("query", task()),
        one("query", map([("task", Value::Text(ID.into()))])),
        one("query", map([("task", Value::Bytes(vec![0; 16]))])),
        one("query", map([("task", Value::Bytes(b"../../etc/passwd".to_vec()))])),
        one("submit", map([("task", task())])),
        one("submit", map([("task", task()), ("body", map([]))])),
        one("cancel", map([("task", task()), ("reason", number(0))])),
        one("cancel", map([("task", task()), ("reason", number(12))])),
        other(("state", number(10))),
        other(("state", number(257))),
        other(("reason", number(12))),
        other(("progress", number(65_536))),
        other(("attempt", number(1 << 32))),
        other(("seq", number(-1))),
        other(("claim", Value::Text("a".into()))),
        one(
            "receipts",
            map([("requester", Value::Bytes(vec![0; 31])), ("worker", task()), ("after", number(0))]),
        ),
        frame(&map([("query", map([("task", task())])), ("cancel", map([("task", task())]))])),
    ]
    .map(|bytes| refused(bytes, received))
    .into()
}

/// Reports that break a rule wherever they stand.
fn broken() -> [Report; 4] {
    [
        report(State::Submitted),
        Report { progress: Some(1001), ..report(State::Executing) },
        Report { text: Some("x".repeat(MAX_TEXT + 1)), ..report(State::Executing) },
        Report { claim: Some(ByteBuf::from(vec![0; MAX_CLAIM + 1])), ..report(State::Failed) },
    ]
}

pub(super) fn invalid_requests() -> Vec<RefusedBytes> {
    let cancel = |reason| Request::Cancel { task: id(), reason, text: None };
    let text = Some("ü".repeat(MAX_TEXT / 2 + 1));
    let rest = [
        Request::Report(report(State::Succeeded)),
        Request::Report(report(State::Completed)),
        Request::Report(report(State::Expired)),
        Request::Report(Report { output: Some(file("../x", 1)), ..full() }),
        Request::Cancel { task: id(), reason: Reason::ByRequester, text },
        cancel(Reason::TrustEnded),
        cancel(Reason::Abandoned),
    ];
    let invalid = |request: Request| {
        let bytes = frame(&request);
        assert_eq!(received(&bytes).unwrap(), request);
        RefusedBytes { why: why(&request.validate().unwrap_err()), bytes: hex(bytes) }
    };
    broken().map(Request::Report).into_iter().chain(rest).map(invalid).collect()
}

pub(super) fn answers() -> Vec<Says> {
    let denials = (1..=u8::MAX).filter_map(|number| Denied::try_from(number).ok());
    let denied = |(code, text): (Denied, Option<&str>)| Answer::Denied { code, text: text.map(Into::into) };
    let answers = [
        Answer::Status(report(State::New)),
        Answer::Status(report(State::Completed)),
        Answer::Status(Report { state: State::Succeeded, ..full() }),
        Answer::Taken {},
        Answer::Receipt { receipt: vec![0xC1; 3] },
        Answer::Receipts { receipts: vec![], last: 0 },
        Answer::Receipts { receipts: vec![ByteBuf::from(vec![1]), ByteBuf::from(vec![2])], last: 7 },
        denied((Denied::Full, Some("try again tomorrow"))),
    ];
    let says = |answer: Answer| {
        let mut bytes = Vec::new();
        block_on(tasks::answer(&mut bytes, &answer)).unwrap();
        assert_eq!(answered(&bytes).unwrap(), answer);
        Says { says: shown(&answer), bytes: hex(bytes) }
    };
    answers.into_iter().chain(denials.map(|code| denied((code, None)))).map(says).collect()
}

pub(super) fn refused_answers() -> Vec<RefusedBytes> {
    let one = |key: &str, value: Value| frame(&map([(key, value)]));
    let list = || Value::Array(vec![Value::Text("a".into())]);
    [
        vec![],
        frame(&Request::Query { task: id() }),
        frame(&map([])),
        one("taken", Value::Null),
        one("taken", Value::Text(String::new())),
        one("receipt", map([])),
        one("denied", map([("code", number(0))])),
        one("denied", map([("code", number(12))])),
        one("denied", map([("code", number(256))])),
        one("receipts", map([("receipts", list()), ("last", number(0))])),
        one("status", map([("task", number(0))])),
    ]
    .map(|bytes| refused(bytes, answered))
    .into()
}

/// An opener that has such an answer gives the stream up as well.
pub(super) fn invalid_answers() -> Vec<RefusedBytes> {
    let invalid = |report: Report| {
        let why = why(&report.validate().unwrap_err());
        RefusedBytes { why, bytes: hex(frame(&Answer::Status(report))) }
    };
    broken().map(invalid).into()
}
