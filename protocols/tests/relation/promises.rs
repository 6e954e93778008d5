//! What holds in every world, and for every statement that arrives.

use airway_protocols::trust::{Change, Kind, State, Step};

use crate::world::World;

/// Rounds of last statements after which nothing changes any more.
const ROUNDS: usize = 8;

/// What holds in every world.
pub(crate) fn check(world: &World) {
    for party in &world.parties {
        let trusted = party.relation.is_trusted();
        assert!(!trusted || party.stands, "trust of somebody who neither asked nor approved: {world:#?}");
    }
    for first in [0, 1] {
        check_agreement(world, first);
    }
}

/// Once the last statement of each has arrived, both trust or neither does.
fn check_agreement(world: &World, first: usize) {
    let mut now = world.clone();
    for _ in 0..ROUNDS {
        let before = now.clone();
        for who in [first, 1 - first] {
            if let Some(last) = now.parties[1 - who].said.len().checked_sub(1) {
                now = now.deliver(who, last).unwrap_or(now);
            }
        }
        if now == before {
            let excused =
                now.parties.iter().any(|party| party.quiet || party.relation.state == State::Blocked);
            let [a, b] = &now.parties;
            assert!(
                excused || a.relation.is_trusted() == b.relation.is_trusted(),
                "one trusts alone: {now:#?}\nfrom {world:#?}"
            );
            return;
        }
    }
    panic!("they never come to an end: {world:#?}");
}

/// What holds for the arrival of a statement.
pub(crate) fn check_step(before: &World, who: usize, place: usize, step: &Step) {
    let (party, other) = (&before.parties[who], &before.parties[1 - who]);
    let said = &other.said[place];
    if said.kind == Kind::Revoke && place + 1 == other.said.len() {
        assert!(
            !step.relation.is_trusted(),
            "the last word is a revoke, and yet trust: {before:#?} {said:?}"
        );
    }
    if place < party.revoked_up_to {
        let trusted = party.relation.is_trusted();
        assert_eq!(trusted, step.relation.is_trusted(), "a recording changes trust: {before:#?} {said:?}");
        // A late refusal of our request is still one.
        let refusal = matches!(said.kind, Kind::Reject | Kind::Revoke);
        let settled = refusal && matches!(party.relation.state, State::Requested { .. });
        let unchanged = step.change == Change::None && step.say.is_none() && step.relation == party.relation;
        assert!(settled || unchanged, "a recording changes something: {before:#?} {said:?} {step:?}");
    }
}

/// Who has heard a revoke comes back to trust by new deeds on both sides alone.
pub(crate) fn check_return(before: &World, after: &World, who: usize) {
    let (party, other) = (&after.parties[who], &after.parties[1 - who]);
    if party.relation.is_trusted() && !before.parties[who].relation.is_trusted() {
        assert!(party.stands_anew, "back without asking: {before:#?} {after:#?}");
        assert!(other.stood_at > party.revoked_up_to, "back unasked: {before:#?} {after:#?}");
    }
}
