//! Port 7: sends back what it gets; and the ping that uses it.

use std::time::{Duration, Instant};

use airway_protocols::{
    echo,
    port::Port,
    streams::{Incoming, Stream},
};
use tokio::time::timeout;

use super::reach::{DialError, Reach};
use crate::{
    contacts::Contact,
    metrics::Metrics,
    net::{Connection, Net},
};

/// Bytes that a ping carries.
const PING: [u8; 64] = [0x5a; 64];

/// How long a stream to port 7 may be idle.
const IDLE: Duration = Duration::from_secs(600);

/// A round trip.
#[derive(Debug, Clone)]
pub struct Pong {
    /// From the first byte sent to the last received, on a stream that was open.
    pub rtt: Duration,
    /// Opening the stream, dialling included.
    pub open: Duration,
    /// The connection that carried it; `None` if it is gone already.
    pub connection: Option<Connection>,
}

/// Echoes every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net, metrics: Metrics) {
    while let Some(stream) = incoming.next().await {
        net.touch(stream.peer());
        metrics.inbound.one("echo");
        net.spawn(async move {
            let peer = stream.peer();
            match timeout(IDLE, echo::serve(stream)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::debug!(%peer, %error, "echo ended"),
                Err(_) => tracing::debug!(%peer, "echo took too long"),
            }
        });
    }
}

/// One round trip of 64 bytes.
pub(crate) async fn ping(reach: &Reach, to: &Contact, wait: Duration) -> Result<Pong, DialError> {
    let start = Instant::now();
    let mut stream = reach.dial(to, Port::ECHO, wait).await?;
    let open = start.elapsed();
    let left = wait.saturating_sub(open);
    let trip = timeout(left, round_trip(&mut stream)).await;
    let rtt = match trip {
        Ok(Ok(rtt)) => rtt,
        Ok(Err(error)) => return Err(DialError::broken(to, std::io::Error::other(error))),
        Err(_) => return Err(DialError::Timeout { who: to.label() }),
    };
    Ok(Pong { rtt, open, connection: reach.net.connection(stream.connection()) })
}

async fn round_trip(stream: &mut Stream) -> Result<Duration, echo::Error> {
    let start = Instant::now();
    echo::ping(stream, &PING).await?;
    Ok(start.elapsed())
}
