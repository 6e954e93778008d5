//! What owners, executors and time may do.

use airway_protocols::tasks::{order, work};

use crate::world::{LEASE, World};

/// What an owner or an executor may do at the worker.
const WORK: [work::Event; 14] = [
    work::Event::Accept,
    work::Event::Decline,
    work::Event::Start { lease: None },
    work::Event::Start { lease: Some(LEASE) },
    work::Event::Progress { attempt: None, progress: Some(500) },
    work::Event::Progress { attempt: Some(1), progress: None },
    work::Event::Complete { attempt: None, held: false },
    work::Event::Complete { attempt: Some(1), held: true },
    work::Event::Delivered,
    work::Event::Fileless,
    work::Event::Fail { attempt: None },
    work::Event::Fail { attempt: Some(1) },
    work::Event::Interrupted { attempt: None },
    work::Event::Restarted,
];

/// What an owner may do at the requester.
const ORDER: [order::Event<'static>; 4] =
    [order::Event::Delivered, order::Event::Fileless, order::Event::CancelAsked, order::Event::Abandon];

/// All worlds that one deed leads to.
pub(crate) fn all(world: &World) -> Vec<World> {
    let mut worlds = Vec::new();
    worlds.extend(WORK.into_iter().filter_map(|event| world.work(event)));
    worlds.extend(ORDER.into_iter().filter_map(|event| world.order(event)));
    worlds.extend(world.refuse());
    worlds.extend(world.accept_at_once());
    worlds.extend(pass_here(world));
    worlds.extend(pass_there(world));
    worlds.extend(trust(world));
    for next in &mut worlds {
        next.deeds = world.deeds - 1;
    }
    worlds
}

/// Time passes at the requester until something is due.
pub(crate) fn pass_here(world: &World) -> Option<World> {
    let now = world.order.due()?.max(world.clocks.0);
    World { clocks: (now, world.clocks.1), ..world.clone() }.order(order::Event::Tick)
}

/// Time passes at the worker until something is due.
pub(crate) fn pass_there(world: &World) -> Option<World> {
    let now = world.work?.due()?.max(world.clocks.1);
    World { clocks: (world.clocks.0, now), ..world.clone() }.work(work::Event::Tick)
}

/// Trust ends at either side, of which the other need not hear, or begins anew.
fn trust(world: &World) -> Vec<World> {
    let (here, there) = world.trust;
    let ended = World { trust: (false, there), ..world.clone() };
    let mut worlds =
        vec![World { trust: (!here, there), ..ended.order(order::Event::TrustEnded).unwrap_or(ended) }];
    let ended = World { trust: (here, false), ..world.clone() };
    worlds.push(World { trust: (here, !there), ..ended.work(work::Event::TrustEnded).unwrap_or(ended) });
    worlds
}
