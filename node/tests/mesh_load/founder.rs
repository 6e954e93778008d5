//! The founder is gone, who was the bootstrap of all and their relay.

use std::{sync::Arc, time::Instant};

use crate::{
    agent::Agent,
    figures::Figures,
    mesh::{Mesh, published, until},
    process::Process,
    size::size,
};

#[tokio::test]
#[expect(clippy::print_stderr, reason = "figures, with --nocapture")]
async fn without_the_founder_members_find_each_other_and_come_back() {
    let (mesh, count) = (Mesh::new().await, size(7, 24));
    let mut agents = mesh.grow(count).await;
    agents.extend(mesh.grow(size(4, 25)).await);
    published(&agents, agents.len() + 1).await;
    mesh.founder.process.kill().await;

    let mut lookups = Figures::default();
    for (agent, other) in agents.iter().zip(agents.iter().cycle().skip(1)) {
        lookups.add(agent.look_for(other, other.name()).await);
        lookups.add(agent.look_for(other, &other.me.address).await);
    }
    eprintln!("just after the founder was killed: {lookups}");
    assert!(lookups.failures.is_empty(), "{:#?}", lookups.failures);

    // One goes and comes back; the other is killed, with all in its process.
    let (calm, other) = (agents[0].clone(), agents[1].clone());
    let process = calm.process.clone();
    calm.stop().await;
    rejoin("a restarted member", &calm, &process, &other).await;

    let (killed, alive) = (agents[count].clone(), agents[2].clone());
    killed.process.kill().await;
    rejoin("a killed member", &killed, &mesh.process(), &alive).await;
}

/// Starts an agent on the home that it had; it finds another one, and is found.
#[expect(clippy::print_stderr, reason = "figures, with --nocapture")]
async fn rejoin(what: &str, former: &Agent, process: &Arc<Process>, other: &Agent) {
    let before = former.me.address.clone();
    let start = Instant::now();
    let again = Agent::start(process, usize::MAX, former.settings.clone()).await;
    let started = start.elapsed();
    assert_eq!(again.me.address, before);
    until("it finds another", async || again.look_for(other, other.name()).await.found.is_ok()).await;
    let finds = start.elapsed();
    until("it is found", async || other.look_for(&again, again.name()).await.found.is_ok()).await;
    let found = start.elapsed();
    until("it is published", async || again.network().await.stored > 0).await;
    let published = start.elapsed();
    eprintln!(
        "{what} starts in {started:.1?}, finds another after {finds:.1?}, is found after {found:.1?}, and is published \
         anew after {published:.1?}"
    );
}
