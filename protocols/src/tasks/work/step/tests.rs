use super::*;
use crate::tasks::{MAX_LIMIT, TaskId};

const EVENTS: [Event; 16] = [
    Event::Accept,
    Event::Decline,
    Event::Stage,
    Event::Start { lease: Some(30_000) },
    Event::Beat { attempt: None },
    Event::Progress { attempt: None, progress: Some(500) },
    Event::Complete { attempt: None, held: false },
    Event::Delivered,
    Event::Fileless,
    Event::Fail { attempt: None },
    Event::Interrupted { attempt: None },
    Event::Restarted,
    Event::Cancel { reason: Reason::ByRequester },
    Event::TrustEnded,
    Event::Applied,
    Event::Abandoned,
];

fn new() -> Work {
    Work::new(Execution::AtLeastOnce, MAX_LIMIT, 1_000)
}

/// What comes of some events, one second after another.
fn after(events: &[Event]) -> Work {
    let mut work = new();
    for (event, second) in events.iter().zip(2..) {
        work = work.step(*event, second * 1_000).unwrap().unwrap_or(work);
    }
    work
}

fn executing() -> Work {
    after(&[Event::Accept, Event::Stage, Event::Start { lease: Some(30_000) }])
}

fn completed() -> Work {
    executing().step(Event::Complete { attempt: None, held: false }, 5_000).unwrap().unwrap()
}

/// The state that each event leads to, or `None` if it is refused, in the order of [`EVENTS`].
fn row(work: Work) -> Vec<Option<State>> {
    EVENTS.iter().map(|event| work.step(*event, 9_000).ok().map(|next| next.unwrap_or(work).state)).collect()
}

#[test]
fn the_table_is_the_one_of_the_documentation() {
    use State::{
        Accepted as A, Cancelled as X, Completed as C, Declined as D, Executing as E, Failed as F, New as N,
    };
    let no = None;
    let [a, c, d, e, f, n, x, s] = [A, C, D, E, F, N, X, State::Succeeded].map(Some);
    assert_eq!(row(new()), [a, d, n, no, no, no, no, n, n, no, no, n, x, x, n, x]);
    assert_eq!(row(after(&[Event::Accept])), [a, no, a, e, no, no, no, a, a, f, no, a, x, x, a, x]);
    assert_eq!(row(executing()), [no, no, e, no, e, e, c, e, e, f, a, e, x, x, e, x]);
    assert_eq!(row(completed()), [no, no, c, no, no, no, c, c, c, no, no, c, c, c, s, x]);
    let held = executing().step(Event::Complete { attempt: None, held: true }, 5_000).unwrap().unwrap();
    assert_eq!(row(held), [no, no, c, no, no, no, c, c, f, no, no, c, c, x, c, x]);
}

#[test]
fn nothing_comes_after_an_end() {
    let end = |events: &[Event]| after(events);
    let ends = [
        end(&[Event::Decline]),
        end(&[Event::Accept, Event::Fail { attempt: None }]),
        end(&[Event::Cancel { reason: Reason::Limit }]),
        Work { told: 0, ..Work::tombstone(Reason::ByRequester, 0) },
        completed().step(Event::Applied, 6_000).unwrap().unwrap(),
        after(&[Event::Accept, Event::Stage]).step(Event::Tick, 3_000 + HEAD_TIME).unwrap().unwrap(),
    ];
    for work in ends {
        for state in row(work) {
            assert!(state.is_none_or(|state| state == work.state), "{work:?}");
        }
        assert_eq!(work.step(Event::Tick, u64::MAX).unwrap().unwrap_or(work).state, work.state);
    }
}

#[test]
fn an_execution_that_is_not_the_last_one_is_not_heard() {
    let again = executing().step(Event::Tick, 34_000).unwrap().unwrap();
    assert_eq!((again.state, again.attempt, again.lease), (State::Accepted, 1, None));
    let second = again.step(Event::Start { lease: None }, 40_000).unwrap().unwrap();
    let first = Some(1);
    let late = [
        Event::Beat { attempt: first },
        Event::Progress { attempt: first, progress: None },
        Event::Complete { attempt: first, held: false },
        Event::Fail { attempt: first },
        Event::Interrupted { attempt: first },
    ];
    for event in late {
        assert_eq!(second.step(event, 41_000), Err(Refused::Attempt { now: 2 }), "{event:?}");
    }
    assert_eq!(second.due(), Some(1_000 + MAX_LIMIT));
}

#[test]
fn what_is_executed_once_at_most_fails_when_it_is_broken_off() {
    let once = Work { execution: Execution::AtMostOnce, ..executing() };
    for event in [Event::Tick, Event::Interrupted { attempt: Some(1) }] {
        let failed = once.step(event, 34_000).unwrap().unwrap();
        assert_eq!((failed.state, failed.reason), (State::Failed, Some(Reason::Interrupted)));
        assert!(failed.leaves_receipt() && failed.has_news());
    }
}

#[test]
fn a_lease_runs_from_the_last_sign_of_life_and_from_a_start() {
    let beat = executing().step(Event::Beat { attempt: Some(1) }, 20_000).unwrap().unwrap();
    assert_eq!((beat.due(), beat.seq), (Some(50_000), executing().seq));
    let restarted = beat.step(Event::Restarted, 90_000).unwrap().unwrap();
    assert_eq!(restarted.due(), Some(120_000));
    assert!(
        !beat.is_stalled(20_000 + crate::tasks::STALLED - 1)
            && beat.is_stalled(20_000 + crate::tasks::STALLED)
    );
}

#[test]
fn timers_end_what_nobody_takes_up() {
    assert_eq!(new().due(), Some(1_000 + ACCEPT_TIME));
    assert_eq!(new().step(Event::Tick, ACCEPT_TIME), Ok(None));
    let late = new().step(Event::Tick, 1_000 + ACCEPT_TIME).unwrap().unwrap();
    assert_eq!((late.state, late.reason), (State::Cancelled, Some(Reason::NotAccepted)));

    let first = after(&[Event::Accept, Event::Stage]);
    let expired = first.step(Event::Tick, 3_000 + HEAD_TIME).unwrap().unwrap();
    assert_eq!((expired.state, expired.reason), (State::Expired, Some(Reason::HeadTooLong)));
    assert_eq!((expired.times.idle, expired.times.staged), (1_000, HEAD_TIME));

    let short = Work { limit: 10_000, ..executing() };
    let over = short.step(Event::Tick, 11_000).unwrap().unwrap();
    assert_eq!((over.state, over.reason), (State::Cancelled, Some(Reason::Limit)));
    let done = Work { limit: 10_000, ..completed() };
    assert_eq!(done.due(), Some(5_000 + RESULT_RETRY));
    let silent = done.step(Event::Tick, 5_000 + RESULT_RETRY).unwrap().unwrap();
    assert!(silent.state == State::Completed && silent.is_settled());
}

#[test]
fn times_are_those_of_the_way() {
    let work =
        after(&[Event::Accept, Event::Stage]).step(Event::Start { lease: None }, 10_000).unwrap().unwrap();
    let done = work.step(Event::Complete { attempt: Some(1), held: false }, 100_000).unwrap().unwrap();
    let times = done.times;
    assert_eq!((times.idle, times.staged, times.cpu), (1_000, 7_000, 90_000));
    assert_eq!(done.step(Event::Complete { attempt: Some(1), held: false }, 200_000), Ok(None));
}

#[test]
fn a_result_is_taken_with_a_receipt_alone() {
    let done = completed();
    assert_eq!(done.step(Event::Taken { seq: done.seq }, 6_000), Ok(None));
    let earlier = done.step(Event::Taken { seq: 2 }, 6_000).unwrap().unwrap();
    assert!(earlier.told == 2 && earlier.has_news() && !earlier.is_settled());
    assert!(done.step(Event::Applied, 6_000).unwrap().unwrap().is_settled());
}

#[test]
fn while_its_file_is_on_the_way_a_result_is_not_told() {
    let held = executing().step(Event::Complete { attempt: None, held: true }, 5_000).unwrap().unwrap();
    let task = TaskId::new();
    assert_eq!(held.report(task).state, State::Executing);
    assert_eq!((held.seq, held.due()), (executing().seq, None));
    let told = held.step(Event::Delivered, 6_000).unwrap().unwrap();
    assert_eq!((told.report(task).state, told.seq), (State::Completed, held.seq + 1));
    let failed = held.step(Event::Fileless, 6_000).unwrap().unwrap();
    assert_eq!((failed.state, failed.reason), (State::Failed, Some(Reason::File)));
}
