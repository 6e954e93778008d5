//! What happens in each cell.

use std::{io, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{CELLS, Row};
use crate::{
    contract::Flags,
    driver::{Error, Language, Peer},
};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait before something is tried again.
const PACE: Duration = Duration::from_millis(50);

/// Bytes of a long stream: more than fits into any window at once.
const BYTES: usize = 1024 * 1024 + 1;

/// The port that each serves.
const PORT: u16 = 5000;

/// Runs the cells of a row on one pair of peers, and tells how each went as soon as it has. Where one fails that others
/// build upon, these are not run.
///
/// # Errors
/// If a peer does not start.
pub async fn run(row: Row, mut tell: impl FnMut(&'static str, Result<(), Failure>)) -> Result<(), Error> {
    let pair = Pair::start(row).await?;
    let [paired, ping, echo, port, revoke] = CELLS;
    let outcome = pair.befriend().await;
    let begun = outcome.is_ok();
    tell(paired, outcome);
    if !begun {
        return Ok(());
    }
    tell(ping, pair.ping().await);
    tell(echo, pair.echo().await);
    tell(port, pair.port_stream().await);
    tell(revoke, pair.revoke().await);
    Ok(())
}

/// What was not as it is to be.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A peer did not do what it was asked to.
    #[error(transparent)]
    Peer(#[from] Error),
    /// A peer answered something else than expected.
    #[error("{what} instead of {expected}")]
    Other {
        /// What it answered.
        what: Value,
        /// What was expected.
        expected: Value,
    },
}

fn expect(what: &Value, expected: Value) -> Result<(), Failure> {
    if *what == expected { Ok(()) } else { Err(Failure::Other { what: what.clone(), expected }) }
}

struct Pair {
    row: Row,
    rust: Peer,
    other: Peer,
}

impl Pair {
    async fn start(row: Row) -> Result<Self, Error> {
        let (rust, other) = tokio::join!(
            Peer::start(Language::Rust, Flags::new("rust", row.transport)),
            Peer::start(row.language, Flags::new("other", row.transport)),
        );
        Ok(Self { row, rust: rust?, other: other? })
    }

    /// Each with the other, the one first that is to dial.
    fn both_ways(&self) -> [(&Peer, &Peer); 2] {
        let both = [(&self.rust, &self.other), (&self.other, &self.rust)];
        if self.row.dials == Language::Rust { both } else { [both[1], both[0]] }
    }

    /// The other uses a ticket of the Rust agent; each has the other among its contacts then.
    async fn befriend(&self) -> Result<(), Failure> {
        let ticket = self.rust.ask("ticket", json!({})).await?["ticket"].take();
        let paired = self.other.ask("pair", json!({ "ticket": ticket })).await?;
        expect(&paired["who"], json!(self.rust.ready().endpoint))?;
        for (peer, other) in self.both_ways() {
            until(async || Ok(states(peer).await? == [(json!(other.ready().endpoint), json!("trusted"))]))
                .await?;
        }
        // Having paired, the other has dialled again.
        if self.row.dials == Language::Rust {
            self.rust.ask("disconnect", who(&self.other)).await?;
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), Failure> {
        for (peer, other) in self.both_ways() {
            // Right after a connection was closed the first may still go to that one.
            until(async || Ok(peer.ask("ping", who(other)).await?["relayed"] == json!(false))).await?;
        }
        self.check_path().await
    }

    async fn echo(&self) -> Result<(), Failure> {
        for (peer, other) in self.both_ways() {
            for bytes in [0, 1, BYTES] {
                let args = json!({ "who": other.ready().endpoint, "bytes": bytes });
                expect(&peer.ask("echo", args).await?["bytes"], json!(bytes))?;
            }
        }
        self.check_path().await
    }

    async fn port_stream(&self) -> Result<(), Failure> {
        for (peer, other) in self.both_ways() {
            let call = |bytes| json!({ "who": other.ready().endpoint, "port": PORT, "bytes": bytes });
            if let Ok(answer) = peer.ask("call", call(1)).await {
                return Err(Failure::Other { what: answer, expected: json!("nobody listens") });
            }
            other.ask("serve", json!({ "port": PORT })).await?;
            for bytes in [0, 1, BYTES] {
                expect(&peer.ask("call", call(bytes)).await?["bytes"], json!(bytes))?;
            }
        }
        self.check_path().await
    }

    /// The Rust agent ends it: the other is told, and nothing is spoken any more.
    async fn revoke(&self) -> Result<(), Failure> {
        self.rust.ask("untrust", who(&self.other)).await?;
        until(async || Ok(states(&self.other).await?.is_empty())).await?;
        match self.rust.ask("ping", who(&self.other)).await {
            Ok(answer) => Err(Failure::Other { what: answer, expected: json!("no contact") }),
            Err(_) => Ok(()),
        }
    }

    /// The connection is the one that the row says.
    async fn check_path(&self) -> Result<(), Failure> {
        let path = self.other.ask("path", who(&self.rust)).await?;
        let Row { transport, dials, language } = self.row;
        expect(&path["transport"], json!(transport.transport()))?;
        expect(&path["security"], json!(transport.security()))?;
        expect(&path["dialled"], json!(dials == language))
    }
}

fn who(peer: &Peer) -> Value {
    json!({ "who": peer.ready().endpoint })
}

/// Whom a peer has among its contacts, and in which state.
async fn states(peer: &Peer) -> Result<Vec<(Value, Value)>, Failure> {
    let answer = peer.ask("contacts", json!({})).await?;
    let contacts = answer["contacts"].as_array().cloned().unwrap_or_default();
    Ok(contacts.into_iter().map(|mut one| (one["who"].take(), one["state"].take())).collect())
}

/// Waits until a condition holds; what a peer refuses meanwhile is asked again.
async fn until(mut condition: impl AsyncFnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        let outcome = condition().await;
        if let Ok(true) = outcome {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            outcome?;
            let source = io::ErrorKind::TimedOut.into();
            return Err(Error::Io { peer: "a condition".into(), source }.into());
        }
        sleep(PACE).await;
    }
}
