//! What a server holds for connections that nobody uses.
//!
//! ```text
//! this process                                   a process for each of the two, one after the other
//! N stock swarms, a key and a socket each ─ QUIC ─ Airway: N trusted contacts, all kept
//!   identify, ping, libp2p-stream         ─ QUIC ─ plain libp2p: identify, ping, libp2p-stream
//! ```
//!
//! The clients are the same for both. A connection counts when both sides have identified each other and pings have been
//! answered; memory is then read until it is steady. The figure is what the process grew by, from no connection to all,
//! divided by their number.

mod clients;
mod holder;
mod resident;

use std::io;

use clients::Clients;
pub(super) use holder::hold;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Contestant, Runtime, Size, Stack, child::Server};

/// Descriptors of this process besides one for each client.
const DESCRIPTORS: u64 = 256;

const KIB: f64 = 1024.0;

/// Bytes for each connection of either holder, in KiB.
pub(super) async fn measure(size: Size, runtime: Runtime) -> io::Result<Vec<(Contestant, f64)>> {
    raise_descriptors(size.connections as u64 + DESCRIPTORS)?;
    let mut measured = Vec::new();
    for (contestant, stack) in [(Contestant::AirwayNetwork, Stack::Airway), (Contestant::Plain, Stack::Plain)]
    {
        let (server, ready) = Server::holding(runtime, stack, size.connections).await?;
        let process = server.id()?;
        let before = resident::steady(process).await?;
        let mut clients = Clients::connect(&ready, size.connections, size.pings).await?;
        let after = resident::steady(process).await?;
        clients.check()?;
        measured.push((contestant, (after - before) / size.connections as f64 / KIB));
    }
    Ok(measured)
}

/// Each client has a socket, and a process may have only so many.
fn raise_descriptors(wanted: u64) -> io::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if maximum.is_some_and(|maximum| maximum < wanted) {
        let limit = maximum.unwrap_or_default();
        return Err(io::Error::other(format!(
            "{wanted} descriptors are needed and {limit} allowed: raise `ulimit -n`"
        )));
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })?;
    Ok(())
}
