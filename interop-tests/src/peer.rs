//! The Rust peer: an agent that does what comes in by standard input, line by line, and ends with it.
//!
//! ```text
//! {"id":1,"do":"echo","who":"0:….….…#…","bytes":65536}  ──►  peer  ──►  {"id":1,"ok":true,"bytes":65536,"micros":812}
//! ```
//!
//! Requests are carried out side by side, and answered in the order in which they are done. It is all on the library:
//! what the peer can do, any program can.

mod data;
mod events;
mod mesh;
mod order;
mod polo;
mod port;
mod reach;
mod tasks;
mod trust;

use std::{
    error::Error,
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use airway::{Node, Overrides};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    sync::Semaphore,
};

use self::{events::Subscriptions, order::Order};
use crate::contract::{Begin, Flags, Ready};

/// Requests that are carried out at once; further ones wait on standard input.
const AT_ONCE: usize = 64;

/// How long anything may take that others have a part in.
const WAIT: Duration = Duration::from_secs(45);

/// What comes of a request: what stands in the answer, or the reason for people.
type Answer = Result<Value, Box<dyn Error + Send + Sync>>;

/// Starts the agent, says so, and does as `requests` say until they end.
///
/// # Errors
/// If it does not start, which was said by then, or nobody reads what it says.
pub async fn run(flags: Flags, requests: impl AsyncRead + Unpin) -> io::Result<()> {
    let (node, _home) = match start(flags).await {
        Ok(started) => started,
        Err(error) => {
            let failed = Begin::Failed { error: error.to_string() };
            say(&serde_json::to_value(&failed)?)?;
            return Err(io::Error::other(error));
        }
    };
    serve(&node, requests).await?;
    node.shut_down().await;
    Ok(())
}

/// The node, and the home that goes away with it if none was given.
async fn start(flags: Flags) -> Result<(Node, Option<TempDir>), Box<dyn Error + Send + Sync>> {
    let temporary = if flags.home.is_none() { Some(TempDir::with_prefix("airway-")?) } else { None };
    let home = flags.home.or_else(|| Some(temporary.as_ref()?.path().to_owned())).unwrap_or_default();
    let settings = Overrides {
        name: Some(flags.name),
        listen: Some(vec![flags.transport.listen(&flags.listen)]),
        relays: (!flags.relay.is_empty()).then_some(flags.relay),
        relay_server: Some(flags.relay_server),
        invite: flags.invite,
        ..Overrides::default()
    };
    let node = Node::start(home, settings).await?;
    let me = node.me();
    let ready = Ready {
        peer: me.peer.to_string(),
        endpoint: me.endpoint().to_string(),
        card: node.card()?.to_string(),
    };
    say(&serde_json::to_value(Begin::Ready(ready))?)?;
    Ok((node, temporary))
}

async fn serve(node: &Node, requests: impl AsyncRead + Unpin) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let subscriptions = Subscriptions::default();
    let mut lines = BufReader::new(requests).lines();
    while let Some(line) = lines.next_line().await? {
        let place = places.clone().acquire_owned().await;
        let (node, subscriptions) = (node.clone(), subscriptions.clone());
        tokio::spawn(async move {
            // Whoever reads no answers misses them.
            let _ = say(&answer(&node, &subscriptions, &line).await);
            drop(place);
        });
    }
    Ok(())
}

/// One line, whole, whoever else speaks.
fn say(line: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

async fn answer(node: &Node, subscriptions: &Subscriptions, line: &str) -> Value {
    let (id, outcome) = match serde_json::from_str::<Value>(line) {
        Ok(mut request) => (request["id"].take(), carry_out(node, subscriptions, request).await),
        Err(error) => (Value::Null, Err(error.into())),
    };
    let mut answer = Map::new();
    answer.insert("id".into(), id);
    answer.insert("ok".into(), outcome.is_ok().into());
    match outcome {
        Ok(Value::Object(more)) => answer.extend(more),
        Ok(_) => {}
        Err(error) => drop(answer.insert("error".into(), error.to_string().into())),
    }
    answer.into()
}

async fn carry_out(node: &Node, subscriptions: &Subscriptions, request: Value) -> Answer {
    let order: Order = serde_json::from_value(request)?;
    order.carry_out(node, subscriptions).await
}

/// An answer that says nothing but that it is done.
fn done() -> Answer {
    Ok(json!({}))
}
