//! What agents do while both are there.

use std::fmt;

use super::{WAIT, failed};
use crate::{
    DialError, Node, Outgoing, SendError,
    api::{Code, Error},
    protocols::port::Port,
};

/// Each trusts the card of the other; returns the length of a card.
pub(super) async fn befriend(a: &Node, b: &Node) -> Result<usize, Error> {
    let (card_a, card_b) = (a.card()?, b.card()?);
    a.trust(&card_b, None).await?;
    b.trust(&card_a, None).await?;
    Ok(card_a.to_string().len())
}

pub(super) struct Trip(crate::Pong);

impl fmt::Display for Trip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, transport) = self.0.connection.as_ref().map_or(("gone", "-"), |connection| {
            (if connection.is_relayed() { "relayed" } else { "direct" }, connection.transport())
        });
        write!(f, "round trip {} µs, {path}, {transport}", self.0.rtt.as_micros())
    }
}

pub(super) async fn ping(from: &Node, who: &str) -> Result<Trip, Error> {
    Ok(Trip(from.ping(&from.find(who)?, WAIT).await?))
}

/// A program at `b` listens and answers; one at `a` dials and asks.
pub(super) async fn stream(a: &Node, b: &Node) -> Result<String, Error> {
    use futures::{AsyncReadExt as _, AsyncWriteExt as _};
    let broke = |error: std::io::Error| Error::new(Code::Unreachable, error.to_string());
    let port: Port = "5000".parse().map_err(|_| failed("not a port"))?;
    let mut listener = b.listen(port)?;
    let serve = async {
        if let Some((from, mut stream)) = listener.accept().await {
            stream.write_all(format!("welcome to port {port}, {}", from.label()).as_bytes()).await?;
            stream.close().await?;
        }
        Ok(())
    };
    let ask = async {
        let mut stream = a.dial(&a.find("bob")?, port, WAIT).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.map_err(broke)?;
        Ok::<_, Error>(answer)
    };
    let (served, answer) = tokio::join!(serve, ask);
    served.map_err(broke)?;
    answer
}

/// Tries what a stranger can try; returns what it hears. It is an error if anything works.
pub(super) async fn intrude(stranger: &Node, victim: &Node) -> Result<String, Error> {
    let served = || failed("a stranger was served");
    let victim = stranger.trust(&victim.card()?, None).await?;
    let Err(DialError::NotTrusted { .. }) = stranger.ping(&victim, WAIT).await else { return Err(served()) };
    match stranger.send(&victim, Outgoing::text("psst")).await {
        Err(refused @ SendError::Dial(DialError::NotTrusted { .. })) => Ok(refused.to_string()),
        _ => Err(served()),
    }
}
