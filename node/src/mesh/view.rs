//! Networks, members and invites, as a program sees them.

use std::time::Duration;

use airway_protocols::{
    address::Endpoint,
    agent::AgentId,
    card::Card,
    certificate::Invalid,
    invite::InviteId,
    network::{NetworkId, Roles},
    tag::Tag,
};
use libp2p::Multiaddr;

/// How long an invite is good unless told otherwise.
pub const INVITE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// The longest that an invite is good.
pub const MAX_INVITE_LIFE: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long a certificate is good unless told otherwise; it is renewed after two thirds.
pub const CERTIFICATE_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The same for those who come and go.
pub const EPHEMERAL_LIFE: Duration = Duration::from_secs(3600);

/// How short and how long a certificate may be.
pub const CERTIFICATE_LIVES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_secs(366 * 24 * 3600);

/// How a new network is to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkOptions {
    /// Whether members trust each other because they are members.
    pub trust_members: bool,
    /// Its number, 1 to 65,534; drawn at random from 256 up, if absent.
    pub number: Option<u16>,
}

/// How often an invite may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uses {
    /// By one agent.
    #[default]
    Once,
    /// By so many agents.
    Times(u32),
    /// By as many as come.
    Unlimited,
}

/// What an invite is good for.
#[derive(Debug, Clone)]
pub struct InviteOptions {
    /// By how many.
    pub uses: Uses,
    /// For how long.
    pub lasts: Duration,
    /// What those who join may do besides.
    pub roles: Roles,
    /// How long their certificates are good before they have to be renewed; as usual, if absent.
    pub certificate_life: Option<Duration>,
    /// For agents that come and go: they leave when they shut down.
    pub ephemeral: bool,
}

impl Default for InviteOptions {
    fn default() -> Self {
        Self {
            uses: Uses::default(),
            lasts: INVITE_LIFE,
            roles: Roles::default(),
            certificate_life: None,
            ephemeral: false,
        }
    }
}

/// The private network that the agent belongs to.
#[derive(Debug, Clone)]
pub struct Network {
    /// What it really is.
    pub id: NetworkId,
    /// What its founder called it.
    pub name: String,
    /// The first part of its members' addresses: a label.
    pub number: u16,
    /// Whether members trust each other because they are members.
    pub trust_members: bool,
    /// Unix milliseconds of its foundation.
    pub created: u64,
    /// Whether the key of its authority is in this home.
    pub authority: bool,
    /// What we may do in it besides.
    pub roles: Roles,
    /// What we are called in it.
    pub member_name: Option<String>,
    /// Unix milliseconds until which our certificate is good.
    pub expires: u64,
    /// Whether we are a member at this moment.
    pub standing: Result<(), Invalid>,
    /// Whether we leave when we shut down.
    pub ephemeral: bool,
    /// The version of the list of those who were expelled; 0 is none.
    pub revocations: u64,
    /// Members that we have met since the start.
    pub members_met: usize,
    /// Servers of the DHT that we know of.
    pub servers: usize,
    /// What others find of us, and how many servers have it; none, if nothing.
    pub published: Option<Published>,
}

/// What others find of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Unix milliseconds of the claim.
    pub issued: u64,
    /// On how many servers it lies, under the key that has it least.
    pub stored: usize,
}

/// How an agent stands with its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is a member.
    Member,
    /// It was, until its certificate expired.
    Expired,
    /// It has left.
    Left,
    /// It was expelled.
    Expelled,
}

/// A member, as far as it is known here.
#[derive(Debug, Clone)]
pub struct MemberState {
    /// For life.
    pub agent: AgentId,
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// What the network calls it.
    pub name: Option<String>,
    /// What it may do besides.
    pub roles: Roles,
    /// Unix milliseconds until which its certificate is good.
    pub expires: u64,
    /// Unix milliseconds of the last time that it proved to be a member to us.
    pub seen: Option<u64>,
    /// Whether it is connected.
    pub connected: bool,
    /// Whether it serves the DHT.
    pub serves: bool,
    /// How it stands.
    pub membership: Membership,
}

/// An invite that this agent has made.
#[derive(Debug, Clone)]
pub struct InviteState {
    /// What it is called.
    pub id: InviteId,
    /// What those who join may do besides.
    pub roles: Roles,
    /// Unix milliseconds.
    pub expires: u64,
    /// Uses that are left; none is without end.
    pub uses_left: Option<u32>,
    /// Whether those who join leave when they shut down.
    pub ephemeral: bool,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// Unix milliseconds.
    pub created: u64,
}

/// Which layer knew an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Our own name for a contact.
    Alias,
    /// The name or the address that was pinned when we came to trust it.
    Contact,
    /// The name or the address that the network's authority has given it.
    Network,
    /// What an agent says of itself, and nobody else.
    Claim,
    /// The card that was given.
    Card,
}

/// An agent that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// For life.
    pub agent: AgentId,
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// What it is called by the layer that knew it.
    pub name: Option<String>,
    /// Where it may be reached.
    pub addresses: Vec<Multiaddr>,
    /// What it says it can do.
    pub tags: Vec<Tag>,
    /// Who knew it.
    pub layer: Layer,
    /// Whether we trust it.
    pub trusted: bool,
    /// Its card, where the network or whoever asks had one.
    pub card: Option<Card>,
    /// Unix milliseconds of what it said about itself.
    pub issued: Option<u64>,
    /// Requests that it took.
    pub requests: u32,
}
