//! What agents do while both are there.

use std::fmt;

use futures::{AsyncReadExt as _, AsyncWriteExt as _};

use super::WAIT;
use crate::{
    Node, TICKET_LIFE, Terms,
    api::{Code, Error},
    protocols::port::Port,
};

/// One makes a ticket, the other uses it; returns the length of the ticket.
pub(super) async fn befriend(a: &Node, b: &Node) -> Result<usize, Error> {
    let ticket = a.ticket(Terms::default(), TICKET_LIFE, false).await?;
    b.pair(&ticket, Terms::default(), WAIT).await?;
    Ok(ticket.to_string().len())
}

pub(super) struct Trip(pub(super) crate::Pong);

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

/// A program at `b` listens and answers; one at `a`, which calls it `who`, dials and asks.
pub(super) async fn stream(a: &Node, b: &Node, who: &str, port: Port) -> Result<String, Error> {
    let broke = |error: std::io::Error| Error::new(Code::Unreachable, error.to_string());
    let mut listener = b.listen(port)?;
    let serve = async {
        if let Some((from, mut stream)) = listener.accept().await {
            stream.write_all(format!("welcome to port {port}, {}", from.label()).as_bytes()).await?;
            stream.close().await?;
        }
        Ok(())
    };
    let ask = async {
        let mut answer = String::new();
        let mut stream = a.dial(&a.find(who)?, port, WAIT).await?;
        stream.read_to_string(&mut answer).await.map_err(broke)?;
        Ok::<_, Error>(answer)
    };
    tokio::select! {
        answer = ask => answer,
        Err(error) = serve => Err(broke(error)),
    }
}
