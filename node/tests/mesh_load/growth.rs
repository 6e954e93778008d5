//! Many clients of few servers.
#![expect(clippy::print_stderr, reason = "figures, with --nocapture")]

use std::time::Instant;

use futures::{StreamExt as _, stream};
use rand::{SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};

use crate::{
    agent::Agent,
    figures::{Figures, Spread},
    mesh::{Mesh, published},
    size::{seed, size},
};

/// Whom each client looks for.
const TARGETS: usize = 3;

/// Clients that look at the same time.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn clients_of_few_servers_find_each_other() {
    let (servers, inviters, processes, each) = size((3, 2, 2, 6), (20, 4, 4, 50));
    let mut rng = SmallRng::seed_from_u64(seed());
    let mesh = Mesh::new().await;
    let process = mesh.process();
    let inviting = mesh.founder.invite(true).await;
    let makers = mesh.join(&process, inviters, "server", &inviting).await;
    mesh.join(&process, servers - inviters, "server", &mesh.invite).await;
    let mut invites = Vec::new();
    for (maker, _) in &makers {
        invites.push(maker.invite(false).await);
    }

    let (mut clients, mut took, start) = (Vec::new(), Vec::new(), Instant::now());
    for number in 0..processes {
        let (process, invite) = (mesh.process(), &invites[number % invites.len()]);
        let before = process.memory();
        let joined = mesh.join(&process, each, "client", invite).await;
        took.extend(joined.iter().map(|(_, took)| *took));
        clients.extend(joined.into_iter().map(|(client, _)| client));
        let memory = (process.memory() - before) / each as f64;
        eprintln!(
            "{} clients have joined after {:.1?}, {memory:.1} MiB each",
            clients.len(),
            start.elapsed()
        );
    }
    eprintln!("to join takes {}", Spread(&took, " ms"));
    let took = published(&clients, servers).await;
    eprintln!("all are published after {took:.1?} more");

    let plans: Vec<(Agent, Vec<Agent>)> = clients
        .iter()
        .map(|client| {
            let others: Vec<_> = clients.iter().filter(|other| other.me.agent != client.me.agent).collect();
            let chosen = others.choose_multiple(&mut rng, TARGETS);
            (client.clone(), chosen.map(|other| (*other).clone()).collect())
        })
        .collect();
    let looks = stream::iter(&plans).map(|(client, others)| async move {
        let mut figures = Figures::default();
        for other in others {
            figures.add(client.look_for(other, other.name()).await);
        }
        figures
    });
    let figures =
        looks.buffer_unordered(AT_ONCE).fold(Figures::default(), async |sum, one| sum.join(one)).await;
    eprintln!("each client looks for {TARGETS} others: {figures}");
    for process in [&mesh.founder.process, &makers[0].0.process, &clients[0].process] {
        eprintln!("memory of process {}: {:.0} MiB", process.number, process.memory());
    }
    assert!(figures.failures.is_empty(), "{:#?}", figures.failures);
}
