//! How the parts of the node look to a caller.

mod bench;
mod events;
mod network;
mod outbox;
mod polo;
mod tasks;
mod trust;

use std::time::Duration;

use data_encoding::BASE64;

use libp2p::PeerId;

use super::{
    Code, Contact, Dht, Direction, InboxItem, Kind, Me, MeshPart, Path, Peer, Pong, Relay, Status, Stealth,
};
use crate::{Connection, Node, Received, ReceivedFile, Standing, contacts, protocols::data, services};

/// Requests that the status names; the others are in the list of them.
const NAMED: usize = 8;

impl Status {
    pub(crate) async fn of(node: &Node) -> Result<Self, super::Error> {
        let mut connected: Vec<_> =
            node.connections().into_iter().map(|(contact, _)| contact.agent).collect();
        connected.sort_unstable();
        connected.dedup();
        let (waiting, given_up) = node.outbox_count().await?;
        let pending = node.requests(&[Standing::Pending]).await?;
        let network = node.network().await?;
        let is_member = network.is_some();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            home: node.home().root().display().to_string(),
            address: node.me().endpoint().to_string(),
            name: node.me().name,
            network: network.map(|network| network.name),
            visibility: node.visibility().into(),
            dht: Dht::of(node),
            uptime_s: node.uptime().as_secs(),
            listening: texts(&node.listening()),
            relays: node.relays().into_iter().map(Relay::from).collect(),
            reachable: node.is_reachable(),
            relay_server: node.config().relay_server,
            stealth: node.config().stealth.then(|| Stealth {
                networks: node.config().expect.len(),
                addresses: node.expected_addresses(),
            }),
            contacts: node.contacts().len(),
            connected: connected.len(),
            pending: pending.len() as u64,
            pending_from: pending.iter().take(NAMED).map(|request| request.endpoint.to_string()).collect(),
            mesh: if is_member { Some(MeshPart::of(node).await) } else { None },
            unread: node.unread().await?,
            waiting,
            given_up,
            ports: node.ports(),
            warnings: node.warnings(),
        })
    }
}

impl MeshPart {
    async fn of(node: &Node) -> Self {
        let gossip = node.gossip().await;
        let peers = gossip.peers.iter().filter(|peer| peer.joined).count();
        Self { joined: gossip.joined, peers }
    }
}

impl From<(PeerId, bool)> for Relay {
    fn from((peer, reserved): (PeerId, bool)) -> Self {
        Self { peer_id: peer.to_string(), reserved }
    }
}

impl Me {
    pub(super) async fn of(node: &Node) -> Result<Self, super::Error> {
        let me = node.me();
        Ok(Self {
            address: me.endpoint().to_string(),
            agent_id: me.agent.to_string(),
            fingerprint: me.agent.fingerprint().to_string(),
            peer_id: me.peer.to_string(),
            name: me.name,
            tags: texts(&me.tags),
            network: node.network().await?.map(|network| network.name),
            visibility: node.visibility().into(),
            dht: Dht::of(node),
        })
    }
}

impl Contact {
    pub(super) fn of(node: &Node, contact: contacts::Contact) -> Self {
        Self {
            address: contact.endpoint().to_string(),
            agent_id: contact.agent.to_string(),
            peer_id: contact.peer.to_string(),
            connected: node.connections().iter().any(|(other, _)| other.agent == contact.agent),
            multiaddrs: texts(&contact.multiaddrs),
            alias: contact.alias,
            name: contact.name,
            trusted_at: time(contact.trusted_at),
            last_used: contact.last_used.map(time),
            scopes: (*contact.scopes).clone().into(),
            granted: contact.granted.map(Into::into),
            expires: contact.expires.map(time),
            confirmed: contact.confirmed,
        }
    }
}

impl Peer {
    pub(super) fn of((contact, connection): (contacts::Contact, Connection)) -> Self {
        Self {
            address: contact.endpoint().to_string(),
            name: contact.alias.or(contact.name),
            path: Path::of(&connection),
            transport: connection.transport().into(),
            multiaddr: connection.address.to_string(),
            direction: if connection.dialled { Direction::Out } else { Direction::In },
            open_s: connection.since.elapsed().as_secs(),
        }
    }
}

impl Path {
    fn of(connection: &Connection) -> Self {
        if connection.is_relayed() { Self::Relayed } else { Self::Direct }
    }
}

impl Pong {
    pub(super) fn of(contact: &contacts::Contact, pong: &services::Pong) -> Self {
        let connection = pong.connection.as_ref();
        Self {
            address: contact.endpoint().to_string(),
            rtt_us: micros(pong.rtt),
            open_us: micros(pong.open),
            path: connection.map_or(Path::Direct, Path::of),
            transport: connection.map_or_else(String::new, |connection| connection.transport().into()),
            multiaddr: connection.map_or_else(String::new, |connection| connection.address.to_string()),
        }
    }
}

impl InboxItem {
    pub(super) fn of(node: &Node, message: Received) -> Self {
        let contact = node.contact(&message.from);
        let from = contact.as_ref().map_or_else(
            // Whoever is no contact any more still has the address that its id gives.
            || node.endpoint_of(&message.from).to_string(),
            |contact| contact.endpoint().to_string(),
        );
        Self {
            seq: message.seq,
            id: message.id.to_string(),
            from,
            name: contact.and_then(|contact| contact.alias.or(contact.name)),
            kind: if message.file.is_some() { Kind::File } else { message.kind.into() },
            reply_to: message.reply_to.map(|id| id.to_string()),
            sent_at: time(message.sent_at),
            received_at: time(message.received_at),
            read: message.read,
            size: message.file.as_ref().map_or(message.payload.len() as u64, |file| file.size),
            body: match &message.file {
                Some(file) => described(file),
                None => body(message.kind, &message.payload),
            },
        }
    }
}

/// A file: what it is called and where it lies, in place of its bytes.
fn described(file: &ReceivedFile) -> serde_json::Value {
    serde_json::json!({
        "name": file.name,
        "path": file.path.display().to_string(),
        "size": file.size,
        "blake3": file.digest.to_string(),
    })
}

/// Text as a string, JSON as its value, other bytes in base64. Payloads were checked when they came in.
fn body(kind: data::Kind, payload: &[u8]) -> serde_json::Value {
    let text = || String::from_utf8_lossy(payload).into_owned().into();
    match kind {
        data::Kind::Text => text(),
        // Nested deeper than the parser goes: still better shown as text than not at all.
        data::Kind::Json => serde_json::from_slice(payload).unwrap_or_else(|_| text()),
        data::Kind::Binary => BASE64.encode(payload).into(),
    }
}

impl From<data::Kind> for Kind {
    fn from(kind: data::Kind) -> Self {
        match kind {
            data::Kind::Text => Self::Text,
            data::Kind::Json => Self::Json,
            data::Kind::Binary => Self::Binary,
        }
    }
}

impl TryFrom<Kind> for data::Kind {
    type Error = super::Error;

    fn try_from(kind: Kind) -> Result<Self, Self::Error> {
        match kind {
            Kind::Text => Ok(Self::Text),
            Kind::Json => Ok(Self::Json),
            Kind::Binary => Ok(Self::Binary),
            Kind::File => Err(super::Error::new(Code::BadRequest, "a message is not a file")
                .hint("send its bytes as binary, up to 1 MiB")),
        }
    }
}

pub(super) fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// A clock that stands beyond the year 292 million is not ours to worry about.
fn time(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
