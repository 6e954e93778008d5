//! An agent is away for a while, and what is sent to it waits.

use std::time::Duration;

use libp2p::Multiaddr;

use super::{Agent, arrivals, failed, text};
use crate::{Node, Outgoing, api::Error, store::OutboxFilter};

/// What is sent while nobody is there.
const MEANWHILE: [&str; 3] = ["one", "two", "three"];

/// How long each of them is waited for: long enough for a contact that is there.
const MOMENT: Duration = Duration::from_millis(100);

/// What an agent has that must survive a restart.
#[derive(PartialEq, Eq)]
pub(super) struct Kept {
    address: String,
    listening: Vec<Multiaddr>,
    /// What is in the inbox.
    inbox: Vec<String>,
}

impl Kept {
    async fn of(node: &Node) -> Result<Self, Error> {
        let inbox = arrivals(node, 0, 0).await?.iter().map(text).collect();
        Ok(Self { address: node.me().endpoint().to_string(), listening: node.listening(), inbox })
    }
}

/// Ends a node; returns what is to be there when its agent comes back.
pub(super) async fn leave(node: Node) -> Result<Kept, Error> {
    let kept = Kept::of(&node).await?;
    node.shut_down().await;
    Ok(kept)
}

/// Sends what cannot arrive now; returns how long it may wait. It is an error if it is not in the outbox.
pub(super) async fn send(from: &Node) -> Result<Duration, Error> {
    let to = from.find("bob")?;
    for said in MEANWHILE {
        let message = Outgoing { wait: MOMENT, ..Outgoing::text(said) };
        if from.send(&to, message).await?.is_delivered() {
            return Err(failed(format!("{said:?} was delivered to nobody")));
        }
    }
    let waiting = from.outbox(OutboxFilter::default()).await?;
    match waiting.as_slice() {
        [first, _, _] => Ok(Duration::from_millis(first.expires_at.saturating_sub(first.queued_at))),
        other => Err(failed(format!("three messages are in the outbox, which has {}", other.len()))),
    }
}

/// Starts the agent again. It is an error if anything of it has changed.
pub(super) async fn come_back(agent: &Agent, before: &Kept) -> Result<Node, Error> {
    let node = agent.start().await?;
    // More may have arrived by now.
    let mut now = Kept::of(&node).await?;
    now.inbox.truncate(before.inbox.len());
    if now == *before {
        Ok(node)
    } else {
        Err(failed("the address, the port or the inbox did not survive the restart"))
    }
}

/// Waits for what was sent meanwhile, and returns it as it came. It is an error if it came in another order.
pub(super) async fn catch_up(node: &Node, before: &Kept) -> Result<Vec<String>, Error> {
    let had = before.inbox.len();
    let inbox: Vec<_> = arrivals(node, 0, had + MEANWHILE.len()).await?.iter().map(text).collect();
    match inbox.get(had..) {
        Some(texts) if texts == MEANWHILE => Ok(texts.to_vec()),
        _ => Err(failed(format!("{MEANWHILE:?} were to arrive, but the inbox has {inbox:?}"))),
    }
}
