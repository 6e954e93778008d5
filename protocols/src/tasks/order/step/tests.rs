use super::*;
use crate::tasks::{Execution, MIN_LIMIT, TOLERANCE, TaskId, order::Ask, work::Work};

const LIMIT: u64 = 60_000;

fn new() -> Order {
    Order::new(LIMIT, false, 1_000)
}

fn report(seq: u64, state: State) -> Report {
    Report { seq, state, ..Work::new(Execution::AtLeastOnce, MIN_LIMIT, 0).report(TaskId::new()) }
}

fn heard(order: Order, seq: u64, state: State, now: u64) -> Order {
    order.step(Event::Reported(&report(seq, state)), now).unwrap().unwrap()
}

fn ended(order: Order, event: Event<'_>) -> (State, Option<Reason>) {
    let order = order.step(event, 2_000).unwrap().unwrap();
    (order.state, order.reason)
}

#[test]
fn a_newer_report_counts_and_an_older_one_does_not() {
    let order = heard(new(), 3, State::Executing, 2_000);
    assert_eq!((order.state, order.ask()), (State::Executing, None));
    for seq in 0..=3 {
        assert_eq!(order.step(Event::Reported(&report(seq, State::Accepted)), 3_000), Ok(None));
    }
    assert_eq!(heard(order, 4, State::Accepted, 3_000).state, State::Accepted);
}

#[test]
fn a_result_is_applied_once() {
    let order = heard(new(), 4, State::Completed, 2_000);
    let done = order.step(Event::Applied, 2_000).unwrap().unwrap();
    assert!(done.state == State::Succeeded && done.is_settled() && done.due().is_none());
    assert_eq!(done.step(Event::Reported(&report(4, State::Completed)), 3_000), Ok(None));
    for state in [State::Submitted, State::Executing, State::Succeeded, State::Cancelled] {
        let refused = Order { state, ..order }.step(Event::Applied, 3_000);
        assert_eq!(refused, Err(Refused::NoResult(state)));
    }
}

#[test]
fn what_was_given_up_here_is_answered_so() {
    let ends = [
        new().step(Event::Abandon, 2_000).unwrap().unwrap(),
        new().step(Event::TrustEnded, 2_000).unwrap().unwrap(),
        new().step(Event::Denied(Denied::Score), 2_000).unwrap().unwrap(),
        new().step(Event::Tick, 1_000 + SUBMIT_RETRY).unwrap().unwrap(),
    ];
    for order in ends {
        let refused = order.step(Event::Reported(&report(4, State::Completed)), 3_000).unwrap_err();
        assert_eq!(refused.denied(), Denied::Abandoned, "{order:?}");
    }
    let failed = heard(new(), 4, State::Failed, 2_000);
    let refused = failed.step(Event::Reported(&report(5, State::Completed)), 3_000).unwrap_err();
    assert_eq!(refused.denied(), Denied::Closed);
}

#[test]
fn denials_that_will_not_change_are_an_end() {
    let over = (State::Declined, Some(Reason::Refused));
    for denied in [Denied::NotAllowed, Denied::Invalid, Denied::Conflict, Denied::Score] {
        assert_eq!(ended(new(), Event::Denied(denied)), over);
        let known = heard(new(), 1, State::New, 2_000);
        assert_eq!(known.step(Event::Denied(denied), 3_000), Ok(None), "what it has it does not deny");
    }
    for denied in [Denied::Full, Denied::Later, Denied::NoFile, Denied::Unknown] {
        assert_eq!(new().step(Event::Denied(denied), 2_000), Ok(None));
    }
}

#[test]
fn a_cancellation_is_asked_until_it_is_answered() {
    let order = new().step(Event::CancelAsked, 2_000).unwrap().unwrap();
    assert_eq!((order.state, order.ask()), (State::Submitted, Some(Ask::Cancel(Reason::ByRequester))));
    assert_eq!(order.due(), Some(2_000 + SUBMIT_RETRY));
    let running = heard(order, 3, State::Executing, 3_000);
    assert_eq!(running.ask(), order.ask());
    let over = running.step(Event::CancelAnswered(&report(4, State::Cancelled)), 4_000).unwrap().unwrap();
    assert!(over.state == State::Cancelled && over.is_settled());
    let done = running.step(Event::CancelAnswered(&report(4, State::Completed)), 4_000).unwrap().unwrap();
    assert_eq!((done.state, done.ask()), (State::Completed, None));
    assert!(matches!(over.step(Event::CancelAsked, 5_000), Err(Refused::Over(State::Cancelled))));
}

#[test]
fn its_limit_runs_from_the_first_answer() {
    let order = heard(new(), 1, State::New, 5_000);
    assert_eq!(order.due(), Some(5_000 + LIMIT));
    let late = order.step(Event::Tick, 5_000 + LIMIT).unwrap().unwrap();
    assert_eq!(late.ask(), Some(Ask::Cancel(Reason::Limit)));
    let gone = late.step(Event::Tick, 5_000 + LIMIT + SUBMIT_RETRY).unwrap().unwrap();
    assert_eq!((gone.state, gone.reason), (State::Cancelled, Some(Reason::Unreachable)));
}

#[test]
fn what_was_never_sent_ends_at_once() {
    let held = Order::new(LIMIT, true, 1_000);
    assert_eq!(held.ask(), None);
    assert_eq!(ended(held, Event::CancelAsked), (State::Cancelled, Some(Reason::ByRequester)));
    assert_eq!(ended(held, Event::Fileless), (State::Failed, Some(Reason::File)));
    assert!(held.step(Event::Abandon, 2_000).unwrap().unwrap().is_settled());
    let sent = held.step(Event::Delivered, 2_000).unwrap().unwrap();
    assert_eq!(sent.ask(), Some(Ask::Submit));
    assert_eq!(sent.step(Event::Fileless, 3_000), Ok(None));
}

#[test]
fn the_worker_hears_of_what_was_given_up() {
    let order = new().step(Event::Abandon, 2_000).unwrap().unwrap();
    assert_eq!((order.state, order.ask()), (State::Cancelled, Some(Ask::Cancel(Reason::ByRequester))));
    assert!(!order.is_settled());
    let told = order.step(Event::CancelAnswered(&report(1, State::Cancelled)), 3_000).unwrap().unwrap();
    assert!(told.is_settled() && told.reason == Some(Reason::Abandoned));
    assert!(order.step(Event::Tick, 2_000 + SUBMIT_RETRY).unwrap().unwrap().is_settled());
}

#[test]
fn what_was_seen_bounds_what_is_claimed() {
    let order = heard(heard(new(), 1, State::New, 10_000), 2, State::Accepted, 40_000);
    let running = heard(order, 3, State::Executing, 50_000);
    let seen = running.observed(80_000);
    assert_eq!((seen.idle_at_least, seen.cpu_at_most), (30_000 - TOLERANCE, 30_000 + TOLERANCE));
    // Whoever has not seen it new, or executed, has seen less.
    let accepted = heard(new(), 1, State::Accepted, 10_000);
    let seen = heard(accepted, 3, State::Completed, 90_000).observed(90_000);
    assert_eq!((seen.idle_at_least, seen.cpu_at_most), (0, 80_000 + TOLERANCE));
    assert_eq!(new().observed(2_000).cpu_at_most, 1_000 + TOLERANCE);
}

#[test]
fn a_worker_that_answers_a_cancellation_is_not_given_up_for_its_silence_before() {
    let begun = heard(Order::new(4 * SUBMIT_RETRY, false, 0), 3, State::Executing, 1_000);
    let late = 1_000 + 3 * SUBMIT_RETRY;
    let asking = begun.step(Event::CancelAsked, late).unwrap().unwrap();
    // Its result is a file on its way: it says what it said before.
    let answered = asking.step(Event::CancelAnswered(&report(3, State::Executing)), late).unwrap().unwrap();
    assert_eq!(answered.ask(), None);
    assert_eq!(answered.step(Event::Tick, late), Ok(None));
    assert_eq!(answered.due(), Some(late + SUBMIT_RETRY));
    assert_eq!(heard(answered, 4, State::Completed, late + 1_000).state, State::Completed);
}
