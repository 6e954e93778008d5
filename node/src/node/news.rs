//! What happens in the agent, as events of a log of their own: for the programs of its owner, never for peers.
//!
//! | topic | when | payload, a JSON object |
//! |---|---|---|
//! | `trust/requested`, `trust/trusted`, `trust/rejected`, `trust/withdrawn`, `trust/revoked`, `trust/blocked`, `trust/unblocked`, `trust/scoped`, `trust/evicted` | something has happened between us and an agent | as in the log of trust |
//! | `message/received`, `file/received` | it is in the inbox | as in the inbox, a message without its body |
//! | `path/direct`, `path/relayed`, `path/closed` | the best way to a contact is another than before | the contact, and the connection |
//! | `network/joined`, `network/left` | we belong to a private network, or to it no more | the network |
//!
//! Each is told from what the rest of the node shows already: logs on the disk, of which nothing is left out, and states in
//! memory, of which the last one counts. So nothing of the node waits for a word about it.

mod inbox;
mod network;
mod paths;
mod trust;

use std::time::Duration;

use airway_protocols::agent::AgentId;
use serde_json::Value;

use super::{Inner, Node};
use crate::{
    clock,
    net::Net,
    services::events::{Log, New},
};

/// How long to wait before what cannot be read now is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// Where the news go; cheap to clone.
#[derive(Debug, Clone)]
struct News {
    log: Log,
    /// Ourselves, of whom all of it comes.
    agent: AgentId,
}

impl News {
    fn tell(&self, topic: &str, payload: &Value) {
        match topic.parse() {
            Ok(topic) => {
                let payload = payload.to_string().into_bytes();
                let new = New { topic, publisher: self.agent, at: clock::unix_ms(), payload };
                if let Err(error) = self.log.append(new, usize::MAX) {
                    tracing::warn!(%error, "news that cannot be told");
                }
            }
            Err(error) => tracing::warn!(topic, %error, "news without a topic"),
        }
    }
}

impl Node {
    /// Tells the news from now on.
    pub(super) fn tell_news(&self) {
        let Inner { events, own, store, net, contacts, mesh, trust, files, .. } = &*self.0;
        let news = News { log: events.news.clone(), agent: own.me().agent };
        let since = *store.log_changes().borrow();
        until_ended(net, trust::tell(news.clone(), trust.clone(), since));
        let since = *store.inbox_newest().borrow();
        until_ended(net, inbox::tell(news.clone(), store.clone(), contacts.clone(), files.clone(), since));
        until_ended(net, paths::tell(news.clone(), net.clone(), contacts.clone()));
        let standing = mesh.standing();
        until_ended(net, network::tell(news, mesh.clone(), standing));
    }
}

/// Runs a task until the network of the node ends.
fn until_ended(net: &Net, task: impl Future<Output = ()> + Send + 'static) {
    let net = net.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = net.ended() => {}
            () = task => {}
        }
    });
}
