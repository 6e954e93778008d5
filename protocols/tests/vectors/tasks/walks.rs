//! Walks of both machines.

use airway_protocols::tasks::{
    self, Execution, HEAD_TIME, RESULT_RETRY, Report, SUBMIT_RETRY,
    order::{self, Order},
    work::{Event, Work},
};
use serde_json::{Value as Json, json};

use super::*;

/// A limit of a task: ten hours.
const LIMIT: u64 = 36_000_000;

#[derive(Serialize)]
pub(super) struct Walk {
    name: &'static str,
    start: Json,
    steps: Vec<Step>,
}

/// An event, and what the machine is behind it.
#[derive(Serialize)]
struct Step {
    now: u64,
    event: Json,
    refused: Option<String>,
    after: Json,
    due: Option<u64>,
}

fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap()
}

fn work(name: &'static str, start: Work, events: &[(u64, Event)]) -> Walk {
    let mut work = start;
    let step = |(now, event): &(u64, Event)| {
        let step = work.step(*event, *now);
        let refused = step.as_ref().err().map(ToString::to_string);
        work = step.ok().flatten().unwrap_or(work);
        Step { now: *now, event: json(event), refused, after: json(&work), due: work.due() }
    };
    let steps = events.iter().map(step).collect();
    Walk { name, start: json(&start), steps }
}

fn task(execution: Execution) -> Work {
    Work::new(execution, LIMIT, 1_000)
}

pub(super) fn works() -> Vec<Walk> {
    [to_its_end(), broken_off(), timed(), given_up()].into_iter().flatten().collect()
}

fn to_its_end() -> Vec<Walk> {
    use Event::*;

    let begun = [(2_000, Accept), (3_000, Stage), (4_000, Start { lease: Some(30_000) })];
    let way = |rest: &[(u64, Event)]| [&begun[..], rest].concat();
    let complete = |held| Complete { attempt: Some(1), held };
    vec![
        work(
            "to a success",
            task(Execution::AtLeastOnce),
            &way(&[
                (5_000, Taken { seq: 2 }),
                (14_000, Beat { attempt: Some(1) }),
                (24_000, Progress { attempt: Some(1), progress: Some(500) }),
                (34_000, Progress { attempt: None, progress: None }),
                (64_000, complete(false)),
                (64_500, complete(false)),
                (65_000, Cancel { reason: Reason::ByRequester }),
                (65_500, Taken { seq: 6 }),
                (66_000, Applied),
                (67_000, Applied),
                (68_000, TrustEnded),
            ]),
        ),
        work(
            "with a file as its result",
            task(Execution::AtMostOnce),
            &way(&[
                (5_000, Delivered),
                (64_000, complete(true)),
                (64_500, Applied),
                (65_000, Delivered),
                (65_500, Fileless),
                (66_000, Applied),
            ]),
        ),
        work(
            "with a file that is not delivered",
            task(Execution::AtLeastOnce),
            &way(&[
                (64_000, complete(true)),
                (65_000, Fileless),
                (66_000, Delivered),
                (67_000, Taken { seq: 4 }),
            ]),
        ),
        work(
            "declined",
            task(Execution::AtLeastOnce),
            &[(2_000, Decline), (2_500, Decline), (3_000, Accept), (4_000, Taken { seq: 2 })],
        ),
        work(
            "to a failure",
            Work::accepted(Execution::AtLeastOnce, LIMIT, 1_000),
            &[
                (2_000, Decline),
                (3_000, Start { lease: None }),
                (4_000, Accept),
                (5_000, Fail { attempt: Some(1) }),
                (6_000, Complete { attempt: None, held: false }),
                (7_000, Applied),
            ],
        ),
    ]
}

fn broken_off() -> Vec<Walk> {
    use Event::*;

    let start = |lease| Start { lease };
    let first = Some(1);
    vec![
        work(
            "a lease that lapses, and the execution after it",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Stage),
                (4_000, start(Some(30_000))),
                (33_999, Tick),
                (34_000, Tick),
                (34_500, Stage),
                (35_500, start(Some(30_000))),
                (36_000, Beat { attempt: first }),
                (36_000, Progress { attempt: first, progress: Some(900) }),
                (36_000, Complete { attempt: first, held: false }),
                (36_000, Fail { attempt: first }),
                (36_000, Interrupted { attempt: first }),
                (60_000, Restarted),
                (80_000, Interrupted { attempt: Some(2) }),
                (80_000, Fail { attempt: None }),
            ],
        ),
        work(
            "executed once at most",
            task(Execution::AtMostOnce),
            &[
                (2_000, Accept),
                (3_000, start(Some(30_000))),
                (33_000, Tick),
                (34_000, Accept),
                (35_000, Applied),
            ],
        ),
        work(
            "executed once at most, and broken off",
            task(Execution::AtMostOnce),
            &[(2_000, Accept), (3_000, start(None)), (4_000, Interrupted { attempt: None })],
        ),
    ]
}

fn timed() -> Vec<Walk> {
    use Event::*;

    vec![
        work(
            "not accepted",
            task(Execution::AtLeastOnce),
            &[(60_999, Tick), (61_000, Tick), (62_000, Accept)],
        ),
        work(
            "too long at the head of the queue",
            task(Execution::AtLeastOnce),
            &[(2_000, Accept), (3_000, Stage), (3_000 + HEAD_TIME, Tick), (4_000 + HEAD_TIME, Applied)],
        ),
        work(
            "its limit",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Start { lease: None }),
                (1_000 + LIMIT, Tick),
                (2_000 + LIMIT, Taken { seq: 4 }),
            ],
        ),
        work(
            "a result that nobody takes",
            task(Execution::AtLeastOnce),
            &[
                (2_000, Accept),
                (3_000, Start { lease: None }),
                (4_000, Complete { attempt: None, held: false }),
                (1_000 + LIMIT, Tick),
                (4_000 + RESULT_RETRY, Tick),
            ],
        ),
    ]
}

fn given_up() -> Vec<Walk> {
    use Event::*;

    let running = [(2_000, Accept), (3_000, Start { lease: Some(60_000) })];
    let way = |rest: &[(u64, Event)]| [&running[..], rest].concat();
    let task = || task(Execution::AtLeastOnce);
    let cancel = Cancel { reason: Reason::ByRequester };
    let complete = |held| (4_000, Complete { attempt: None, held });
    vec![
        work(
            "called off",
            task(),
            &way(&[(4_000, cancel), (5_000, cancel), (6_000, Beat { attempt: Some(1) })]),
        ),
        work(
            "called off before it came",
            Work::tombstone(Reason::ByRequester, 1_000),
            &[(2_000, Accept), (3_000, cancel), (4_000, Stage), (5_000, Tick)],
        ),
        work("trust that ends", task(), &way(&[(4_000, TrustEnded)])),
        work(
            "trust that ends behind a result",
            task(),
            &way(&[complete(false), (5_000, TrustEnded), (6_000, Abandoned)]),
        ),
        work(
            "trust that ends while a file is on its way",
            task(),
            &way(&[complete(true), (5_000, TrustEnded)]),
        ),
        work("abandoned", task(), &way(&[(4_000, Abandoned), (5_000, Abandoned)])),
        work("abandoned behind a result", task(), &way(&[complete(false), (5_000, Abandoned)])),
    ]
}

/// What happens to an order, and what is written of it.
enum Happens {
    Delivered,
    Fileless,
    Answered(u64, State),
    CancelAnswered(u64, State),
    Reported(u64, State),
    Denied(tasks::Denied),
    CancelAsked,
    Abandon,
    TrustEnded,
    Tick,
    Applied,
}

impl Happens {
    fn report(&self) -> Report {
        let nothing = Work::new(Execution::AtLeastOnce, LIMIT, 0).report(id());
        match *self {
            Self::Answered(seq, state) | Self::CancelAnswered(seq, state) | Self::Reported(seq, state) => {
                let reason = matches!(state, State::Cancelled).then_some(Reason::ByRequester);
                let attempt = u32::from(matches!(state, State::Executing | State::Completed | State::Failed));
                Report { seq, state, reason, attempt, ..nothing }
            }
            _ => nothing,
        }
    }

    fn event<'a>(&self, report: &'a Report) -> order::Event<'a> {
        match self {
            Self::Delivered => order::Event::Delivered,
            Self::Fileless => order::Event::Fileless,
            Self::Answered(..) => order::Event::Answered(report),
            Self::CancelAnswered(..) => order::Event::CancelAnswered(report),
            Self::Reported(..) => order::Event::Reported(report),
            Self::Denied(denied) => order::Event::Denied(*denied),
            Self::CancelAsked => order::Event::CancelAsked,
            Self::Abandon => order::Event::Abandon,
            Self::TrustEnded => order::Event::TrustEnded,
            Self::Tick => order::Event::Tick,
            Self::Applied => order::Event::Applied,
        }
    }

    fn json(&self, report: &Report) -> Json {
        let Report { seq, state, attempt, reason, progress, .. } = report;
        let report = || json!({"seq": seq, "state": state, "attempt": attempt, "reason": reason, "progress": progress});
        match self {
            Self::Delivered => "delivered".into(),
            Self::Fileless => "fileless".into(),
            Self::Answered(..) => json!({"answered": report()}),
            Self::CancelAnswered(..) => json!({"cancel_answered": report()}),
            Self::Reported(..) => json!({"reported": report()}),
            Self::Denied(denied) => json!({"denied": denied}),
            Self::CancelAsked => "cancel_asked".into(),
            Self::Abandon => "abandon".into(),
            Self::TrustEnded => "trust_ended".into(),
            Self::Tick => "tick".into(),
            Self::Applied => "applied".into(),
        }
    }
}

fn order(name: &'static str, held: bool, events: &[(u64, Happens)]) -> Walk {
    let start = Order::new(LIMIT, held, 1_000);
    let mut order = start;
    let step = |(now, happens): &(u64, Happens)| {
        let report = happens.report();
        let step = order.step(happens.event(&report), *now);
        let refused = step.as_ref().err().map(ToString::to_string);
        order = step.ok().flatten().unwrap_or(order);
        let event = happens.json(&report);
        Step { now: *now, event, refused, after: json(&order), due: order.due() }
    };
    let steps = events.iter().map(step).collect();
    Walk { name, start: json(&start), steps }
}

pub(super) fn orders() -> Vec<Walk> {
    [heard(), called_off(), waited()].into_iter().flatten().collect()
}

fn heard() -> Vec<Walk> {
    use Happens::*;
    use State::{Accepted, Completed, Declined, Executing, Failed, New, Succeeded};

    vec![
        order(
            "to a success",
            false,
            &[
                (2_000, Answered(1, New)),
                (3_000, Reported(3, Executing)),
                (3_500, Reported(2, Accepted)),
                (4_000, Reported(4, Accepted)),
                (5_000, Reported(5, Executing)),
                (6_000, Applied),
                (7_000, Reported(6, Completed)),
                (7_000, Applied),
                (8_000, Reported(6, Completed)),
                (9_000, Reported(7, Failed)),
                (9_000, CancelAsked),
                (9_500, TrustEnded),
            ],
        ),
        order(
            "declined",
            false,
            &[(2_000, Answered(1, New)), (3_000, Reported(2, Declined)), (4_000, Applied)],
        ),
        order(
            "a result that is heard of before it comes",
            false,
            &[(2_000, Answered(4, Completed)), (3_000, Reported(4, Completed)), (3_000, Applied)],
        ),
        order(
            "what the worker has a receipt for",
            false,
            &[(2_000, Answered(4, Succeeded)), (3_000, Applied)],
        ),
        order(
            "denied, for now and for good",
            false,
            &[
                (2_000, Denied(tasks::Denied::Full)),
                (3_000, Denied(tasks::Denied::Later)),
                (4_000, Denied(tasks::Denied::NoFile)),
                (5_000, Denied(tasks::Denied::Score)),
                (6_000, Reported(1, New)),
            ],
        ),
        order(
            "denied, though it is there",
            false,
            &[(2_000, Answered(1, New)), (3_000, Denied(tasks::Denied::NotAllowed))],
        ),
    ]
}

fn called_off() -> Vec<Walk> {
    use Happens::*;
    use State::{Cancelled, Completed, Executing, New};

    vec![
        order(
            "called off",
            false,
            &[
                (2_000, Answered(1, New)),
                (3_000, CancelAsked),
                (3_500, CancelAsked),
                (4_000, Reported(2, Executing)),
                (5_000, CancelAnswered(3, Cancelled)),
                (6_000, CancelAnswered(3, Cancelled)),
                (7_000, Reported(4, Completed)),
            ],
        ),
        order(
            "called off too late",
            false,
            &[
                (2_000, CancelAsked),
                (3_000, CancelAnswered(4, Completed)),
                (4_000, Reported(4, Completed)),
                (4_000, Applied),
            ],
        ),
        order(
            "abandoned",
            false,
            &[
                (2_000, Answered(2, Executing)),
                (3_000, Abandon),
                (3_500, Abandon),
                (4_000, Reported(3, Completed)),
                (5_000, CancelAnswered(3, Completed)),
                (6_000, CancelAsked),
            ],
        ),
        order("abandoned, and nobody hears", false, &[(2_000, Abandon), (2_000 + SUBMIT_RETRY, Tick)]),
        order(
            "trust that ends",
            false,
            &[(2_000, CancelAsked), (3_000, TrustEnded), (4_000, Reported(1, New))],
        ),
    ]
}

fn waited() -> Vec<Walk> {
    use Happens::*;
    use State::{Completed, Executing, New};

    vec![
        order("nobody answers", false, &[(SUBMIT_RETRY, Tick), (1_000 + SUBMIT_RETRY, Tick)]),
        order(
            "its limit",
            false,
            &[
                (2_000, Answered(1, New)),
                (3_000, Reported(3, Executing)),
                (1_999 + LIMIT, Tick),
                (2_000 + LIMIT, Tick),
                (2_000 + LIMIT + SUBMIT_RETRY, Tick),
            ],
        ),
        order(
            "a result that never comes",
            false,
            &[(2_000, Answered(4, Completed)), (2_000 + LIMIT, Tick), (2_000 + SUBMIT_RETRY, Tick)],
        ),
        order("with a file", true, &[(2_000, Delivered), (3_000, Fileless), (4_000, Answered(1, New))]),
        order("with a file that is not delivered", true, &[(2_000, Fileless), (3_000, Delivered)]),
        order("called off while its file is on its way", true, &[(2_000, CancelAsked), (3_000, CancelAsked)]),
        order("abandoned while its file is on its way", true, &[(2_000, Abandon)]),
    ]
}
