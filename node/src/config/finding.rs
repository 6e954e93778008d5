//! Settings of how the agent finds others and is found, and in which network.

use airway_protocols::invite::Invite;
use libp2p::{Multiaddr, multiaddr::Protocol};

use super::{
    Relay, SwarmKey,
    error::Error,
    merge::Merge,
    relay,
    setting::key,
    swarm_key,
    value::{Bad, one_of},
};

/// Longest prefix of the protocols of a foreign DHT: it is sent with each stream that is opened.
const PREFIX: usize = 64;

/// Who may find the agent, beside those to whom its owner hands its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Nobody.
    Hidden,
    /// Whoever knows its address.
    Listed,
    /// Whoever knows its address or its name, or looks for one of its tags.
    Public,
}

impl Visibility {
    /// The value as it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Listed => "listed",
            Self::Public => "public",
        }
    }
}

/// What part the agent takes in the DHT of its network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DhtMode {
    /// As its network asks for; it serves others where they can reach it.
    #[default]
    Auto,
    /// None.
    Off,
    /// It asks, and keeps nothing for others.
    Client,
    /// It keeps for others what they have to say.
    Server,
}

impl DhtMode {
    /// The value as it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Off => "off",
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// What the settings say of all that.
pub(super) struct Finding {
    pub(super) visibility: Option<Visibility>,
    pub(super) dht: DhtMode,
    pub(super) bootstrap: Vec<Relay>,
    pub(super) swarm_key: Option<SwarmKey>,
    pub(super) dht_prefix: Option<String>,
    pub(super) invite: Option<Invite>,
}

impl Finding {
    /// Settles these settings, and checks that they go together.
    pub(super) fn merge(merge: &mut Merge) -> Result<Self, Error> {
        let visibility =
            merge.pick(key::VISIBILITY, |l| &mut l.visibility, |text| visibility(text).map(Some), || None)?;
        let dht = merge.pick(key::DHT, |l| &mut l.dht, dht, DhtMode::default)?;
        let bootstrap = merge.pick(key::BOOTSTRAP, |l| &mut l.bootstrap, relay::bootstraps, Vec::new)?;
        let swarm_key = merge.pick(
            key::SWARM_KEY,
            |l| &mut l.swarm_key,
            |path| swarm_key::read(path).map(Some),
            || None,
        )?;
        let dht_prefix =
            merge.pick(key::DHT_PREFIX, |l| &mut l.dht_prefix, |text| prefix(text).map(Some), || None)?;
        let invite = merge.pick(key::INVITE, |l| &mut l.invite, |text| invite(text).map(Some), || None)?;
        if dht == DhtMode::Off && visibility.is_some_and(|visibility| visibility != Visibility::Hidden) {
            let hint = "others find an agent in the DHT: choose dht = \"client\", or visibility = \"hidden\"";
            merge.contrary(key::VISIBILITY, key::DHT, hint)?;
        }
        if dht_prefix.is_some() && swarm_key.is_none() {
            let hint = "it is for the DHT of a network with a swarm key: name the key with swarm_key, or leave it out";
            merge.alone(key::DHT_PREFIX, key::SWARM_KEY, hint)?;
        }
        if invite.is_some() && swarm_key.is_some() {
            let hint = "a home is in one network at a time: name another home with --home";
            merge.contrary(key::INVITE, key::SWARM_KEY, hint)?;
        }
        Ok(Self { visibility, dht, bootstrap, swarm_key, dht_prefix, invite })
    }
}

fn visibility(text: String) -> Result<Visibility, Bad> {
    one_of(text, [Visibility::Hidden, Visibility::Listed, Visibility::Public], Visibility::as_str)
}

fn dht(text: String) -> Result<DhtMode, Bad> {
    one_of(text, [DhtMode::Auto, DhtMode::Off, DhtMode::Client, DhtMode::Server], DhtMode::as_str)
}

fn prefix(text: String) -> Result<String, Bad> {
    let is_part = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    let good = text.strip_prefix('/').is_some_and(|parts| parts.split('/').all(is_part));
    if good && text.len() <= PREFIX {
        Ok(text)
    } else {
        Err(Bad::new(text, "what stands before /kad/1.0.0 in the name of the DHT's protocol, such as /ipfs"))
    }
}

/// What is wrong with an invite is said without showing it: somebody may use it yet.
fn invite(text: String) -> Result<Invite, Bad> {
    text.parse().map_err(|error| Bad::new("…", format!("an invite as airway invite prints it: {error}")))
}

/// Whether an address is one of TCP, which a swarm key protects alone.
pub(super) fn is_tcp(address: &Multiaddr) -> bool {
    address.iter().nth(1).is_some_and(|part| matches!(part, Protocol::Tcp(_)))
}

/// Leaves those addresses that a swarm key protects. Returns whether each host has one left.
pub(super) fn keep_tcp(hosts: &mut [Relay]) -> bool {
    for host in &mut *hosts {
        host.addresses.retain(is_tcp);
    }
    hosts.iter().all(|host| !host.addresses.is_empty())
}
