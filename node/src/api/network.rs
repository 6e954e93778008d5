//! The types of private networks: which one this agent is in, who else is, and how others get in.

mod authority;
mod invite;

pub use authority::{ImportRequest, PassphraseRequest, SealedAuthority};
pub use invite::{Invite, InviteItem, InviteRequest, InviteState, JoinRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a member may do besides being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Be a relay for the others.
    Relay,
    /// Let others in.
    Inviter,
}

/// How an agent stands with its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// It is a member.
    Member,
    /// It will be, once its certificate begins; clocks differ.
    NotYet,
    /// It was, until its certificate expired.
    Expired,
    /// It has left.
    Left,
    /// It was expelled.
    Expelled,
}

/// In which network an agent is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Home {
    /// The private one; `null` on the backbone.
    pub network: Option<Network>,
    /// What others find of us there.
    pub visibility: Visibility,
    /// Our part in its distributed directory.
    pub dht: Dht,
}

/// What others find of an agent, beside those to whom its owner hands its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Nothing.
    Hidden,
    /// Who has its address, for those who know that.
    Listed,
    /// The same by its name and its tags.
    Public,
}

/// The part of an agent in the distributed directory of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dht {
    /// None.
    Off,
    /// It asks, and keeps nothing for others.
    Client,
    /// It keeps for others what they have to say.
    Server,
}

/// A private network, and what we are in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Network {
    /// What it really is: 64 hexadecimal digits.
    pub id: String,
    /// What its founder called it.
    pub name: String,
    /// The first part of its members' addresses: a label.
    pub number: u16,
    /// Whether members trust each other because they are members.
    pub trust_members: bool,
    /// Unix milliseconds of its foundation.
    pub created: i64,
    /// Our own full address: in it or, where the network was left, outside of it.
    pub address: String,
    /// What we are called in it.
    pub member_name: Option<String>,
    /// What we may do in it besides.
    pub roles: Vec<Role>,
    /// Whether the key of its authority is in this home.
    pub authority: bool,
    /// How we stand with it.
    pub membership: Membership,
    /// Unix milliseconds until which our certificate is good; it is renewed before.
    pub expires: i64,
    /// Whether we leave when the daemon ends.
    pub ephemeral: bool,
    /// The version of the list of those who were expelled; 0 is none.
    pub revocations: u64,
    /// Members that we have met since the start of the daemon.
    pub members_met: usize,
    /// Members that we know to serve the directory.
    pub servers: usize,
    /// What others find of us; `null` if nothing.
    pub published: Option<Published>,
}

/// What others find of us.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Published {
    /// Unix milliseconds of what we said last.
    pub issued: i64,
    /// On how many servers it lies, at least.
    pub stored: usize,
}

/// Found a network.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRequest {
    /// What to call it: lower-case letters, digits and inner hyphens.
    pub name: String,
    /// Whether members trust each other because they are members.
    #[serde(default)]
    pub trust_members: bool,
    /// The first part of its members' addresses, 1 to 65534; drawn at random if absent.
    #[serde(default)]
    pub number: Option<u16>,
}

/// How to leave.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeaveQuery {
    /// Although this home holds the key of the network's authority, which is lost then unless it was exported.
    #[serde(default)]
    pub abandon: bool,
}

/// A member, as far as it is known here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Full address, with fingerprint.
    pub address: String,
    /// The agent's id for life.
    pub agent_id: String,
    /// What the network calls it.
    pub name: Option<String>,
    /// What it may do besides.
    pub roles: Vec<Role>,
    /// How it stands.
    pub membership: Membership,
    /// Unix milliseconds until which its certificate is good.
    pub expires: i64,
    /// Unix milliseconds of the last time that it proved to us to be a member.
    pub seen: Option<i64>,
    /// Whether a connection is open now.
    pub connected: bool,
    /// Whether it serves the directory.
    pub serves: bool,
    /// Whether it is this agent itself.
    pub own: bool,
}
