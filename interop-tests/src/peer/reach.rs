//! The way to another agent: round trips, connections, runs to measure.

use std::time::{Duration, Instant};

use airway::{
    Connection, Node,
    bench::{Phase, Plan},
    protocols::{echo, port::Port, trust::Scopes},
};
use futures::AsyncWriteExt as _;
use rand::RngCore as _;
use serde_json::json;
use tokio::time::timeout;

use super::{Answer, WAIT, done};

/// The year 5138, in milliseconds since the Unix epoch.
const NEVER: u64 = 100_000_000_000_000;

/// Most bytes of one echo: they are held in memory.
const MAX_ECHO: usize = 64 * 1024 * 1024;

/// Most bytes of a round trip, and most round trips of one request.
const MAX_TRIP: usize = 64 * 1024;
const MAX_TRIPS: usize = 100_000;

pub(super) async fn ping(node: &Node, who: &str) -> Answer {
    let pong = node.ping(&node.meet(who, WAIT).await?, WAIT).await?;
    let relayed = pong.connection.as_ref().is_some_and(Connection::is_relayed);
    Ok(json!({ "micros": micros(pong.rtt), "relayed": relayed }))
}

pub(super) fn path(node: &Node, who: &str) -> Answer {
    let peer = node.find(who)?.peer;
    let connections = node.connections().into_iter().map(|(_, connection)| connection);
    // The newest is the one that new streams take.
    let mut to_it: Vec<_> = connections.filter(|connection| connection.peer == peer).collect();
    to_it.sort_by_key(|connection| connection.since);
    let connection = to_it.pop().ok_or("not connected")?;
    let transport = connection.transport();
    // What secures a connection over TCP the library does not tell.
    let security = (transport == "quic").then_some("quic");
    Ok(json!({ "transport": transport, "security": security, "dialled": connection.dialled }))
}

pub(super) async fn echo(node: &Node, who: &str, bytes: usize) -> Answer {
    if bytes > MAX_ECHO {
        return Err(format!("at most {MAX_ECHO} bytes can be echoed").into());
    }
    let contact = node.meet(who, WAIT).await?;
    let mut payload = vec![0; bytes];
    rand::rng().fill_bytes(&mut payload);
    let start = Instant::now();
    let trip = async {
        let mut stream = node.open(&contact, Port::ECHO, WAIT).await?;
        echo::ping(&mut stream, &payload).await?;
        stream.close().await?;
        done()
    };
    timeout(WAIT, trip).await??;
    Ok(json!({ "bytes": bytes, "micros": micros(start.elapsed()) }))
}

/// A change of what the other may do here closes the connections to it.
pub(super) async fn disconnect(node: &Node, who: &str) -> Answer {
    let contact = node.find(who)?;
    let until = contact.scopes.until.is_none().then_some(NEVER);
    let scopes = Scopes { until, ..Scopes::everything() };
    node.set_scopes(&contact.endpoint().to_string(), scopes).await?;
    done()
}

pub(super) async fn perf(node: &Node, who: &str, upload: u64, download: u64) -> Answer {
    let contact = node.meet(who, WAIT).await?;
    let mut elapsed = Duration::ZERO;
    for (phase, size) in [(Phase::Up, upload), (Phase::Down, download)] {
        if size == 0 {
            continue;
        }
        let report =
            node.bench(&contact, Plan { phases: vec![phase], size, ..Plan::default() }, |_| {}).await?;
        let run = report.up.or(report.down).filter(|run| run.bytes == size);
        elapsed += run.ok_or("the run ended before all bytes were there")?.elapsed;
    }
    Ok(json!({ "micros": micros(elapsed) }))
}

/// The median of round trips on one stream, beside the network as any service is. The one that opens the stream is not
/// among them.
pub(super) async fn trips(node: &Node, who: &str, bytes: usize, count: usize) -> Answer {
    if !(1..=MAX_TRIP).contains(&bytes) || !(1..=MAX_TRIPS).contains(&count) {
        return Err(format!("1 to {MAX_TRIPS} round trips of 1 to {MAX_TRIP} bytes can be taken").into());
    }
    let contact = node.meet(who, WAIT).await?;
    let mut stream = node.open(&contact, Port::ECHO, WAIT).await?;
    let task = node.spawn(async move {
        let payload = vec![0x5A; bytes];
        echo::ping(&mut stream, &payload).await?;
        let mut trips = Vec::with_capacity(count);
        for _ in 0..count {
            let start = Instant::now();
            echo::ping(&mut stream, &payload).await?;
            trips.push(start.elapsed());
        }
        stream.close().await?;
        Ok::<_, echo::Error>(trips)
    });
    let mut trips = task.await??;
    trips.sort();
    let p50 = trips.get(trips.len() / 2).map(Duration::as_nanos);
    Ok(json!({ "p50_nanos": p50.and_then(|nanos| u64::try_from(nanos).ok()) }))
}

pub(super) fn status(node: &Node) -> Answer {
    let connections = node.connections();
    let mut peers: Vec<_> = connections.iter().map(|(contact, _)| contact.endpoint().to_string()).collect();
    peers.sort();
    peers.dedup();
    Ok(json!({
        "serves": node.serves(),
        "reachable": node.is_reachable(),
        "relays": node.relays().iter().filter(|(_, reserved)| *reserved).count(),
        "connections": connections.len(),
        "peers": peers,
    }))
}

/// As answers have it.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
