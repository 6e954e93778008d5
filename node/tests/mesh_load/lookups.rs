//! Each agent finds many others.

use std::time::Instant;

use futures::{StreamExt as _, stream};
use rand::{SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};

use crate::{
    agent::{Agent, Look},
    figures::Figures,
    mesh::{Mesh, published},
    size::{seed, size},
};

/// Agents that look for others at the same time.
const AT_ONCE: usize = 4;

/// Looks for each of these by address and by name, one after the other.
async fn look_for_all(agent: &Agent, others: &[Agent]) -> Vec<Look> {
    let mut looks = Vec::new();
    for other in others {
        looks.push(agent.look_for(other, &other.me.address).await);
        looks.push(agent.look_for(other, other.name()).await);
    }
    looks
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "figures, with --nocapture")]
async fn everybody_finds_everybody() {
    let (processes, targets) = size((&[11][..], 5), (&[17, 16, 16], 20));
    let mut rng = SmallRng::seed_from_u64(seed());
    let (mesh, start) = (Mesh::new().await, Instant::now());
    let mut agents = vec![mesh.founder.clone()];
    for &each in processes {
        agents.extend(mesh.grow_as(each, "auto").await);
    }
    eprintln!("{} agents have joined after {:.1?}", agents.len(), start.elapsed());
    let took = published(&agents, agents.len()).await;
    eprintln!("they are published after {took:.1?} more");

    let plans: Vec<(Agent, Vec<Agent>)> = agents
        .iter()
        .map(|agent| {
            let others: Vec<_> = agents.iter().filter(|other| other.me.agent != agent.me.agent).collect();
            let chosen = others.choose_multiple(&mut rng, targets);
            (agent.clone(), chosen.map(|other| (*other).clone()).collect())
        })
        .collect();
    let (mut first, mut others, mut again) = <(Figures, Figures, Figures)>::default();
    for round in 0..2 {
        let looks = stream::iter(&plans).map(|(agent, others)| look_for_all(agent, others));
        let mut looks = looks.buffer_unordered(AT_ONCE);
        while let Some(mut looks) = looks.next().await {
            if round == 0 {
                first.extend(looks.drain(..1));
                others.extend(looks);
            } else {
                again.extend(looks);
            }
        }
    }
    eprintln!("the first of each agent: {first}");
    eprintln!("the others of the first round: {others}");
    eprintln!("the second round: {again}");
    for figures in [first, others, again] {
        assert!(figures.failures.is_empty(), "{:#?}", figures.failures);
    }
}
