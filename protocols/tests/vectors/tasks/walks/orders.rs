//! A task at its requester.

use airway_protocols::tasks::{
    self, Execution, Report, SUBMIT_RETRY,
    order::{self, Order},
    work::Work,
};
use serde_json::json;

use super::*;

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

pub(in super::super) fn orders() -> Vec<Walk> {
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
