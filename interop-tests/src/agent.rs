//! Whole Airway nodes on loopback, each in a temporary home.

use std::{env, io, path::Path};

use airway::{Node, Overrides};
use tempfile::TempDir;

/// QUIC on loopback, on a port that the node picks.
pub const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// TCP on loopback, on a port that the node picks.
pub const TCP: &str = "/ip4/127.0.0.1/tcp/0";

/// A node and the home that goes away with it.
#[derive(Debug)]
pub struct Agent {
    /// The running node.
    pub node: Node,
    _home: TempDir,
}

impl Agent {
    /// Starts an agent with a new key.
    ///
    /// # Errors
    /// If there is no room for a home, or the node does not start.
    pub async fn start(name: &str, listen: &[&str]) -> io::Result<Self> {
        Self::start_with(name, listen, Overrides::default()).await
    }

    /// The same with other settings than the default ones.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(name: &str, listen: &[&str], settings: Overrides) -> io::Result<Self> {
        Self::start_in(&env::temp_dir(), name, listen, settings).await
    }

    /// The same with a home in another directory than that for what is temporary.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_in(dir: &Path, name: &str, listen: &[&str], settings: Overrides) -> io::Result<Self> {
        Self::start_on(TempDir::with_prefix_in("airway-", dir)?, name, listen, settings).await
    }

    /// The same on a home that may hold something already.
    ///
    /// # Errors
    /// If the node does not start.
    pub async fn start_on(
        home: TempDir,
        name: &str,
        listen: &[&str],
        settings: Overrides,
    ) -> io::Result<Self> {
        let listen = listen.iter().map(ToString::to_string).collect();
        let flags = Overrides { name: Some(name.into()), listen: Some(listen), ..settings };
        let node = Node::start(home.path(), flags).await.map_err(io::Error::other)?;
        Ok(Self { node, _home: home })
    }
}
