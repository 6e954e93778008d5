//! The local API: what programs on this machine, the command line among them, ask of the daemon.
//!
//! HTTP over a Unix socket, JSON in and out. This file holds the types of both sides; `server` answers
//! with them, [`client`] asks with them. An answer is always an [`Envelope`]; a follow mode is NDJSON, one
//! bare object per line.
//!
//! | call | what | answers |
//! |---|---|---|
//! | `GET /v1/openapi.json` | this table for programs | OpenAPI 3.1 |
//! | `GET /v1/health` | does it do its work; 503 if not | [`Health`] |
//! | `GET /metrics` | counters and gauges | OpenMetrics text |
//! | `GET /v1/status` | is it up, what does it listen on | [`Status`] |
//! | `GET /v1/me` | who am I | [`Me`] |
//! | `PATCH /v1/me` [`ProfileRequest`] | change what others find of us | [`Me`] |
//! | `GET /v1/card` | the contact card to hand out | [`CardText`] |
//! | `GET /v1/contacts` | whom do I trust | `[`[`Contact`]`]` |
//! | `DELETE /v1/contacts/{who}?`[`UntrustQuery`] | stop trusting, or take a request back | [`Request`] |
//! | `PUT /v1/contacts/{who}/scopes` [`Scopes`] | change what a contact may do | [`Contact`] |
//! | `PUT /v1/contacts/{who}/alias` [`AliasRequest`] | set or clear a local name | [`Contact`] |
//! | `POST /v1/trust` [`TrustRequest`] | ask an agent to trust us | [`Trust`] |
//! | `GET /v1/trust/requests?`[`RequestsQuery`] | who waits for an answer | `[`[`Request`]`]` |
//! | `GET /v1/trust/requests/follow` | who asks, as they come | NDJSON of [`Request`] |
//! | `POST /v1/trust/approve` [`ApproveRequest`] | trust an agent that has asked | [`Contact`] |
//! | `POST /v1/trust/reject` [`RejectRequest`] | turn it down | [`Request`] |
//! | `POST /v1/trust/block` [`WhoRequest`] | hear nothing of an agent any more | [`Request`] |
//! | `POST /v1/trust/unblock` [`WhoRequest`] | hear of it again | [`Request`] |
//! | `GET /v1/trust/log?`[`LogQuery`] | what happened between us and others | `[`[`TrustEvent`]`]` |
//! | `GET /v1/trust/log/follow?`[`LogQuery`] | the same, as it happens | NDJSON of [`TrustEvent`] |
//! | `POST /v1/pair` [`PairRequest`] | make a ticket, for one agent to be trusted | [`Ticket`] |
//! | `GET /v1/pair/{id}` | wait until it is used | [`Trust`] |
//! | `DELETE /v1/pair/{id}` | take it back | `null` |
//! | `POST /v1/pair/use` [`UseRequest`] | use the ticket of another agent | [`Contact`] |
//! | `GET /v1/pins` | which agent each address belongs to | `[`[`Pin`]`]` |
//! | `POST /v1/pins/settle` [`WhoRequest`] | settle who of several it is | [`Pin`] |
//! | `GET /v1/network` | in which network are we | [`Home`] |
//! | `POST /v1/network` [`CreateRequest`] | found one | [`Network`] |
//! | `DELETE /v1/network?`[`LeaveQuery`] | leave it | [`Network`] |
//! | `GET /v1/network/members` | who else is in it | `[`[`Member`]`]` |
//! | `POST /v1/network/expel` [`WhoRequest`] | end a membership for good | [`Member`] |
//! | `POST /v1/network/invites` [`InviteRequest`] | let others in | [`Invite`] |
//! | `GET /v1/network/invites` | how others can get in | `[`[`InviteItem`]`]` |
//! | `DELETE /v1/network/invites/{id}` | take an invite back | `null` |
//! | `POST /v1/network/join` [`JoinRequest`] | use the invite of another agent | [`Network`] |
//! | `POST /v1/network/export` [`PassphraseRequest`] | seal the key of the network's authority | [`SealedAuthority`] |
//! | `POST /v1/network/import` [`ImportRequest`] | take it in | [`Network`] |
//! | `GET /v1/find?`[`FindQuery`] | look for one agent, or for all with a tag | `[`[`Found`]`]` |
//! | `GET /v1/peers` | who is connected, how | `[`[`Peer`]`]` |
//! | `POST /v1/ping` [`PingRequest`] | one round trip to port 7 | [`Pong`] |
//! | `POST /v1/bench` [`BenchRequest`] | measure the way to a peer | NDJSON of [`BenchEvent`] |
//! | `POST /v1/messages?`[`SendQuery`] raw body | send a message, wait for its acknowledgement | [`Sent`] |
//! | `POST /v1/files` [`FileRequest`] | send a file of this machine | [`OutboxItem`] |
//! | `GET /v1/outbox?`[`OutboxQuery`] | what waits for its receiver, and what was given up | `[`[`OutboxItem`]`]` |
//! | `GET /v1/outbox/{id}/follow` | how it goes on | NDJSON of [`OutboxEvent`] |
//! | `DELETE /v1/outbox/{id}` | take one thing back | [`OutboxItem`] |
//! | `DELETE /v1/outbox?`[`OutboxClearQuery`] | take several things back | [`Cleared`] |
//! | `GET /v1/inbox?`[`InboxQuery`] | received messages, oldest first | `[`[`InboxItem`]`]` |
//! | `GET /v1/inbox/follow?`[`InboxQuery`] | the same, as they arrive | NDJSON of [`InboxItem`] |
//! | `GET /v1/inbox/{id}` | one message, marked as read | [`InboxItem`] |
//! | `DELETE /v1/inbox?`[`ClearQuery`] | forget messages | [`Cleared`] |
//! | `POST /v1/events?`[`PublishQuery`] raw body | publish an event | [`Publication`] |
//! | `GET /v1/events/follow?`[`EventsQuery`] | events as they come | NDJSON of [`EventItem`] |
//! | `GET /v1/topics?`[`TopicsQuery`] | which topics have events that are kept | `[`[`TopicItem`]`]` |
//! | `POST /v1/tasks` [`TaskRequest`] | give an agent a task | [`Task`] |
//! | `GET /v1/tasks?`[`TasksQuery`] | ours and those of others | `[`[`Task`]`]` |
//! | `GET /v1/tasks/queue` | what we have accepted, in order | `[`[`Task`]`]` |
//! | `GET /v1/tasks/{id}?`[`TaskPathQuery`] | one task | [`Task`] |
//! | `GET /v1/tasks/{id}/input?`[`TaskPathQuery`] | its input, unless that is a file | bytes |
//! | `GET /v1/tasks/{id}/output?`[`TaskPathQuery`] | its result, unless that is a file | bytes |
//! | `POST /v1/tasks/next` [`NextRequest`] | take the next one, to do it | [`NextTask`] |
//! | `POST /v1/tasks/{id}/accept` | take it into the queue | [`Task`] |
//! | `POST /v1/tasks/{id}/decline` [`ReasonRequest`] | refuse to do it | [`Task`] |
//! | `POST /v1/tasks/{id}/progress` [`ProgressRequest`] | how far it is; keeps its lease | [`Task`] |
//! | `POST /v1/tasks/{id}/complete` [`CompleteRequest`] | it is done | [`Task`] |
//! | `POST /v1/tasks/{id}/fail` [`FailRequest`] | it cannot be done | [`Task`] |
//! | `POST /v1/tasks/{id}/cancel` [`CancelRequest`] | take it back | [`Task`] |
//! | `GET /v1/tasks/log?`[`TaskLogQuery`] | what happened with tasks, and what was refused | `[`[`TaskEntry`]`]` |
//! | `GET /v1/tasks/follow?`[`TaskFollowQuery`] | the same, as it happens | NDJSON of [`TaskEntry`] |
//! | `GET /v1/polo` | what receipts say about us and our contacts | `[`[`Polo`]`]` |
//! | `GET /v1/polo/{who}` | what they say about an agent | [`Polo`] |
//! | `GET /v1/polo/{who}/why` | where its score comes from | [`PoloWhy`] |
//! | `GET /v1/polo/export?`[`PoloExportQuery`] | our receipts, for others to verify | text |
//! | `POST /v1/polo/import` [`PoloImportRequest`] | take in an export of a contact | [`PoloImported`] |
//! | `POST /v1/polo/pull` [`PoloPullRequest`] | ask a contact for its receipts | [`PoloImported`] |
//! | `POST /v1/dial/{who}/{port}?`[`DialQuery`] upgrade | a raw stream to a port of a peer | bytes |
//! | `POST /v1/listen/{port}` upgrade | the next stream from a peer to our port | [`Accepted`] line, then bytes |
//! | `POST /v1/listen/{port}/keep` | every stream from peers to our port | NDJSON of [`Offered`] |
//! | `POST /v1/accept/{id}` upgrade | a stream that was so announced | bytes |
//! | `POST /v1/shutdown` | end the daemon | `null` |

mod bench;
pub mod client;
mod error;
mod events;
mod failure;
mod find;
mod inbox;
mod network;
mod outbox;
mod polo;
pub(crate) mod server;
mod streams;
mod tasks;
mod trust;
mod view;

pub use bench::{
    BenchEvent, BenchLatency, BenchPhase, BenchProgress, BenchRequest, BenchResult, BenchStreams,
    BenchTransfer,
};
pub use error::{Code, Error};
pub use events::{
    Event, EventItem, EventSource, EventsQuery, Gap, GapReason, Missing, Publication, PublishQuery,
    TopicItem, TopicsQuery,
};
pub use find::{FindQuery, Found, Layer, ProfileRequest};
pub use inbox::{ClearQuery, Cleared, InboxItem, InboxQuery, Kind};
pub use network::{
    CreateRequest, Dht, Home, ImportRequest, Invite, InviteItem, InviteRequest, InviteState, JoinRequest,
    LeaveQuery, Member, Membership, Network, PassphraseRequest, Published, Role, SealedAuthority, Visibility,
};
pub use outbox::{
    FileRequest, OutboxClearQuery, OutboxEvent, OutboxItem, OutboxQuery, SendQuery, Sent, State,
};
pub use polo::{
    Polo, PoloExportQuery, PoloImportRequest, PoloImported, PoloPair, PoloPath, PoloPullRequest, PoloWhy,
};
use serde::{Deserialize, Serialize};
pub use streams::{Accepted, DialQuery, Offered};
pub use tasks::{
    CancelRequest, CompleteRequest, FailRequest, Material, MaterialFile, NextRequest, NextTask,
    ProgressRequest, ReasonRequest, Task, TaskContent, TaskEntry, TaskExecution, TaskFile, TaskFollowQuery,
    TaskLogQuery, TaskPathQuery, TaskReason, TaskReceipt, TaskRequest, TaskRole, TaskState, TasksQuery,
};
pub use trust::{
    ApproveRequest, Asking, Claim, LogQuery, PairRequest, Pin, RejectRequest, Request, RequestsQuery, Said,
    Scopes, Standing, Ticket, Trust, TrustEvent, TrustRequest, UntrustQuery, UseRequest, What, Which,
    WhoRequest,
};
use utoipa::ToSchema;

/// The OpenAPI 3.1 document of the local API, as JSON: what `GET /v1/openapi.json` answers.
pub fn openapi() -> String {
    // Made of strings alone, it cannot fail.
    server::document().to_pretty_json().unwrap_or_default()
}

/// The token of the `Upgrade` header of raw port streams.
pub const UPGRADE: &str = "airway-stream";

/// The header with the full address of whom a stream leads to, where the network was asked who is meant.
pub const FOUND: &str = "airway-found";

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
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
    /// What the private network is called that we are in; `null` on the backbone.
    pub network: Option<String>,
    /// What others find of us there.
    pub visibility: Visibility,
    /// Our part in its distributed directory.
    pub dht: Dht,
    /// Seconds since the start.
    pub uptime_s: u64,
    /// Multiaddrs that the node listens on, and those at which relays have found it.
    pub listening: Vec<String>,
    /// Our own relays: those of the settings, then members of the network that serve as relays.
    pub relays: Vec<Relay>,
    /// Whether a relay of ours could dial us, once one has tried.
    pub reachable: Option<bool>,
    /// Whether this node is a relay for others.
    pub relay_server: bool,
    /// What is let in, if not everything is.
    pub stealth: Option<Stealth>,
    /// How many agents we trust.
    pub contacts: usize,
    /// How many of them are connected.
    pub connected: usize,
    /// How many agents have asked to be trusted, and wait.
    pub pending: u64,
    /// Full addresses of those that have waited longest, at most 8.
    pub pending_from: Vec<String>,
    /// Our part in what is published to all members of the network; `null` outside of one with an authority.
    pub mesh: Option<MeshPart>,
    /// Messages in the inbox that nobody has read.
    pub unread: u64,
    /// Things in the outbox that wait for their receivers.
    pub waiting: u64,
    /// Things in the outbox that were given up.
    pub given_up: u64,
    /// Ports that programs of this machine listen on.
    pub ports: Vec<u16>,
    /// What is wrong, and what to do about it; empty when all is well.
    pub warnings: Vec<String>,
}

/// The part of an agent in what is published to all members of its network.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeshPart {
    /// Whether it hears all of it and passes it on.
    pub joined: bool,
    /// Members that do, and are connected.
    pub peers: usize,
}

/// A relay that others reach us through.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Relay {
    /// Its libp2p id.
    pub peer_id: String,
    /// Whether it holds a reservation for us.
    pub reserved: bool,
}

/// From where connections are let in; others see neither key nor certificate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stealth {
    /// Networks of the settings.
    pub networks: usize,
    /// IP addresses of contacts and relays.
    pub addresses: usize,
}

/// Whether the daemon does its work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// All of it.
    pub healthy: bool,
    /// What is wrong; empty when all is well.
    pub reasons: Vec<String>,
}

/// Who this agent is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
    /// What we say that we can do.
    pub tags: Vec<String>,
    /// What the private network is called that we are in; `null` on the backbone.
    pub network: Option<String>,
    /// What others find of us there.
    pub visibility: Visibility,
    /// Our part in its distributed directory.
    pub dht: Dht,
}

/// A contact card as people copy it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
    /// What it may do here.
    pub scopes: Scopes,
    /// What we may do there, as it says.
    pub granted: Option<Scopes>,
    /// Unix milliseconds; the trust ends then.
    pub expires: Option<i64>,
    /// Whether it has heard that we trust it; until then it is told again and again.
    pub confirmed: bool,
}

/// A connection to a trusted agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Path {
    /// Straight from socket to socket.
    Direct,
    /// Through a relay, which sees only ciphertext.
    Relayed,
}

/// Who dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The peer dialled us.
    In,
    /// We dialled the peer.
    Out,
}

/// Set or clear a local name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasRequest {
    /// `None` clears it.
    pub alias: Option<String>,
}

/// One round trip.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PingRequest {
    /// Alias, name, address or card.
    pub who: String,
    /// Milliseconds to wait, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// The answer to a ping.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
