//! How contacts are connected.

use std::{collections::BTreeMap, time::Duration};

use airway_protocols::agent::AgentId;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::News;
use crate::{
    contacts::{Contact, Contacts},
    net::{Connection, Net},
};

/// Between two looks: when many connections come and go, what counts is where they lead in the end.
const PACE: Duration = Duration::from_millis(50);

/// The best way to a contact.
#[derive(Debug)]
struct Way {
    contact: Contact,
    connection: Connection,
}

/// Tells the way to each contact, as it changes. What comes and goes between two looks is not told.
pub(super) async fn tell(news: News, net: Net, contacts: Contacts) {
    let mut changes = net.connection_changes();
    let mut known = BTreeMap::new();
    loop {
        changes.mark_unchanged();
        let ways = ways(&net, &contacts);
        for (agent, way) in &ways {
            let relayed = way.connection.is_relayed();
            if known.get(agent).is_none_or(|known: &Way| known.connection.is_relayed() != relayed) {
                news.tell(if relayed { "path/relayed" } else { "path/direct" }, &way.open());
            }
        }
        for (agent, way) in &known {
            if !ways.contains_key(agent) {
                news.tell("path/closed", &way.closed());
            }
        }
        known = ways;
        if changes.changed().await.is_err() {
            return;
        }
        sleep(PACE).await;
    }
}

/// The way to each contact that is connected: the oldest direct connection, else the oldest at all.
fn ways(net: &Net, contacts: &Contacts) -> BTreeMap<AgentId, Way> {
    let mut connections = net.connections();
    connections.sort_by_key(|connection| (connection.is_relayed(), connection.since));
    let mut ways = BTreeMap::new();
    for connection in connections {
        if let Some(contact) = contacts.by_peer(&connection.peer) {
            ways.entry(contact.agent).or_insert(Way { contact, connection });
        }
    }
    ways
}

impl Way {
    /// Who it is.
    fn closed(&self) -> Value {
        let contact = &self.contact;
        json!({
            "address": contact.endpoint().to_string(),
            "agent_id": contact.agent.to_string(),
            "name": contact.alias.as_ref().or(contact.name.as_ref()),
        })
    }

    /// Who it is, and by which connection.
    fn open(&self) -> Value {
        let connection = &self.connection;
        let mut payload = self.closed();
        payload["transport"] = connection.transport().into();
        payload["multiaddr"] = connection.address.to_string().into();
        payload["direction"] = if connection.dialled { "out" } else { "in" }.into();
        payload
    }
}
