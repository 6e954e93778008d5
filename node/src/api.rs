//! The local API: what programs on this machine, the command line among them, ask of the daemon.
//!
//! HTTP over a Unix socket, JSON in and out. This file holds the types of both sides; `server` answers
//! with them, [`client`] asks with them. An answer is always an [`Envelope`]; a follow mode is NDJSON, one
//! bare object per line.
//!
//! | call | what | answers |
//! |---|---|---|
//! | `GET /v1/status` | is it up, what does it listen on | [`Status`] |
//! | `GET /v1/me` | who am I | [`Me`] |
//! | `GET /v1/card` | the contact card to hand out | [`CardText`] |
//! | `GET /v1/contacts` | whom do I trust | `[`[`Contact`]`]` |
//! | `POST /v1/contacts` [`TrustRequest`] | trust the holder of a card | [`Contact`] |
//! | `DELETE /v1/contacts/{who}` | stop trusting | [`Contact`] |
//! | `PUT /v1/contacts/{who}/alias` [`AliasRequest`] | set or clear a local name | [`Contact`] |
//! | `GET /v1/peers` | who is connected, how | `[`[`Peer`]`]` |
//! | `POST /v1/ping` [`PingRequest`] | one round trip to port 7 | [`Pong`] |
//! | `POST /v1/bench` [`BenchRequest`] | measure the way to a peer | NDJSON of [`BenchEvent`] |
//! | `POST /v1/messages?`[`SendQuery`] raw body | send a message, wait for its acknowledgement | [`Sent`] |
//! | `GET /v1/inbox?`[`InboxQuery`] | received messages, oldest first | `[`[`InboxItem`]`]` |
//! | `GET /v1/inbox/follow?after=` | the same, as they arrive | NDJSON of [`InboxItem`] |
//! | `GET /v1/inbox/{id}` | one message, marked as read | [`InboxItem`] |
//! | `DELETE /v1/inbox?`[`ClearQuery`] | forget messages | [`Cleared`] |
//! | `POST /v1/dial/{who}/{port}` upgrade | a raw stream to a port of a peer | bytes |
//! | `POST /v1/listen/{port}` upgrade | the next stream from a peer to our port | [`Accepted`] line, then bytes |
//! | `POST /v1/shutdown` | end the daemon | `null` |

pub mod client;
mod error;
mod failure;
pub(crate) mod server;
mod view;

pub use error::{Code, Error};
use serde::{Deserialize, Serialize};

/// The token of the `Upgrade` header of raw port streams.
pub const UPGRADE: &str = "airway-stream";

/// Every answer: data, or an error with what to do next.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Envelope<T> {
    /// The call did what it says.
    Ok {
        /// What was asked for.
        data: T,
    },
    /// The call changed nothing.
    Error(Error),
}

/// The daemon at a glance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Of the daemon, which may be older than the command that asks.
    pub version: String,
    /// Process id of the daemon.
    pub pid: u32,
    /// Where the agent's files lie.
    pub home: String,
    /// Full address, with fingerprint.
    pub address: String,
    /// The name on our card.
    pub name: Option<String>,
    /// Seconds since the start.
    pub uptime_s: u64,
    /// Multiaddrs that the node listens on.
    pub listening: Vec<String>,
    /// How many agents we trust.
    pub contacts: usize,
    /// How many of them are connected.
    pub connected: usize,
    /// Messages in the inbox that nobody has read.
    pub unread: u64,
    /// Ports that programs of this machine listen on.
    pub ports: Vec<u16>,
    /// What is wrong, and what to do about it; empty when all is well.
    pub warnings: Vec<String>,
}

/// Who this agent is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Me {
    /// Full address, with fingerprint.
    pub address: String,
    /// The agent's id for life.
    pub agent_id: String,
    /// The fingerprint alone.
    pub fingerprint: String,
    /// The libp2p peer id.
    pub peer_id: String,
    /// The name on our card.
    pub name: Option<String>,
}

/// A contact card as people copy it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CardText {
    /// `airway:…`
    pub card: String,
    /// Full address of whom it names.
    pub address: String,
    /// The name on it.
    pub name: Option<String>,
    /// Multiaddrs on it.
    pub multiaddrs: Vec<String>,
}

/// An agent on the trust list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Contact {
    /// Full address, with fingerprint.
    pub address: String,
    /// The agent's id for life.
    pub agent_id: String,
    /// The libp2p peer id.
    pub peer_id: String,
    /// Our own name for it.
    pub alias: Option<String>,
    /// The name on its card: its own choice, a hint.
    pub name: Option<String>,
    /// Multiaddrs where it was last known to be.
    pub multiaddrs: Vec<String>,
    /// Unix milliseconds.
    pub trusted_at: i64,
    /// Unix milliseconds of the last exchange.
    pub last_used: Option<i64>,
    /// Whether a connection is open now.
    pub connected: bool,
}

/// A connection to a trusted agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Peer {
    /// Full address, with fingerprint.
    pub address: String,
    /// Alias, else name.
    pub name: Option<String>,
    /// `direct` or `relayed`.
    pub path: Path,
    /// `quic` or `tcp`.
    pub transport: String,
    /// The remote multiaddr.
    pub multiaddr: String,
    /// `out` if we dialled, `in` if the peer did.
    pub direction: Direction,
    /// Seconds since it was established.
    pub open_s: u64,
}

/// How the bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Path {
    /// Straight from socket to socket.
    Direct,
    /// Through a relay, which sees only ciphertext.
    Relayed,
}

/// Who dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The peer dialled us.
    In,
    /// We dialled the peer.
    Out,
}

/// Trust the holder of a card.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustRequest {
    /// `airway:…`
    pub card: String,
    /// Our own name for it.
    #[serde(default)]
    pub alias: Option<String>,
}

/// Set or clear a local name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasRequest {
    /// `None` clears it.
    pub alias: Option<String>,
}

/// One round trip.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PingRequest {
    /// Alias, name, address or card.
    pub who: String,
    /// Milliseconds to wait, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// The answer to a ping.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pong {
    /// Full address of who answered.
    pub address: String,
    /// Microseconds from the first byte sent to the last received, on a stream that was open.
    pub rtt_us: u64,
    /// Microseconds that opening the stream took, dialling included.
    pub open_us: u64,
    /// How the bytes travelled.
    pub path: Path,
    /// `quic` or `tcp`.
    pub transport: String,
    /// The remote multiaddr.
    pub multiaddr: String,
}

/// What a message holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// UTF-8.
    #[default]
    Text,
    /// One JSON value.
    Json,
    /// Any bytes.
    Binary,
}

/// The query of a message to send; its payload is the body, as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendQuery {
    /// Alias, name, address or card.
    pub to: String,
    /// What the body holds.
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// Id of the message that this one answers.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// A UUIDv7 of the caller's own: the same id sent again is delivered once.
    #[serde(default)]
    pub id: Option<String>,
    /// Milliseconds to wait, dialling included.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// A message that its receiver has on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// Full address of the receiver.
    pub to: String,
    /// Bytes of the payload.
    pub size: u64,
    /// The receiver had it already: an earlier attempt had arrived.
    pub duplicate: bool,
}

/// Which received messages.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxQuery {
    /// Only those after this sequence number.
    #[serde(default)]
    pub after: Option<u64>,
    /// At most so many; the daemon's default if absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only those nobody has read.
    #[serde(default)]
    pub unread: bool,
    /// Only those from this agent.
    #[serde(default)]
    pub from: Option<String>,
}

/// A received message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InboxItem {
    /// Place in the inbox: grows by order of arrival, never reused.
    pub seq: u64,
    /// The sender's id for it.
    pub id: String,
    /// Full address of the sender.
    pub from: String,
    /// Alias or name of the sender, while it is a contact.
    pub name: Option<String>,
    /// What the payload holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Id of the message that this one answers.
    pub reply_to: Option<String>,
    /// Unix milliseconds by the sender's clock.
    pub sent_at: i64,
    /// Unix milliseconds by ours.
    pub received_at: i64,
    /// Whether it was shown before.
    pub read: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// The payload: a string for text, the value for JSON, base64 for binary.
    pub body: serde_json::Value,
}

/// Which messages to forget; exactly one of them is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearQuery {
    /// Ids, or unique beginnings of ids, separated by commas.
    #[serde(default)]
    pub ids: Option<String>,
    /// Those that were read.
    #[serde(default)]
    pub read: bool,
    /// All of them.
    #[serde(default)]
    pub all: bool,
}

/// How many messages were forgotten.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cleared {
    /// Messages.
    pub cleared: u64,
}

/// The first line on an upgraded `listen` stream, once a peer has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Accepted {
    /// Full address of the peer.
    pub from: String,
    /// Alias or name of the peer.
    pub name: Option<String>,
}

/// Measure the way to a peer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchRequest {
    /// Alias, name, address or card.
    pub who: String,
    /// What to measure; everything if empty or absent.
    #[serde(default)]
    pub only: Vec<BenchPhase>,
    /// Bytes in each direction, up to 1 GiB; 64 MiB if absent.
    #[serde(default)]
    pub size: Option<u64>,
    /// Milliseconds that each measurement may take, up to 25,000; 10,000 if absent.
    #[serde(default)]
    pub time_ms: Option<u64>,
    /// Milliseconds to wait for each answer, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BenchPhase {
    /// Round trips on an open stream.
    Latency,
    /// Bytes to the peer.
    Up,
    /// Bytes from the peer.
    Down,
    /// New streams.
    Streams,
}

/// A line of a bench: `{"progress":…}` some ten times a second, and `{"result":…}` as the last.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BenchEvent {
    /// How far it is.
    Progress(BenchProgress),
    /// What was measured.
    Result(BenchResult),
}

/// How far a measurement is. It may end before all is done, when its time is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BenchProgress {
    /// Which one.
    pub phase: BenchPhase,
    /// Bytes, round trips or streams so far.
    pub done: u64,
    /// All that there will be.
    pub total: u64,
}

/// What was measured; a part that was not asked for is absent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BenchResult {
    /// Full address of the peer.
    pub address: String,
    /// How the bytes travelled.
    pub path: Path,
    /// `quic` or `tcp`.
    pub transport: String,
    /// The remote multiaddr.
    pub multiaddr: String,
    /// Round trips of 64 bytes on an open stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<BenchLatency>,
    /// Bytes to the peer, until it had counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<BenchTransfer>,
    /// Bytes from the peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<BenchTransfer>,
    /// Streams that were opened and carried one byte there and back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<BenchStreams>,
}

/// Round trips, in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BenchLatency {
    /// How many there were.
    pub count: u64,
    /// The shortest.
    pub min_us: u64,
    /// Half of them took no longer.
    pub p50_us: u64,
    /// 99 of 100 took no longer.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

/// Bytes in one direction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BenchTransfer {
    /// Bytes that arrived.
    pub bytes: u64,
    /// Microseconds that they took.
    pub elapsed_us: u64,
    /// Bytes a second.
    pub bytes_per_s: f64,
}

/// New streams a second.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BenchStreams {
    /// When each waits for the one before it.
    pub one_at_a_time_per_s: f64,
    /// How many were under way for the next figure.
    pub at_once: u64,
    /// With so many under way.
    pub at_once_per_s: f64,
}
