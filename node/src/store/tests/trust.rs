mod bounds;
mod log;
mod migration;
mod pins;
mod tickets;
mod turns;

use super::*;

/// An agent made of the number `n`.
fn agent(n: u16) -> [u8; 32] {
    let mut agent = [0; 32];
    agent[..2].copy_from_slice(&n.to_be_bytes());
    agent
}

/// The relation to agent `n`, which came to this state at the time `n`.
fn relation(n: u16, state: RelationState) -> Relation {
    let [high, low] = n.to_be_bytes();
    let name = Some(format!("agent-{n}"));
    let address = [0, 0, 0, 0, high, low];
    Relation { state, name, ..Relation::stranger(agent(n), [7; 32], address, u64::from(n)) }
}

/// What the log says about a relation.
fn note(relation: &Relation, event: u8) -> NewLogEntry {
    NewLogEntry {
        at_ms: relation.since_ms,
        agent: relation.agent,
        event,
        by_us: false,
        generation: relation.generation,
        text: Some("because".into()),
        statement: Some(vec![1, 2, 3]),
        name: relation.name.clone(),
        address: relation.address,
    }
}

/// A turn to `relation`, with a note of event 1.
fn turn(relation: &Relation, contact: ContactChange) -> Turn {
    Turn { log: Some(note(relation, 1)), relation: relation.clone(), contact, ticket_used: None }
}

impl Store {
    /// Makes a turn whatever there was before.
    async fn make(&self, turn: Turn) -> Result<(), TrustStoreError> {
        self.relation_turn(turn.relation.agent, |_, _| Ok((Some(turn), ()))).await
    }

    /// Makes a contact of agent `n`.
    async fn befriend(&self, n: u16) -> Relation {
        let trusted = relation(n, RelationState::Trusted);
        self.make(turn(&trusted, ContactChange::Add)).await.unwrap();
        self.relation(agent(n)).await.unwrap().unwrap()
    }

    /// The state of agent `n`.
    async fn state_of(&self, n: u16) -> Option<RelationState> {
        self.relation(agent(n)).await.unwrap().map(|relation| relation.state)
    }

    /// The events in the log, with the first number of whom they are about.
    async fn events(&self) -> Vec<(u16, u8)> {
        let log = self.trust_log_tail(100, None).await.unwrap();
        log.iter().map(|entry| (u16::from_be_bytes([entry.agent[0], entry.agent[1]]), entry.event)).collect()
    }

    /// The aliases of the contacts, oldest contact first.
    async fn aliases(&self) -> Vec<Option<String>> {
        self.contacts_list().await.unwrap().into_iter().map(|contact| contact.alias).collect()
    }
}
