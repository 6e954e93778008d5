//! Broadcasts in a network of both languages: who hears what how soon, and what that costs; among honest members, and with
//! every fifth of them hostile.
//!
//! `AIRWAY_TEST_SIZE=full` has 30 members in place of 6. What is measured is printed; what is asserted is that it arrives.

mod network;
mod rogues;

use futures::future::join_all;

use self::{
    network::Network,
    rogues::{Attack, Kind},
};
use crate::size::size;

/// Of all that honest members say, what arrives at the others at least.
const DELIVERED: f64 = 0.999;

/// Rogues of each kind: with four kinds, at least a fifth of all.
fn of_each_kind() -> usize {
    size(1, 2)
}

/// Broadcasts of one run.
fn broadcasts() -> usize {
    size(40, 1_000)
}

/// Publishers in the run of several.
fn publishers() -> usize {
    size(3, 10)
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn what_honest_members_say_arrives_whatever_others_do() {
    let network = Network::new().await;
    eprintln!("{network}");
    for publishers in [1, publishers()] {
        let run = network.run(publishers, broadcasts()).await;
        eprintln!("{run}");
        eprintln!("  {}", network.ties().await);
        assert!(run.delivered() >= DELIVERED, "{run}");
    }
    let kinds = Kind::ALL.iter().cycle().take(of_each_kind() * Kind::ALL.len());
    let attacks = join_all(kinds.map(|kind| Attack::begin(*kind, &network))).await;
    let (run, found) = tokio::join!(network.run(publishers(), broadcasts()), network.find_out(&attacks));
    eprintln!("with {} rogues: {run}", attacks.len());
    for (attack, found) in attacks.iter().zip(&found) {
        eprintln!("  {}: {found}", attack.kind);
    }
    assert!(run.delivered() >= DELIVERED, "{run}");
    for (attack, found) in attacks.iter().zip(&found) {
        // Whoever forwards nothing does no harm that the others do not make up for, and is not told from whoever is slow.
        assert!(found.by_all() || attack.kind == Kind::Swallower, "{}: {found}", attack.kind);
    }
}
