//! The process that subscribes: it says what it hears, one JSON object a line, until it is killed.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use airway::{
    Contact, Delivery, Node, Overrides, Source, Terms,
    protocols::events::{Position, Reason, Since, Subscribe},
};
use serde::{Deserialize, Serialize};

use crate::process::{LISTEN, PATIENCE};

/// Set for a process that is to subscribe, to what it needs for that.
pub(crate) const WORKER: &str = "AIRWAY_TEST_WORKER";

/// What it needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) home: PathBuf,
    /// Of the broker, if that is no contact yet.
    pub(crate) ticket: Option<String>,
    pub(crate) patterns: Vec<String>,
    /// Behind which position; from now on without one.
    pub(crate) since: Option<Position>,
}

/// What it says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    /// The subscription is live, and this the newest position.
    Live(Position),
    Event(Position, String),
    Gap(Position, Position, Why),
}

/// Why something is missing.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Why {
    Forgotten,
    Restarted,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Forgotten => Self::Forgotten,
            Why::Restarted => Self::Restarted,
        }
    }
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Forgotten => Self::Forgotten,
            Reason::Restarted => Self::Restarted,
        }
    }
}

fn say(said: &Said) {
    let line = serde_json::to_string(said).unwrap() + "\n";
    io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribes() {
    // The other tests start this program anew for it; among them it has nothing to do.
    let Some(settings) = std::env::var_os(WORKER) else { return };
    let Settings { home, ticket, patterns, since } =
        serde_json::from_slice(settings.as_encoded_bytes()).unwrap();
    let listen = Some(LISTEN.map(str::to_owned).into());
    let node = Node::start(home, Overrides { listen, ..Overrides::default() }).await.unwrap();
    let broker = match ticket {
        Some(ticket) => node.pair(&ticket.parse().unwrap(), Terms::default(), PATIENCE).await.unwrap(),
        None => node.contacts().remove(0),
    };
    listen_to(&node, broker, patterns, since).await;
}

async fn listen_to(node: &Node, broker: Contact, patterns: Vec<String>, since: Option<Position>) {
    let patterns = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
    let what = Subscribe { patterns, since: since.map_or(Since::Now, Since::After) };
    let mut subscription = node.subscribe(&Source::Contact(broker), what, PATIENCE).await.unwrap();
    say(&Said::Live(subscription.position().unwrap_or_default()));
    while let Some(delivery) = subscription.next().await {
        say(&match delivery.unwrap() {
            Delivery::Event(event) => Said::Event(event.position, String::from_utf8(event.payload).unwrap()),
            Delivery::Gap(gap) => Said::Gap(gap.after, gap.next, gap.reason.into()),
        });
    }
}
