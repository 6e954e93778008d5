use super::*;
use crate::{
    tasks::{FRAME, MAX_BODY, MAX_INLINE, MAX_RECEIPTS},
    wire,
};

fn report(state: State) -> Report {
    Report {
        task: TaskId::new(),
        seq: 1,
        state,
        attempt: 0,
        reason: None,
        text: None,
        progress: None,
        output: None,
        claim: None,
    }
}

/// A report with all that it may have, as large as it may be.
fn largest() -> Report {
    Report {
        seq: u64::MAX,
        attempt: u32::MAX,
        reason: Some(Reason::Refused),
        text: Some("x".repeat(MAX_TEXT)),
        progress: Some(MAX_PROGRESS),
        output: Some(Content::Inline { data: vec![0; MAX_INLINE] }),
        claim: Some(ByteBuf::from(vec![0; MAX_CLAIM])),
        ..report(State::Completed)
    }
}

fn requests() -> Vec<Request> {
    let task = TaskId::new();
    let [requester, worker] = [1, 2].map(|byte| AgentId::from_bytes([byte; 32]));
    vec![
        Request::Submit { task, body: vec![0; MAX_BODY] },
        Request::Report(largest()),
        Request::Report(report(State::New)),
        Request::Cancel { task, reason: Reason::ByRequester, text: Some("x".repeat(MAX_TEXT)) },
        Request::Query { task },
        Request::Receipts { requester, worker, after: u64::MAX },
    ]
}

fn answers() -> Vec<Answer> {
    vec![
        Answer::Status(largest()),
        Answer::Taken {},
        Answer::Receipt { receipt: vec![0; 1024] },
        Answer::Denied { code: Denied::Score, text: Some("no".into()) },
        Answer::Receipts { receipts: vec![ByteBuf::from(vec![0; 1024]); MAX_RECEIPTS], last: u64::MAX },
    ]
}

#[test]
fn the_largest_of_each_round_trips_within_its_frame() {
    for request in requests() {
        request.validate().unwrap();
        let bytes = wire::encode(&request).unwrap();
        assert!(bytes.len() < 112_000 && 112_000 < FRAME, "{}", bytes.len());
        assert_eq!(wire::decode::<Request>(&bytes).unwrap(), request);
    }
    for answer in answers() {
        let bytes = wire::encode(&answer).unwrap();
        assert!(bytes.len() < 112_000, "{}", bytes.len());
        assert_eq!(wire::decode::<Answer>(&bytes).unwrap(), answer);
    }
}

#[test]
fn each_rule_has_its_own_error() {
    let of = |report: Report| Request::Report(report).validate();
    let plain = || report(State::Executing);
    assert_eq!(of(report(State::Submitted)), Err(Invalid::State(State::Submitted)));
    assert_eq!(of(report(State::Succeeded)), Err(Invalid::State(State::Succeeded)));
    assert_eq!(report(State::Succeeded).validate(), Ok(()));
    assert_eq!(of(report(State::Completed)), Err(Invalid::NoClaim(State::Completed)));
    assert_eq!(of(report(State::Expired)), Err(Invalid::NoClaim(State::Expired)));
    assert_eq!(report(State::Completed).validate(), Ok(()));
    assert_eq!(of(Report { progress: Some(1001), ..plain() }), Err(Invalid::Progress(1001)));
    let (text, size) = (Some("x".repeat(MAX_TEXT + 1)), MAX_TEXT + 1);
    assert_eq!(of(Report { text: text.clone(), ..plain() }), Err(Invalid::Text { size }));
    let claim = Some(ByteBuf::from(vec![0; MAX_CLAIM + 1]));
    assert_eq!(of(Report { claim, ..plain() }), Err(Invalid::Claim { size: MAX_CLAIM + 1 }));
    let output = Some(Content::Inline { data: vec![0; MAX_INLINE + 1] });
    assert!(matches!(of(Report { output, ..plain() }), Err(Invalid::Inline { .. })));

    let cancel = |reason, text| Request::Cancel { task: TaskId::new(), reason, text }.validate();
    assert_eq!(cancel(Reason::Limit, text), Err(Invalid::Text { size }));
    for reason in Reason::ALL {
        let allowed = matches!(reason, Reason::ByRequester | Reason::Limit);
        assert_eq!(cancel(reason, None).is_ok(), allowed, "{reason}");
    }
}

#[test]
fn denials_are_a_closed_set() {
    for number in 0..=u8::MAX {
        match Denied::try_from(number) {
            Ok(denied) => assert_eq!(u8::from(denied), number),
            Err(unknown) => assert_eq!(unknown.number, number),
        }
        assert_eq!(Denied::try_from(number).is_ok(), (1..=11).contains(&number));
    }
}

#[test]
fn what_is_said_is_one_thing() {
    for bytes in [&b"\xA0"[..], b"\xA1\x65other\xA0", b"\xA2\x65taken\xA0\x67receipt\xA1\x67receipt\x40"] {
        assert!(wire::decode::<Answer>(bytes).is_err() && wire::decode::<Request>(bytes).is_err());
    }
    assert_eq!(wire::decode::<Answer>(b"\xA1\x65taken\xA0").unwrap(), Answer::Taken {});
}
