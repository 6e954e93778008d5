//! What holds in every world, and for every step.

use airway_protocols::tasks::{Execution, Reason, State};

use crate::{
    deeds::{pass_here, pass_there},
    world::World,
};

/// Rounds of all that was said, and of what is due next at either side, after which nothing changes any more.
const ROUNDS: usize = 24;

/// What holds in every world.
pub(crate) fn check(world: &World) {
    let order = &world.order;
    let succeeded = order.state == State::Succeeded;
    assert!(world.applied <= 1, "applied twice: {world:#?}");
    assert_eq!(succeeded, world.applied == 1, "a result, a receipt and a success are one: {world:#?}");
    if let Some(work) = &world.work {
        let done = matches!(work.state, State::Completed | State::Succeeded);
        assert!(!succeeded || done, "a success of which the worker knows nothing: {world:#?}");
        assert!(work.state != State::Succeeded || succeeded, "a receipt that nobody signed: {world:#?}");
        assert!(work.told <= work.seq && order.seq <= work.seq, "a report from nowhere: {world:#?}");
        assert!(work.execution == Execution::AtLeastOnce || work.attempt <= 1, "executed twice: {world:#?}");
        check_ends(world, work.state);
    } else {
        assert_eq!(order.seq, 0, "an answer from nobody: {world:#?}");
    }
}

/// Where the worker's word ended it at the requester, both name the same end.
fn check_ends(world: &World, state: State) {
    let own = [Reason::TrustEnded, Reason::Unreachable, Reason::Abandoned, Reason::Refused].map(Some);
    let order = &world.order;
    if order.state.is_final() && order.state != State::Succeeded && !own.contains(&order.reason) {
        assert_eq!(order.state, state, "two ends: {world:#?}");
    }
}

/// Once everything that is said arrives, and time passes, it is over on both sides, though nobody does anything.
pub(crate) fn check_end(world: &World) {
    let mut now = world.clone();
    for _ in 0..ROUNDS {
        let before = now.clone();
        for said in &before.said {
            now = now.deliver(said).unwrap_or(now);
        }
        now = pass_there(&now).unwrap_or(now);
        now = pass_here(&now).unwrap_or(now);
        assert!(now.applied <= 1, "applied twice in the end: {now:#?}\nfrom {world:#?}");
        if now == before {
            assert!(now.order.is_settled(), "the requester never ends: {now:#?}\nfrom {world:#?}");
            let settled = now.work.is_none_or(|work| work.is_settled());
            assert!(settled, "the worker never ends: {now:#?}\nfrom {world:#?}");
            check_ends(&now, now.work.map_or(now.order.state, |work| work.state));
            return;
        }
    }
    panic!("they never come to an end: {now:#?}\nfrom {world:#?}");
}

/// What holds for every step.
pub(crate) fn check_step(before: &World, after: &World) {
    let (was, is) = (before.order.state, after.order.state);
    assert!(!was.is_final() || was == is, "the requester leaves an end: {before:#?} {after:#?}");
    assert!(before.order.seq <= after.order.seq, "the requester forgets: {before:#?} {after:#?}");
    let (Some(was), Some(is)) = (before.work, after.work) else {
        assert!(before.work.is_none(), "the worker loses it: {before:#?} {after:#?}");
        return;
    };
    assert!(
        !was.state.is_final() || was.state == is.state,
        "the worker leaves an end: {before:#?} {after:#?}"
    );
    assert!(was.seq <= is.seq && was.told <= is.told, "the worker forgets: {before:#?} {after:#?}");
    let quiet = was.state == is.state || is.seq > was.seq || is.state == State::Succeeded || is.held;
    assert!(quiet, "a change that is no news: {before:#?} {after:#?}");
    assert!(is.attempt == was.attempt || was.state == State::Accepted, "two at once: {before:#?} {after:#?}");
    let answer = matches!(is.state, State::Succeeded) || was.state == is.state;
    let taken = is.state == State::Cancelled && is.reason == Some(Reason::Abandoned);
    let done = was.state == State::Completed && !was.held;
    assert!(!done || answer || taken, "a result is lost: {before:#?} {after:#?}");
}
