use airway_protocols::polo::{Entry, Graph};

use super::*;

/// Milliseconds of a week.
const WEEK: u64 = 7 * 24 * 60 * 60 * 1000;

/// Some time in a week.
const NOW: u64 = 2_800 * WEEK + 3 * 24 * 60 * 60 * 1000;

/// Who asks.
const VIEWER: u8 = 0;

#[derive(Serialize)]
pub(super) struct Scored {
    what: &'static str,
    receipts: Vec<Counted>,
    now: u64,
    viewer: u8,
    trusted: Vec<u8>,
    scores: Vec<Score>,
}

#[derive(Serialize, Clone, Copy)]
struct Counted {
    requester: u8,
    worker: u8,
    outcome: u8,
    reward: u64,
    at: u64,
}

#[derive(Serialize)]
struct Score {
    target: u8,
    milli: u64,
    raw: i64,
}

fn id(number: u8) -> AgentId {
    AgentId::from_bytes([number; 32])
}

fn paid(requester: u8, worker: u8, reward: u64, weeks: u64) -> Counted {
    Counted { requester, worker, outcome: Outcome::Success.into(), reward, at: NOW - weeks * WEEK }
}

fn lapsed(requester: u8, worker: u8) -> Counted {
    Counted { requester, worker, outcome: Outcome::Expired.into(), reward: 0, at: NOW }
}

fn scored(what: &'static str, receipts: Vec<Counted>, trusted: &[u8], targets: u8) -> Scored {
    let mut graph = Graph::default();
    for Counted { requester, worker, outcome, reward, at } in &receipts {
        let outcome = Outcome::try_from(*outcome).unwrap();
        let (requester, worker) = (id(*requester), id(*worker));
        graph.add(&Entry { requester, worker, outcome, reward: *reward, at: *at }).unwrap();
    }
    let trusts: Vec<_> = trusted.iter().copied().map(id).collect();
    let score = |target: u8| {
        let milli = graph.personal(&id(VIEWER), &trusts, &id(target), NOW).milli;
        Score { target, milli, raw: graph.raw(&id(target)) }
    };
    let scores = (0..targets).map(score).collect();
    Scored { what, receipts, now: NOW, viewer: VIEWER, trusted: trusted.into(), scores }
}

pub(super) fn graphs() -> Vec<Scored> {
    let failed = Counted { outcome: Outcome::Failed.into(), ..paid(0, 1, 0, 0) };
    let ahead = Counted { at: NOW + WEEK, ..paid(0, 1, 5, 0) };
    let weeks = |count: u64| (0..count).map(|week| paid(0, 1, 10, week)).collect();
    let mut all = vec![
        scored("trust alone", vec![], &[1], 3),
        scored("paid", vec![paid(0, 1, 3, 0)], &[], 3),
        scored("paid, and trusted", vec![paid(0, 1, 3, 0)], &[1], 3),
        scored("ten a week", vec![paid(0, 1, 8, 0), paid(0, 1, 8, 0)], &[], 2),
        scored("two for what expired", vec![paid(0, 1, 8, 0), lapsed(0, 1), lapsed(0, 1)], &[], 2),
        scored("more expired than paid", vec![paid(0, 1, 1, 0), lapsed(0, 1)], &[], 2),
        scored("a failure", vec![failed], &[], 2),
        scored("13 weeks ago", vec![paid(0, 1, 8, 13)], &[], 2),
        scored("90 weeks ago", vec![paid(0, 1, 8, 90)], &[], 2),
        scored("too long ago", vec![paid(0, 1, 10, 172)], &[], 2),
        scored("every week", weeks(8), &[], 2),
        scored("a hundred at most", weeks(60), &[], 2),
        scored("dated ahead", vec![ahead], &[], 2),
        scored("over three steps", (0..5).map(|at| paid(at, at + 1, 5, 0)).collect(), &[], 6),
        scored(
            "an edge counts once",
            vec![paid(0, 1, 10, 0), paid(0, 2, 10, 0), paid(1, 2, 4, 0), paid(1, 3, 3, 0), paid(2, 3, 5, 0)],
            &[],
            4,
        ),
    ];
    for (what, seed, agents, count) in
        [("random, of 8 agents", 7, 8, 40), ("random, of 20 agents", 11, 20, 150)]
    {
        all.push(random(what, seed, agents, count));
    }
    all
}

fn random(what: &'static str, seed: u64, agents: u64, count: usize) -> Scored {
    let mut dice = Dice(seed);
    let agent = |dice: &mut Dice| u8::try_from(dice.below(agents)).unwrap();
    let mut receipts = Vec::new();
    while receipts.len() < count {
        let (requester, worker) = (agent(&mut dice), agent(&mut dice));
        let (reward, weeks) = (1 + dice.below(9), dice.below(40));
        let is_lapsed = dice.below(8) == 0;
        if requester != worker {
            receipts.push(if is_lapsed {
                lapsed(requester, worker)
            } else {
                paid(requester, worker, reward, weeks)
            });
        }
    }
    scored(what, receipts, &[1, 2], u8::try_from(agents).unwrap())
}
