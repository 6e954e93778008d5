//! The relation between two agents: every state, and every event in it.

use airway_protocols::trust::{Change, Event, Kind, MAX_GENERATION, Relation, Say, State, StatementId, Step};

use super::{document::Table, numbers::words};
use crate::row;

/// A request of ours, one of the other's that we know, and a third one.
const OURS: StatementId = StatementId::from_bytes([1; 32]);
const THEIRS: StatementId = StatementId::from_bytes([2; 32]);
const NEW: StatementId = StatementId::from_bytes([3; 32]);

/// What a relation knows before the event: its generation, and the time of what was heard last.
const GENERATION: u64 = 10;
const HEARD: u64 = 10;

/// Generations that a statement may have, on either side of ours.
const GENERATIONS: [u64; 4] = [1, 10, 11, 20];

/// Times that a statement may have: older, the same, newer.
const OLD: u64 = 5;
const NOW: u64 = 15;

const STATES: [(&str, State); 6] = [
    ("Stranger", State::Stranger),
    ("Requested(o)", State::Requested { request: OURS }),
    ("Pending(t)", State::Pending { request: THEIRS }),
    ("Trusted(t)", State::Trusted { request: Some(THEIRS) }),
    ("Trusted(–)", State::Trusted { request: None }),
    ("Blocked", State::Blocked),
];

type Make = fn(u64) -> Event;

fn heard(kind: Kind, id: StatementId, generation: u64, at: u64, answers: Option<StatementId>) -> Event {
    Event::Heard { kind, id, generation, at, answers }
}

/// What the owner and the clock do.
const LOCAL: [(&str, Make); 8] = [
    ("ask with a new request n", |_| Event::Ask { request: NEW }),
    ("approve", |_| Event::Approve),
    ("reject, and tell", |_| Event::Reject { tell: true }),
    ("reject in silence", |_| Event::Reject { tell: false }),
    ("revoke", |_| Event::Revoke),
    ("block", |_| Event::Block),
    ("unblock", |_| Event::Unblock),
    ("lapse", |_| Event::Lapse),
];

/// What the other says.
const REMOTE: [(&str, Make); 17] = [
    ("request n, newer", |g| heard(Kind::Request, NEW, g, NOW, None)),
    ("request n, not newer", |g| heard(Kind::Request, NEW, g, OLD, None)),
    ("request t, at = heard", |g| heard(Kind::Request, THEIRS, g, HEARD, None)),
    ("vouched request n, newer", |g| Event::Vouched { id: NEW, generation: g, at: NOW }),
    ("vouched request n, not newer", |g| Event::Vouched { id: NEW, generation: g, at: OLD }),
    ("vouched request t, at = heard", |g| Event::Vouched { id: THEIRS, generation: g, at: HEARD }),
    ("accept of o, newer", |g| heard(Kind::Accept, NEW, g, NOW, Some(OURS))),
    ("accept of another, newer", |g| heard(Kind::Accept, NEW, g, NOW, Some(NEW))),
    ("accept of o, not newer", |g| heard(Kind::Accept, NEW, g, OLD, Some(OURS))),
    ("reject of o, newer", |g| heard(Kind::Reject, NEW, g, NOW, Some(OURS))),
    ("reject of o, not newer", |g| heard(Kind::Reject, NEW, g, OLD, Some(OURS))),
    ("reject of another, newer", |g| heard(Kind::Reject, NEW, g, NOW, Some(NEW))),
    ("revoke of o, newer", |g| heard(Kind::Revoke, NEW, g, NOW, Some(OURS))),
    ("revoke of o, not newer, G < g", |_| heard(Kind::Revoke, NEW, 1, OLD, Some(OURS))),
    ("revoke of t, not newer, G < g", |_| heard(Kind::Revoke, NEW, 1, OLD, Some(THEIRS))),
    ("revoke of nothing, newer", |g| heard(Kind::Revoke, NEW, g, NOW, None)),
    ("revoke of nothing, not newer, G ≥ g", |g| heard(Kind::Revoke, NEW, g.max(GENERATION), OLD, None)),
];

/// What is left: words that come too late.
const LATE: (&str, Make) =
    ("revoke of nothing, not newer, G < g", |_| heard(Kind::Revoke, NEW, 1, OLD, None));

pub(crate) fn tables() -> Vec<Table> {
    let all = |events: &[(&str, Make)]| events.iter().map(|(name, make)| line(name, *make)).collect();
    let remote: Vec<_> = REMOTE.into_iter().chain([LATE]).collect();
    vec![
        Table { name: "relation-local", rows: all(&LOCAL) },
        Table { name: "relation-heard", rows: all(&remote) },
    ]
}

fn line(name: &str, make: Make) -> Vec<String> {
    let cells = STATES.iter().map(|(_, state)| cell(*state, make));
    row![name].into_iter().chain(cells).collect()
}

/// What becomes of one state. At every generation it has to be the same.
fn cell(state: State, make: Make) -> String {
    let outcomes = GENERATIONS.map(|generation| {
        let relation = Relation { state, generation: GENERATION, heard: HEARD };
        let event = make(generation);
        match relation.step(event) {
            Ok(step) => {
                check_heard(state, &event, &step);
                (Some(step), said(&step))
            }
            Err(refused) => (None, format!("✗ {}", words(&format!("{refused:?}")))),
        }
    });
    let (first, text) = &outcomes[0];
    if outcomes.iter().any(|(_, other)| other != text) {
        let differ: Vec<_> = outcomes.iter().map(|(_, text)| text.as_str()).collect();
        panic!("it depends on the generation: {differ:?}");
    }
    let Some(step) = first else { return text.clone() };
    let after = outcomes.iter().zip(GENERATIONS).map(|((step, _), heard)| {
        (step.map_or(GENERATION, |step| step.relation.generation), generation_of(&make(heard)))
    });
    let generation = rule(&after.collect::<Vec<_>>());
    if step.change == Change::None && step.say.is_none() && step.relation.state == state {
        assert_eq!(generation, "", "a generation without a change");
        return "–".into();
    }
    format!("{text}{generation}")
}

/// The time of what was heard last grows with everything that is heard, but not while the other is blocked.
fn check_heard(before: State, event: &Event, step: &Step) {
    let at = match event {
        Event::Heard { at, .. } | Event::Vouched { at, .. } if before != State::Blocked => *at,
        _ => HEARD,
    };
    assert_eq!(step.relation.heard, at.max(HEARD));
}

fn generation_of(event: &Event) -> u64 {
    match event {
        Event::Heard { generation, .. } | Event::Vouched { generation, .. } => *generation,
        _ => 0,
    }
}

/// How the generation came about, from several pairs of what it is now and what the statement had.
fn rule(after: &[(u64, u64)]) -> &'static str {
    let fits = |rule: fn(u64) -> u64| after.iter().all(|(is, heard)| *is == rule(*heard));
    if fits(|_| GENERATION) {
        ""
    } else if fits(|_| GENERATION + 1) {
        "; g+1"
    } else if fits(|heard| GENERATION.max(heard)) {
        "; max(g, G)"
    } else if fits(|heard| (GENERATION + 1).max(heard)) {
        "; max(g+1, G)"
    } else {
        panic!("no rule gives {after:?}")
    }
}

/// State, words and change of a step.
fn said(step: &Step) -> String {
    let state = match step.relation.state {
        State::Stranger => "Stranger".to_owned(),
        State::Requested { request } => format!("Requested({})", letter(request)),
        State::Pending { request } => format!("Pending({})", letter(request)),
        State::Trusted { request } => format!("Trusted({})", request.map_or("–", letter)),
        State::Blocked => "Blocked".into(),
    };
    let say = match step.say {
        None => String::new(),
        Some(Say::Request { .. }) => "; say request".into(),
        Some(Say::Accept { answers, .. }) => format!("; say accept({})", letter(answers)),
        Some(Say::Reject { answers, .. }) => format!("; say reject({})", letter(answers)),
        Some(Say::Revoke { answers, .. }) => format!("; say revoke({})", answers.map_or("–", letter)),
    };
    let signed = match step.say {
        Some(
            Say::Request { generation }
            | Say::Accept { generation, .. }
            | Say::Reject { generation, .. }
            | Say::Revoke { generation, .. },
        ) => generation,
        None => step.relation.generation,
    };
    assert!(signed == step.relation.generation && signed <= MAX_GENERATION, "signed with another generation");
    format!("**{state}**{say}")
}

fn letter(id: StatementId) -> &'static str {
    match id {
        OURS => "o",
        THEIRS => "t",
        _ => "n",
    }
}
