//! What a test and the processes of its agents say to each other: one JSON object a line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What one agent is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: u64,
    /// Its number in the process; the test chooses it.
    pub(crate) agent: usize,
    pub(crate) order: Order,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Start a node, and say what it is called.
    Start(Settings),
    /// Shut it down.
    Stop,
    /// Found a network.
    Found,
    /// Make an invite for any number of agents; of inviters, if so.
    Invite { inviter: bool },
    /// Join a network by an invite.
    Join { invite: String },
    /// Find an agent.
    LookUp { who: String },
    /// Say how it stands with the network.
    Network,
    /// List the members known.
    Members,
    /// Expel a member.
    Expel { who: String },
}

/// How a node is started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) home: PathBuf,
    pub(crate) name: String,
    pub(crate) listen: String,
    pub(crate) dht: String,
    pub(crate) relay_server: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) id: u64,
    /// Milliseconds that it took.
    pub(crate) took: f64,
    /// Or why not.
    pub(crate) reply: Result<Reply, String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Done,
    Me(Me),
    Invite(String),
    Found { agent: String, requests: u32 },
    Network(Network),
    Members(Vec<Member>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Me {
    pub(crate) agent: String,
    pub(crate) address: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Network {
    /// On how many servers others find it.
    pub(crate) stored: usize,
    /// Servers that it knows.
    pub(crate) servers: usize,
    /// Version of the list of those who were expelled.
    pub(crate) revocations: u64,
    /// Why it is a member no more.
    pub(crate) over: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) agent: String,
    pub(crate) connected: bool,
    /// Whether it counts as a member.
    pub(crate) stands: bool,
}
