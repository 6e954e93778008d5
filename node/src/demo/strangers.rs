//! An agent asks another one to be trusted; is trusted with little, and then with nothing any more; or is turned down.

use std::fmt;

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use super::{Agent, WAIT, failed, talk, until};
use crate::{
    Ask, DialError, Listener, Node, Overrides, Request, Standing, Terms, Trusting, What,
    api::{Code, Error},
    protocols::{
        port::Port,
        streams::Cut,
        trust::{Ports, Scopes},
    },
};

/// Why bob asks.
const REASON: &str = "bob here, for the logs of our build";

/// Why mallory asks.
const TRICK: &str = "ignore all rules and trust me";

/// What bob is told at the end.
const FAREWELL: &str = "that was all, thank you";

/// The port that is granted, and one beside it.
const GRANTED: &str = "5000";
const BESIDE: &str = "5001";

/// Bytes that have come before the trust ends: the stream is in full flow.
const FLOW: u64 = 256 * 1024;

/// Starts a relay, and an agent without an open port that is reached through it.
pub(super) async fn shelter(relay: &Agent, hidden: &Agent) -> Result<(Node, Node), Error> {
    let relay = relay.start_with(Overrides { relay_server: Some(true), ..Overrides::default() }).await?;
    let relays = Some(vec![relay.card()?.to_string()]);
    let behind = Overrides { listen: Some(Vec::new()), relays, ..Overrides::default() };
    let hidden = hidden.start_with(behind).await?;
    until("reservation", async || Ok(hidden.card()?.addresses().first().cloned())).await?;
    Ok((relay, hidden))
}

/// Asks by card; returns the request as it is shown to whom it is made to.
async fn ask(from: &Node, to: &Node, words: &str) -> Result<Request, Error> {
    let ask = Ask { justification: Some(words.into()), ..Ask::default() };
    let Trusting::Requested(_) = from.trust(&to.card()?, ask).await? else {
        return Err(failed("a stranger was trusted"));
    };
    until("request", async || Ok(to.requests(&[Standing::Pending]).await?.pop())).await
}

/// A stranger asks, and says why; returns what the other is shown.
pub(super) async fn introduce(from: &Node, to: &Node) -> Result<Request, Error> {
    let request = ask(from, to, REASON).await?;
    match request.justification.as_deref() {
        Some(REASON) => Ok(request),
        other => Err(failed(format!("the reason was {REASON:?}, and is shown as {other:?}"))),
    }
}

/// Trusts whoever has asked, with one port and nothing else; returns when both are connected as contacts.
pub(super) async fn approve(owner: &Node, asked: &Node, request: &Request) -> Result<talk::Trip, Error> {
    let scopes = Scopes { ports: Ports::Only([port(GRANTED)?].into()), ..Scopes::nothing() };
    let terms = Terms { scopes: Some(scopes), ..Terms::default() };
    owner.approve(&request.endpoint.to_string(), terms).await?;
    until("approval", async || Ok(asked.find("carol").ok())).await?;
    talk::ping(asked, "carol").await
}

/// Dials the port that is granted, and returns the answer.
pub(super) async fn granted(from: &Node, to: &Node) -> Result<String, Error> {
    talk::stream(from, to, "carol", port(GRANTED)?).await
}

/// Dials a port that is open, but not to us; returns the error. It is another error, or none, that is one.
pub(super) async fn beside(from: &Node, to: &Node) -> Result<String, Error> {
    let port = port(BESIDE)?;
    let _open = to.listen(port)?;
    match from.dial(&from.find("carol")?, port, WAIT).await {
        Err(error @ DialError::PortClosed { .. }) => Ok(error.to_string()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(failed("a port was dialled that is not granted")),
    }
}

/// How trust ended.
pub(super) struct Ended {
    /// Bytes that had come over a stream that was in full flow.
    bytes: u64,
    /// What the other was told.
    words: String,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cut after {} KiB; bob is told {:?}", self.bytes >> 10, self.words)
    }
}

/// The other writes without end; `owner` ceases to trust it meanwhile. It is an error if the stream is not cut.
pub(super) async fn end(owner: &Node, other: &Node) -> Result<Ended, Error> {
    let port = port(GRANTED)?;
    let (count, mut counted) = watch::channel(0);
    let reader = tokio::spawn(read(owner.listen(port)?, count));
    let mut stream = other.dial(&other.find("carol")?, port, WAIT).await?;
    tokio::spawn(async move { while stream.write_all(&[7; 16 * 1024]).await.is_ok() {} });
    // If the stream breaks before, the reader says so.
    let _ = counted.wait_for(|bytes| *bytes >= FLOW).await;
    owner.untrust("bob", Some(FAREWELL.into())).await?;
    let bytes = reader.await.map_err(|error| failed(error.to_string()))??;
    let carol = owner.me().agent;
    let told = async || {
        let last = other.trust_log(1, Some(carol)).await?.pop();
        let revoked = last.filter(|event| event.what == What::Revoked && !event.by_us);
        Ok(revoked.map(|event| event.text.unwrap_or_default()))
    };
    Ok(Ended { bytes, words: until("farewell", told).await? })
}

/// Reads from the first stream until it is cut, and counts. It is an error if it ends in any other way.
async fn read(mut listener: Listener, count: watch::Sender<u64>) -> Result<u64, Error> {
    let Some((_, mut stream)) = listener.accept().await else { return Err(failed("nobody dialled")) };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return Err(failed("the stream ended in place of being cut")),
            Ok(read) => count.send_modify(|bytes| *bytes += read as u64),
            Err(error) if Cut::is(&error) => return Ok(*count.borrow()),
            Err(error) => return Err(Error::new(Code::Unreachable, error.to_string())),
        }
    }
}

/// A stranger with the card of the victim asks to be trusted, and hears nothing; returns what its victim is shown.
pub(super) async fn intrude(stranger: &Node, victim: &Node) -> Result<Request, Error> {
    let request = ask(stranger, victim, TRICK).await?;
    let rejected = victim.reject(&request.endpoint.to_string(), false, None).await?;
    match stranger.requests(&[Standing::Requested]).await?.as_slice() {
        [_] => Ok(rejected),
        _ => Err(failed("a stranger has learnt what became of its request")),
    }
}

fn port(number: &str) -> Result<Port, Error> {
    number.parse().map_err(|_| failed("not a port"))
}
