//! Two agents in one process: one makes a ticket, the other uses it and measures round trips to port 7 of the first.
//!
//! ```text
//! cargo run -p airway-example-echo
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, path::Path, time::Duration};

use airway::{Node, Overrides, TICKET_LIFE, Terms};

const ROUNDS: u32 = 5;
const WAIT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let homes = tempfile::tempdir()?;
    let alice = agent(homes.path(), "alice").await?;
    let bob = agent(homes.path(), "bob").await?;

    // A ticket is what people hand to each other. Whoever uses it trusts its maker, and is trusted.
    let ticket = bob.ticket(Terms::default(), TICKET_LIFE, false).await?;
    let to_bob = alice.pair(&ticket, Terms::default(), WAIT).await?;

    for round in 1..=ROUNDS {
        let pong = alice.ping(&to_bob, WAIT).await?;
        println!("{round}: {} answers in {} µs", to_bob.endpoint(), pong.rtt.as_micros());
    }
    alice.shut_down().await;
    bob.shut_down().await;
    Ok(())
}

/// Starts an agent with a home below `homes`, on loopback alone.
async fn agent(homes: &Path, name: &str) -> Result<Node, Box<dyn Error>> {
    let flags = Overrides {
        name: Some(name.into()),
        listen: Some(vec!["/ip4/127.0.0.1/udp/0/quic-v1".into()]),
        ..Overrides::default()
    };
    Ok(Node::start(homes.join(name), flags).await?)
}
