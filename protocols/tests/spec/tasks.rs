//! Tasks: their states and reasons, and every event in every state of both machines.

use airway_protocols::tasks::{
    Denied, Execution, MAX_LIMIT, Reason, Report, State, TaskId,
    order::{self, Order},
    work::{self, Work},
};

use super::{document::Table, numbers::words};
use crate::row;

/// What an event that cannot happen leads to.
const NO: &str = "–";

pub(crate) fn tables() -> Vec<Table> {
    let states = State::ALL.map(|state| row![u8::from(state), state, format!("`{}`", state.a2a())]);
    let reasons = Reason::ALL.map(|reason| row![u8::from(reason), words(&format!("{reason:?}")), reason]);
    vec![
        Table { name: "task-states", rows: states.into() },
        Table { name: "task-reasons", rows: reasons.into() },
        Table { name: "task-work", rows: works() },
        Table { name: "task-order", rows: orders() },
    ]
}

/// What comes of an event: the state, or nothing.
fn work_to(work: &Work, event: work::Event, now: u64) -> String {
    work.step(event, now).map_or(NO.into(), |next| {
        let next = next.unwrap_or(*work);
        if next.held { format!("{}, held", next.state) } else { next.state.to_string() }
    })
}

fn works() -> Vec<Vec<String>> {
    use work::Event as E;

    let to = |work: Work, event| work.step(event, 2_000).unwrap().unwrap();
    let complete = |held| E::Complete { attempt: None, held };
    let new = Work::new(Execution::AtLeastOnce, MAX_LIMIT, 1_000);
    let accepted = to(to(new, E::Accept), E::Stage);
    let executing = to(accepted, E::Start { lease: Some(30_000) });
    let [held, completed] = [true, false].map(|held| to(executing, complete(held)));
    let columns = [new, accepted, executing, held, completed];
    // Of those that break off, the ones that are executed once at most.
    let once = columns.map(|work| Work { execution: Execution::AtMostOnce, ..work });
    let events = [
        ("accept", E::Accept),
        ("decline", E::Decline),
        ("start", E::Start { lease: None }),
        ("progress", E::Progress { attempt: None, progress: None }),
        ("complete", complete(false)),
        ("complete, with a file", complete(true)),
        ("the file is delivered", E::Delivered),
        ("the file cannot be delivered", E::Fileless),
        ("fail", E::Fail { attempt: None }),
        ("broken off", E::Interrupted { attempt: None }),
        ("cancel, from the requester", E::Cancel { reason: Reason::ByRequester }),
        ("trust ends", E::TrustEnded),
        ("`taken`, of all", E::Taken { seq: u64::MAX }),
        ("`receipt`", E::Applied),
        ("`abandoned`, `closed`, `unknown`", E::Abandoned),
    ];
    let line = |(name, event): (&str, work::Event)| {
        let cells = columns.iter().zip(&once).map(|(work, once)| {
            let [often, once] = [work, once].map(|work| work_to(work, event, 3_000));
            if often == once { often } else { format!("{often}, or {once}") }
        });
        row![name].into_iter().chain(cells).collect()
    };
    let timer = |work: &Work| match work.due() {
        Some(due) => work_to(work, E::Tick, due),
        None => NO.into(),
    };
    let time = row!["time"].into_iter().chain(columns.iter().map(timer)).collect();
    let limit = columns.map(|work| Work { limit: 5_000, lease: None, staged: None, ..work });
    let limit = limit.iter().map(|work| work_to(work, E::Tick, 7_000));
    let limit = row!["its limit"].into_iter().chain(limit).collect();
    events.map(line).into_iter().chain([time, limit]).collect()
}

/// What a worker says of a state.
fn report(seq: u64, state: State) -> Report {
    let task = TaskId::from_bytes([0x70 | 1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    Report { seq, state, ..Work::new(Execution::AtLeastOnce, MAX_LIMIT, 0).report(task) }
}

fn order_to(order: &Order, event: order::Event<'_>) -> String {
    match order.step(event, 3_000) {
        Ok(next) => {
            let next = next.unwrap_or(*order);
            if next.asking.is_some() { format!("{}, asking", next.state) } else { next.state.to_string() }
        }
        Err(refused @ (order::Refused::Abandoned | order::Refused::Closed(_))) => {
            format!("`{}`", words(&format!("{:?}", refused.denied())))
        }
        Err(_) => NO.into(),
    }
}

fn orders() -> Vec<Vec<String>> {
    use order::Event as E;

    let [held, submitted] = [true, false].map(|held| Order::new(MAX_LIMIT, held, 1_000));
    let heard = |seq, state| submitted.step(E::Reported(&report(seq, state)), 2_000).unwrap().unwrap();
    let asking = heard(3, State::Executing).step(E::CancelAsked, 2_000).unwrap().unwrap();
    let own = submitted.step(E::TrustEnded, 2_000).unwrap().unwrap();
    let columns = [
        held,
        submitted,
        heard(3, State::Executing),
        asking,
        heard(3, State::Completed),
        heard(3, State::Failed),
        own,
    ];
    let (old, executing, result, over) = (
        report(2, State::Accepted),
        report(4, State::Executing),
        report(4, State::Completed),
        report(4, State::Cancelled),
    );
    let events = [
        ("the file is delivered", E::Delivered),
        ("the file cannot be delivered", E::Fileless),
        ("`status`: executing", E::Answered(&executing)),
        ("`status` to a cancellation: completed", E::CancelAnswered(&result)),
        ("`status` to a cancellation: cancelled", E::CancelAnswered(&over)),
        ("report that is older", E::Reported(&old)),
        ("report: executing", E::Reported(&executing)),
        ("report: completed", E::Reported(&result)),
        ("report: cancelled", E::Reported(&over)),
        ("`denied`, for good", E::Denied(Denied::Score)),
        ("`denied`, for now", E::Denied(Denied::Full)),
        ("the result is applied", E::Applied),
        ("cancel", E::CancelAsked),
        ("abandon", E::Abandon),
        ("trust ends", E::TrustEnded),
    ];
    let line = |(name, event): (&str, order::Event<'_>)| {
        row![name].into_iter().chain(columns.iter().map(|order| order_to(order, event))).collect()
    };
    let timer = |order: &Order| match order.due() {
        Some(due) => order.step(E::Tick, due).unwrap().map_or(NO.into(), |next| {
            if next.asking.is_some() { format!("{}, asking", next.state) } else { next.state.to_string() }
        }),
        None => NO.into(),
    };
    let time = row!["time"].into_iter().chain(columns.iter().map(timer)).collect();
    events.map(line).into_iter().chain([time]).collect()
}
