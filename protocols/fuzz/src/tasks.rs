//! Tasks: what either side says, what is in it, and both machines under whatever may happen to them.

use airway_protocols::tasks::{
    self, Answer, Body, Content, Denied, Error, Execution, FRAME, Invalid, MAX_BODY, MAX_DESCRIPTION,
    MAX_INLINE, MAX_LIMIT, MAX_PROGRESS, MAX_TEXT, MIN_LIMIT, Reason, Report, Request, State, TaskId, order,
    order::Order,
    work::{self, Work},
};
use airway_protocols::wire;
use futures::executor::block_on;

use super::talk::Talk;

/// The one task of the machines.
const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";

/// Receives all requests of a stream.
pub fn request(bytes: &[u8]) {
    let whole = requests(Talk::new(bytes));
    assert_eq!(whole, requests(Talk::trickle(bytes)), "the cut of the input shows");
}

fn requests(mut stream: Talk<'_>) -> (Vec<Request>, Option<String>) {
    let mut all = Vec::new();
    loop {
        match block_on(tasks::receive(&mut stream)) {
            Ok(Some(request)) => {
                check_request(&request);
                all.push(request);
            }
            Ok(None) => {
                assert!(stream.heard.is_empty(), "an end before the end");
                return (all, None);
            }
            Err(error) => {
                assert!(matches!(error, Error::Wire(_)), "a responder cannot fail so: {error}");
                return (all, Some(error.to_string()));
            }
        }
    }
}

/// What holds for every request that was received, valid or not.
fn check_request(request: &Request) {
    let mut again = Talk::new(&[]);
    block_on(tasks::write(&mut again, request)).unwrap();
    assert!(again.said.len() <= FRAME + 3);
    assert_eq!(block_on(tasks::receive(&mut Talk::new(&again.said))).unwrap().as_ref(), Some(request));
    let valid = request.validate();
    match request {
        Request::Submit { body: bytes, .. } => {
            assert_eq!(valid, Ok(()));
            body(bytes);
        }
        Request::Cancel { reason, text, .. } => {
            let named = matches!(reason, Reason::ByRequester | Reason::Limit);
            assert_eq!(valid.is_ok(), named && text.as_ref().is_none_or(|text| text.len() <= MAX_TEXT));
        }
        Request::Report(report) => {
            assert!(valid.is_err() || report.validate().is_ok(), "a request may not do more than an answer");
            let claimed =
                !matches!(report.state, State::Completed | State::Expired) || report.claim.is_some();
            assert!(valid.is_err() || claimed && report.state != State::Succeeded);
            check_report(report);
        }
        Request::Query { .. } | Request::Receipts { .. } => assert_eq!(valid, Ok(())),
    }
}

fn check_report(report: &Report) {
    if report.validate().is_err() {
        return;
    }
    assert!(report.state != State::Submitted && report.progress.is_none_or(|done| done <= MAX_PROGRESS));
    assert!(report.text.as_ref().is_none_or(|text| text.len() <= MAX_TEXT));
    report.output.as_ref().inspect(|output| check_content(output));
}

/// Takes the input for the answers to what was asked.
pub fn answer(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(tasks::read_answer(&mut stream)) {
        Ok(answer) => {
            let taken = bytes.len() - stream.heard.len();
            let mut again = Talk::new(&[]);
            block_on(tasks::answer(&mut again, &answer)).unwrap();
            assert!(again.said.len() <= taken, "longer when written again");
            assert_eq!(block_on(tasks::read_answer(&mut Talk::trickle(&again.said))).unwrap(), answer);
            match answer {
                Answer::Status(report) => check_report(&report),
                Answer::Denied { code, .. } => assert_eq!(Denied::try_from(u8::from(code)), Ok(code)),
                Answer::Taken {} | Answer::Receipt { .. } | Answer::Receipts { .. } => {}
            }
        }
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}

/// Reads what goes with a task, or comes of it.
pub fn content(bytes: &[u8]) {
    if let Ok(content) = wire::decode::<Content>(bytes) {
        assert!(wire::encode(&content).unwrap().len() <= bytes.len(), "longer when written again");
        check_content(&content);
    }
}

fn check_content(content: &Content) {
    let again: Content = wire::decode(&wire::encode(content).unwrap()).unwrap();
    assert_eq!((&again, again.digest()), (content, content.digest()));
    match (content, content.validate()) {
        (Content::Inline { data }, valid) => assert_eq!(valid.is_ok(), data.len() <= MAX_INLINE),
        (Content::File(file), Ok(())) => assert_eq!(file.file_name().unwrap().as_str(), file.name),
        (Content::File(_), Err(invalid)) => assert!(matches!(invalid, Invalid::File(_))),
    }
}

/// Reads the body of a task.
pub fn body(bytes: &[u8]) {
    let Ok(body) = Body::from_bytes(bytes.into()) else { return };
    assert!(body.as_bytes() == bytes && bytes.len() <= MAX_BODY);
    let task = body.submission();
    assert!((1..=MAX_DESCRIPTION).contains(&task.description.len()));
    assert!((MIN_LIMIT..=MAX_LIMIT).contains(&task.limit));
    task.input.as_ref().inspect(|input| check_content(input));
    let again = Body::of(task).unwrap();
    assert_eq!(again.submission(), task);
    assert_eq!(again.digest() == body.digest(), again.as_bytes() == bytes);
}

/// Does whatever the bytes say to a task at its worker and at its requester, who hears what they say of the worker.
pub fn machines(bytes: &[u8]) {
    let execution = if bytes.len() % 2 == 0 { Execution::AtLeastOnce } else { Execution::AtMostOnce };
    let mut work = Work::new(execution, MAX_LIMIT, 0);
    let mut order = Order::new(MAX_LIMIT, bytes.len() % 3 == 0, 0);
    let mut now = 0_u64;
    for pair in bytes.chunks_exact(2) {
        now = now.saturating_add(u64::from(pair[1]).pow(4));
        if let Ok(Some(next)) = work.step(work_event(pair[0], pair[1]), now) {
            check_work(&work, &next);
            work = next;
        }
        let report = work.report(ID.parse().unwrap());
        if let Ok(Some(next)) = order.step(order_event(pair[0] ^ pair[1], &report), now) {
            check_order(&order, &next);
            order = next;
        }
    }
}

fn work_event(kind: u8, more: u8) -> work::Event {
    use work::Event as E;

    let attempt = (more % 2 == 0).then_some(u32::from(more / 64));
    match kind % 18 {
        0 => E::Accept,
        1 => E::Decline,
        2 => E::Stage,
        3 => E::Start { lease: (more % 2 == 0).then_some(u64::from(more)) },
        4 => E::Beat { attempt },
        5 => E::Progress { attempt, progress: Some(u16::from(more)) },
        6 => E::Complete { attempt, held: more % 3 == 0 },
        7 => E::Delivered,
        8 => E::Fileless,
        9 => E::Fail { attempt },
        10 => E::Interrupted { attempt },
        11 => E::Restarted,
        12 => E::Cancel { reason: Reason::ByRequester },
        13 => E::Tick,
        14 => E::TrustEnded,
        15 => E::Taken { seq: u64::from(more) },
        16 => E::Applied,
        _ => E::Abandoned,
    }
}

fn order_event(kind: u8, report: &Report) -> order::Event<'_> {
    use order::Event as E;

    match kind % 11 {
        0 => E::Delivered,
        1 => E::Fileless,
        2 => E::Answered(report),
        3 => E::CancelAnswered(report),
        4 => E::Reported(report),
        5 => E::Denied(Denied::Score),
        6 => E::CancelAsked,
        7 => E::Abandon,
        8 => E::TrustEnded,
        9 => E::Tick,
        _ => E::Applied,
    }
}

fn check_work(before: &Work, after: &Work) {
    assert!(!before.state.is_final() || before.state == after.state, "an end that is left");
    assert!(before.seq <= after.seq && before.told <= after.told && after.told <= after.seq);
    assert!(after.execution == Execution::AtLeastOnce || after.attempt <= 1, "executed twice");
    assert_eq!(after.started.is_some(), after.state == State::Executing);
    assert!(after.staged.is_none() || after.state == State::Accepted);
    assert!(!after.held || after.state == State::Completed);
    assert!(!after.state.is_final() || after.is_settled() || after.due().is_some(), "an end without end");
    let id: TaskId = ID.parse().unwrap();
    assert_ne!(after.report(id).state, State::Submitted);
}

fn check_order(before: &Order, after: &Order) {
    assert!(!before.state.is_final() || before.state == after.state, "an end that is left");
    assert!(before.seq <= after.seq);
    assert!(before.state == State::Completed || after.state != State::Succeeded || before == after);
    assert!(after.is_settled() == after.due().is_none(), "what is not settled is settled one day");
    assert!(!after.held || after.ask().is_none() && after.state == State::Submitted);
}
