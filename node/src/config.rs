//! The settings of a node, merged in this one place: defaults, then the file, then the environment, then
//! flags. The last one that speaks wins, and every value remembers who that was.
//!
//! A value that is wrong is an error wherever it stands, even if a later source overrides it: it would come
//! back as a surprise on the day the override is gone.
//!
//! ```toml
//! name = "reviewer"
//! listen = ["/ip4/0.0.0.0/udp/4001/quic-v1"]
//! announce = ["/dns4/agent.example.org/udp/4001/quic-v1"]
//! relays = ["/ip4/198.51.100.7/udp/4001/quic-v1/p2p/12D3KooW…"]
//! relay_server = false
//! stealth = true
//! expect = ["192.0.2.0/24"]
//! visibility = "listed"
//! dht = "client"
//! bootstrap = ["/ip4/198.51.100.7/udp/4001/quic-v1/p2p/12D3KooW…"]
//!
//! # Or, in place of a network of Airway, the private network of libp2p that has this key:
//! # swarm_key = "swarm.key"
//! # dht_prefix = "/ipfs"
//!
//! [log]
//! filter = "info"
//! format = "json"
//!
//! [tasks]
//! accept = "manual"
//! policy = "score"
//! threshold = 0
//!
//! [polo]
//! share = false
//!
//! [limits]
//! inbox_bytes = 268435456
//! outbox_bytes = 268435456
//! files_bytes = 10737418240
//! tasks_bytes = 268435456
//! connections = 256
//! kept_connections = 64
//! ```

pub mod env;
mod error;
mod file;
mod finding;
mod layer;
mod merge;
mod relay;
mod setting;
mod swarm_key;
mod value;
mod work;

use std::{collections::BTreeMap, path::Path};

use airway_protocols::invite::Invite;
use ipnet::IpNet;
use libp2p::Multiaddr;

pub use self::{
    error::{Error, Place},
    finding::{DhtMode, Visibility},
    layer::Overrides,
    relay::Relay,
    setting::{Origin, Setting},
    swarm_key::SwarmKey,
    value::LogFormat,
    work::{Accept, Policy, Polo, Tasks},
};
use self::{
    finding::{Finding, is_tcp, keep_tcp},
    layer::Layer,
    merge::Merge,
    setting::key,
};

/// Bytes held for messages that nobody has cleared: 256 of the largest ones, of 1 MiB.
const INBOX_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes held for contacts that are away.
const OUTBOX_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes held for files: as much as a home directory is likely to spare.
const FILES_BYTES: u64 = 10 * 1024 * 1024 * 1024;
/// Bytes held for tasks and their results: 4,000 of the largest ones that bring no file.
const TASKS_BYTES: u64 = 256 * 1024 * 1024;
/// Connections at once: four times what is kept, so that strangers find a place beside trusted agents.
const CONNECTIONS: u32 = 256;
/// The same on a relay server: its 128 clients, those who come to them, and what an agent has.
const RELAY_CONNECTIONS: u32 = 512;
/// Connections held open without use, so that the next message to a trusted agent leaves at once.
const KEPT_CONNECTIONS: u32 = 64;
/// What is logged unless told otherwise.
const LOG_FILTER: &str = "info";

/// The settings of a node.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the agent calls itself, if it does.
    pub name: Option<String>,
    /// Addresses to listen on. Port 0 means that the node picks a port once and remembers it.
    pub listen: Vec<Multiaddr>,
    /// More addresses to tell others, for a port that is forwarded by hand.
    pub announce: Vec<Multiaddr>,
    /// Our own relays, which others reach us through.
    pub relays: Vec<Relay>,
    /// Whether this node is a relay for others.
    pub relay_server: bool,
    /// Whether those alone are answered who come from where somebody is expected.
    pub stealth: bool,
    /// Networks where somebody is expected, besides the addresses of those whom we know.
    pub expect: Vec<IpNet>,
    /// Who may find this node, if the owner has said so.
    pub visibility: Option<Visibility>,
    /// What part this node takes in the DHT.
    pub dht: DhtMode,
    /// Hosts through which the others of the network are found.
    pub bootstrap: Vec<Relay>,
    /// The key of the private network that this node is in, in place of a network of Airway.
    pub swarm_key: Option<SwarmKey>,
    /// What stands before `/kad/1.0.0` in the protocol of the DHT of that network.
    pub dht_prefix: Option<String>,
    /// The invite with which a home that is in no network joins one. Its text is secret.
    pub invite: Option<Invite>,
    /// What is done about tasks that others ask for.
    pub tasks: Tasks,
    /// What is done about receipts.
    pub polo: Polo,
    /// What is logged, and how.
    pub log: Log,
    /// What the node may use up.
    pub limits: Limits,
    origins: BTreeMap<&'static str, Origin>,
}

/// Settings of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Directives of `tracing`: `info`, or `warn,airway=debug`.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// Caps on what a node may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes in the inbox; a message beyond it is answered with `quota`.
    pub inbox_bytes: u64,
    /// Most bytes in the outbox; nothing more is taken from programs beyond it.
    pub outbox_bytes: u64,
    /// Most bytes of files, those that are coming in included; a file beyond it is answered with `quota`.
    pub files_bytes: u64,
    /// Most bytes of tasks and their results, files that belong to them excepted; nothing more is taken beyond it.
    pub tasks_bytes: u64,
    /// Most connections at once.
    pub connections: u32,
    /// Most connections held open without use; never more than `connections`.
    pub kept_connections: u32,
}

impl Config {
    /// Merges the defaults, the file at `path` if there is one, the environment and `flags`.
    ///
    /// `env` answers for one variable; variables that are empty count as unset.
    ///
    /// # Errors
    ///
    /// [`Error`] if the file cannot be read or has an unknown key, or if any source has a bad value.
    pub fn load(path: &Path, env: impl Fn(&str) -> Option<String>, flags: Overrides) -> Result<Self, Error> {
        Self::merge([
            (Origin::File, file::read(path)?),
            (Origin::Env, env::read(env)),
            (Origin::Flag, flags.into()),
        ])
    }

    /// Goes through the settings one by one; `layers` are in ascending order of precedence.
    fn merge(layers: [(Origin, Layer); 3]) -> Result<Self, Error> {
        let mut merge = Merge::new(layers);
        let Finding { visibility, dht, bootstrap, swarm_key, dht_prefix, invite } =
            Finding::merge(&mut merge)?;
        let usual =
            || default_listen(0).into_iter().filter(|all| swarm_key.is_none() || is_tcp(all)).collect();
        let name = merge.pick(key::NAME, |l| &mut l.name, |s| value::name(s).map(Some), || None)?;
        let listen = merge.pick(key::LISTEN, |l| &mut l.listen, value::listen, usual)?;
        let announce = merge.pick(key::ANNOUNCE, |l| &mut l.announce, value::announce, Vec::new)?;
        let relays = merge.pick(key::RELAYS, |l| &mut l.relays, relay::relays, Vec::new)?;
        let relay_server = merge.switch(key::RELAY_SERVER, |l| &mut l.relay_server)?;
        let stealth = merge.switch(key::STEALTH, |l| &mut l.stealth)?;
        let expect = merge.pick(key::EXPECT, |l| &mut l.expect, value::networks, Vec::new)?;
        let (tasks, polo) = (Tasks::merge(&mut merge)?, Polo::merge(&mut merge)?);
        let filter = || LOG_FILTER.into();
        let log = Log {
            filter: merge.pick(key::LOG_FILTER, |l| &mut l.log_filter, value::filter, filter)?,
            format: merge.pick(key::LOG_FORMAT, |l| &mut l.log_format, value::format, LogFormat::default)?,
        };
        let limits = Limits::merge(&mut merge, relay_server)?;
        let origins = std::mem::take(&mut merge.origins);
        let mut config = Self {
            name,
            listen,
            announce,
            relays,
            relay_server,
            stealth,
            expect,
            visibility,
            dht,
            bootstrap,
            swarm_key,
            dht_prefix,
            invite,
            tasks,
            polo,
            log,
            limits,
            origins,
        };
        config.check(&merge)?;
        Ok(config)
    }

    /// Refuses settings that do not go together.
    fn check(&mut self, merge: &Merge) -> Result<(), Error> {
        if self.stealth && self.relay_server {
            let hint = "a relay has to answer strangers: run it as an agent of its own, in another --home";
            merge.contrary(key::STEALTH, key::RELAY_SERVER, hint)?;
        }
        if self.stealth && self.dht == DhtMode::Server {
            let hint = "whoever serves the DHT has to answer whoever asks: choose dht = \"client\"";
            merge.contrary(key::STEALTH, key::DHT, hint)?;
        }
        if self.swarm_key.is_none() {
            return Ok(());
        }
        let hint = "a swarm key protects TCP alone: name an address such as /ip4/192.0.2.1/tcp/4001";
        let fits = [
            (key::LISTEN, self.listen.iter().all(is_tcp)),
            (key::ANNOUNCE, self.announce.iter().all(is_tcp)),
            (key::RELAYS, keep_tcp(&mut self.relays)),
            (key::BOOTSTRAP, keep_tcp(&mut self.bootstrap)),
        ];
        fits.into_iter()
            .filter(|(_, fits)| !fits)
            .try_for_each(|(key, _)| merge.contrary(key, key::SWARM_KEY, hint))
    }

    /// Every setting with its value and where that came from, in the order of the documentation.
    pub fn settings(&self) -> Vec<Setting> {
        let texts = |addresses: &[Multiaddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
        let values = [
            (key::NAME, self.name.clone().into()),
            (key::LISTEN, texts(&self.listen).into()),
            (key::ANNOUNCE, texts(&self.announce).into()),
            (key::RELAYS, self.relays.iter().flat_map(Relay::texts).collect()),
            (key::RELAY_SERVER, self.relay_server.into()),
            (key::STEALTH, self.stealth.into()),
            (key::EXPECT, self.expect.iter().map(ToString::to_string).collect()),
            (key::VISIBILITY, self.visibility.map(Visibility::as_str).into()),
            (key::DHT, self.dht.as_str().into()),
            (key::BOOTSTRAP, self.bootstrap.iter().flat_map(Relay::texts).collect()),
            (key::SWARM_KEY, self.swarm_key.as_ref().map(|key| key.path().display().to_string()).into()),
            (key::DHT_PREFIX, self.dht_prefix.clone().into()),
            // The id alone: whoever has the text may use it.
            (key::INVITE, self.invite.as_ref().map(|invite| invite.id().to_string()).into()),
            (key::TASKS_ACCEPT, self.tasks.accept.as_str().into()),
            (key::TASKS_POLICY, self.tasks.policy.as_str().into()),
            (key::TASKS_THRESHOLD, self.tasks.threshold()),
            (key::POLO_SHARE, self.polo.share.into()),
            (key::LOG_FILTER, self.log.filter.clone().into()),
            (key::LOG_FORMAT, self.log.format.as_str().into()),
            (key::INBOX_BYTES, self.limits.inbox_bytes.into()),
            (key::OUTBOX_BYTES, self.limits.outbox_bytes.into()),
            (key::FILES_BYTES, self.limits.files_bytes.into()),
            (key::TASKS_BYTES, self.limits.tasks_bytes.into()),
            (key::CONNECTIONS, self.limits.connections.into()),
            (key::KEPT_CONNECTIONS, self.limits.kept_connections.into()),
        ];
        values.into_iter().map(|(key, value)| Setting { key, value, origin: self.origin(key) }).collect()
    }

    /// Where the value of `key` comes from. A key that does not exist has only a default.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).copied().unwrap_or(Origin::Default)
    }
}

impl Limits {
    fn merge(merge: &mut Merge, relay_server: bool) -> Result<Self, Error> {
        let inbox_bytes =
            merge.pick(key::INBOX_BYTES, |l| &mut l.inbox_bytes, value::bytes, || INBOX_BYTES)?;
        let outbox_bytes =
            merge.pick(key::OUTBOX_BYTES, |l| &mut l.outbox_bytes, value::bytes, || OUTBOX_BYTES)?;
        let files_bytes =
            merge.pick(key::FILES_BYTES, |l| &mut l.files_bytes, value::bytes, || FILES_BYTES)?;
        let tasks_bytes =
            merge.pick(key::TASKS_BYTES, |l| &mut l.tasks_bytes, value::bytes, || TASKS_BYTES)?;
        let usual = || if relay_server { RELAY_CONNECTIONS } else { CONNECTIONS };
        let connections = merge.pick(key::CONNECTIONS, |l| &mut l.connections, value::count, usual)?;
        let kept_connections = merge.pick(
            key::KEPT_CONNECTIONS,
            |l| &mut l.kept_connections,
            |kept| value::count_up_to(kept, connections),
            || KEPT_CONNECTIONS.min(connections),
        )?;
        Ok(Self { inbox_bytes, outbox_bytes, files_bytes, tasks_bytes, connections, kept_connections })
    }
}

/// The addresses listened on unless told otherwise: QUIC and TCP, IPv4 and IPv6, all on `port`.
pub fn default_listen(port: u16) -> Vec<Multiaddr> {
    use std::net::{Ipv4Addr, Ipv6Addr};
    let any = [Multiaddr::from(Ipv4Addr::UNSPECIFIED), Multiaddr::from(Ipv6Addr::UNSPECIFIED)];
    let quic = any.clone().map(|address| address.with(value::udp(port)).with(value::QUIC));
    let tcp = any.map(|address| address.with(value::tcp(port)));
    quic.into_iter().chain(tcp).collect()
}

#[cfg(test)]
mod tests;
