//! What is done, who dies while it is done, and where.

use std::time::Duration;

use rand::{Rng as _, rngs::SmallRng, seq::SliceRandom as _};

use crate::crash::Place::{self, *};

/// The latest of the moments that are left to chance: whatever is done is mostly over by then.
const LATEST: Duration = Duration::from_millis(400);

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Bob asks alice for trust.
    Ask,
    /// Alice approves bob's request.
    Approve,
    /// Alice ceases to trust bob, who is busy with her.
    Revoke,
    /// Bob uses a ticket of alice's.
    Pair,
}

/// Who dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Alice,
    Bob,
}

/// When it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(Place),
    /// So long after it was begun.
    After(Duration),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) deed: Deed,
    pub(crate) victim: Victim,
    pub(crate) moment: Moment,
}

/// In this order the end of each is the beginning of the next.
const DEEDS: [Deed; 4] = [Deed::Ask, Deed::Approve, Deed::Revoke, Deed::Pair];

/// Where every turn comes by.
const TURN: [Place; 6] = [Decided, HalfWritten, Written, Committed, Settled, Followed];

/// Where a victim comes by besides, while this is done.
fn besides(deed: Deed, victim: Victim) -> &'static [Place] {
    match (deed, victim) {
        (Deed::Ask, Victim::Alice) => &[KnockToBeAnswered, KnockAnswered],
        (Deed::Ask, Victim::Bob) => &[ToBeSaid],
        (Deed::Approve, Victim::Alice) => &[ToBeSaid, Said, Acknowledged],
        (Deed::Approve, Victim::Bob) => &[ToBeAnswered, Answered],
        (Deed::Revoke, Victim::Alice) => &[Cut, Disconnected, ToBeSaid, Said, Acknowledged],
        (Deed::Revoke, Victim::Bob) => &[Cut, Disconnected, ToBeAnswered, Answered],
        (Deed::Pair, Victim::Alice) => &[KnockToBeAnswered, KnockAnswered, ToBeSaid, Said, Acknowledged],
        (Deed::Pair, Victim::Bob) => &[ToBeSaid, ToBeAnswered, Answered],
    }
}

/// Every place that a victim reaches while this is done.
fn places(deed: Deed) -> Vec<Round> {
    let of = |victim| {
        let places = TURN.iter().chain(besides(deed, victim));
        places.map(move |place| Round { deed, victim, moment: Moment::At(*place) })
    };
    of(Victim::Alice).chain(of(Victim::Bob)).collect()
}

/// All places so many times, each time in another order.
pub(crate) fn all_places(times: usize, rng: &mut SmallRng) -> Vec<Round> {
    let mut rounds = Vec::new();
    for _ in 0..times {
        let mut by_deed = DEEDS.map(places);
        by_deed.iter_mut().for_each(|rounds| rounds.shuffle(rng));
        let longest = by_deed.iter().map(Vec::len).max().unwrap_or_default();
        rounds.extend((0..longest).flat_map(|at| by_deed.each_ref().map(|of| of.get(at).copied())).flatten());
    }
    rounds
}

/// So many rounds at moments that are left to chance.
pub(crate) fn by_chance(rounds: usize, rng: &mut SmallRng) -> Vec<Round> {
    let round = |at: usize| Round {
        deed: DEEDS[at % DEEDS.len()],
        victim: if rng.random() { Victim::Alice } else { Victim::Bob },
        // More of them early, while most happens.
        moment: Moment::After(LATEST.mul_f64(rng.random::<f64>().powi(2))),
    };
    (0..rounds).map(round).collect()
}
