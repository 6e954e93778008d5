//! Many die at once, and others come.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};

use crate::{
    agent::Agent,
    figures::Figures,
    mesh::{Mesh, published},
    size::{seed, size},
};

/// Lookups at the same time.
const AT_ONCE: usize = 4;

/// Lookups go on for this long at least: until those who were connected to a dead agent notice it takes 12 s.
const LASTS: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(30));

#[tokio::test]
#[expect(clippy::print_stderr, reason = "figures, with --nocapture")]
async fn those_who_live_are_found_while_others_die_and_come() {
    let (staying, dying) = size((7, 4), (34, 15));
    let seed = seed();
    let mesh = Mesh::new().await;
    let mut living = vec![mesh.founder.clone()];
    living.extend(mesh.grow(staying).await);
    let mortal = mesh.grow(dying).await;
    published(&living, staying + dying).await;
    published(&mortal, staying + dying).await;

    let is_over = AtomicBool::new(false);
    let start = Instant::now();
    let changes = async {
        mortal[0].process.kill().await;
        let new = mesh.grow(dying).await;
        eprintln!("{dying} of {} are replaced after {:.1?}", 1 + staying + dying, start.elapsed());
        published(&new, staying + dying).await;
        eprintln!("the new ones are published after {:.1?}", start.elapsed());
        tokio::time::sleep_until((start + size(LASTS.0, LASTS.1)).into()).await;
        is_over.store(true, Ordering::Relaxed);
        new
    };
    let lookers = (0..AT_ONCE).map(|number| look_around(&living, seed + number as u64, &is_over));
    let lookups = stream::iter(lookers).buffer_unordered(AT_ONCE).collect::<Vec<Figures>>();
    let (new, lookups) = tokio::join!(changes, lookups);
    let lookups = lookups.into_iter().reduce(Figures::join).unwrap();
    eprintln!("while they die and come: {lookups}");
    assert!(lookups.success() >= 0.99, "{:#?}", lookups.failures);

    let mut all = living;
    all.extend(new);
    let (enough, rng) = (AtomicBool::new(false), seed + AT_ONCE as u64);
    let stop = async {
        let for_now = Duration::from_secs(size(2, 10));
        tokio::time::sleep_until(tokio::time::Instant::now() + for_now).await;
        enough.store(true, Ordering::Relaxed);
    };
    let ((), after) = tokio::join!(stop, look_around(&all, rng, &enough));
    eprintln!("afterwards, with the new ones: {after}");
    assert!(after.success() >= 0.99, "{:#?}", after.failures);
}

/// Has any of these look for any other, again and again.
async fn look_around(agents: &[Agent], seed: u64, is_over: &AtomicBool) -> Figures {
    let (mut figures, mut rng) = (Figures::default(), SmallRng::seed_from_u64(seed));
    while !is_over.load(Ordering::Relaxed) {
        let pair: Vec<_> = agents.choose_multiple(&mut rng, 2).collect();
        let [agent, other] = pair.as_slice() else { break };
        let who = if rng.random() { other.name() } else { &other.me.address };
        figures.add(agent.look_for(other, who).await);
    }
    figures
}
