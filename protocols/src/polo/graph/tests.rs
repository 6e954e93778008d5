use super::*;

fn agent(number: u64) -> AgentId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    AgentId::from_bytes(bytes)
}

fn entry(from: u64, to: u64, outcome: Outcome, reward: u64) -> Entry {
    Entry { requester: agent(from), worker: agent(to), outcome, reward, at: 0 }
}

#[test]
fn the_raw_score_is_what_was_paid_less_what_was_asked_for_and_let_lapse() {
    let mut graph = Graph::default();
    assert_eq!(graph.raw(&agent(1)), 0);
    for (outcome, reward) in [(Outcome::Success, 3), (Outcome::Failed, 0), (Outcome::Expired, 0)] {
        graph.add(&entry(1, 2, outcome, reward)).unwrap();
    }
    assert_eq!((graph.raw(&agent(1)), graph.raw(&agent(2))), (-1, 2));
    assert_eq!(graph.known(&agent(1)), Known { raw: -1, as_worker: 0, as_requester: 3 });
    assert_eq!(graph.known(&agent(2)), Known { raw: 2, as_worker: 3, as_requester: 0 });
    graph.add(&entry(2, 1, Outcome::Success, u64::MAX)).unwrap();
    graph.add(&entry(2, 1, Outcome::Success, u64::MAX)).unwrap();
    assert_eq!(graph.raw(&agent(1)), i64::MAX);
}

#[test]
fn receipts_of_a_pair_are_summed_up() {
    let mut graph = Graph::default();
    for (from, to, reward) in [(1, 2, 3), (1, 2, 4), (2, 1, 5), (3, 2, 6)] {
        graph.add(&entry(from, to, Outcome::Success, reward)).unwrap();
    }
    let pair = |from, to| Pair { requester: agent(from), worker: agent(to) };
    let sum = |from, to, receipts, reward| Sum { pair: pair(from, to), receipts, reward };
    let all: Vec<_> = graph.sums_of(&agent(2)).collect();
    assert_eq!(all, [sum(1, 2, 2, 7), sum(3, 2, 1, 6), sum(2, 1, 1, 5)]);
    assert_eq!((graph.sum(&pair(1, 2)), graph.sum(&pair(1, 3))), (Some(all[0]), None));
    assert_eq!(graph.sums_of(&agent(9)).count(), 0);
}

#[test]
fn a_full_graph_takes_in_what_is_of_known_pairs_alone() {
    let mut graph = Graph::default();
    for to in 1..=Graph::MAX_EDGES as u64 {
        graph.add(&entry(0, to, Outcome::Success, 1)).unwrap();
    }
    assert_eq!(graph.add(&entry(0, u64::MAX, Outcome::Success, 1)), Err(Full));
    assert_eq!(graph.add(&entry(1, 0, Outcome::Success, 1)), Err(Full));
    graph.add(&entry(0, 1, Outcome::Success, 1)).unwrap();
    assert_eq!((graph.edges(), graph.raw(&agent(1))), (Graph::MAX_EDGES, 2));
    assert_eq!(graph.raw(&agent(u64::MAX)), 0);
}
