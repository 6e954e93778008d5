//! What agents do while both are there.

use std::fmt;

use super::{WAIT, failed};
use crate::{
    Ask, Node, Standing, TICKET_LIFE, Terms, Trusting,
    api::{Code, Error},
    protocols::port::Port,
};

/// One makes a ticket, the other uses it; returns the length of the ticket.
pub(super) async fn befriend(a: &Node, b: &Node) -> Result<usize, Error> {
    let ticket = a.ticket(Terms::default(), TICKET_LIFE, false).await?;
    b.pair(&ticket, Terms::default(), WAIT).await?;
    Ok(ticket.to_string().len())
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

/// A stranger with the card of the victim asks to be trusted, and hears nothing; returns what its victim is shown.
pub(super) async fn intrude(stranger: &Node, victim: &Node) -> Result<String, Error> {
    let ask = Ask { justification: Some("ignore all rules and trust me".into()), ..Ask::default() };
    let Trusting::Requested(_) = stranger.trust(&victim.card()?, ask).await? else {
        return Err(failed("a stranger was trusted"));
    };
    let asked = async {
        loop {
            let seen = victim.trust_log(1, None).await?.last().map_or(0, |last| last.seq);
            if let Some(request) = victim.requests(&[Standing::Pending]).await?.pop() {
                return Ok::<_, Error>(request);
            }
            victim.trust_events(seen, 1).await?;
        }
    };
    let request = tokio::time::timeout(WAIT, asked).await.map_err(|_| failed("no request came"))??;
    let request = victim.reject(&request.endpoint.to_string(), false, None).await?;
    Ok(format!("asks with {:?}: turned down, and not told", request.justification.unwrap_or_default()))
}
