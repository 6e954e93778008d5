//! Invites.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;

/// Make an invite.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteRequest {
    /// How many agents may use it; 1 if absent.
    #[serde(default)]
    pub uses: Option<u32>,
    /// Any number of agents may use it.
    #[serde(default)]
    pub reusable: bool,
    /// Milliseconds that it is good, up to 365 days; 24 hours if absent.
    #[serde(default)]
    pub expires_ms: Option<u64>,
    /// What those who join may do besides; none of it if absent.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Milliseconds that their certificates are good, between renewals; 30 days if absent, and an hour if they come and
    /// go.
    #[serde(default)]
    pub certificate_life_ms: Option<u64>,
    /// For agents that come and go: they leave when their daemon ends.
    #[serde(default)]
    pub ephemeral: bool,
}

/// An invite that was made.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    /// `airway-net:…`, with the secret: for those alone who are to join, by a way that nobody else reads.
    pub invite: String,
    /// To take it back.
    pub id: String,
    /// What the network is called.
    pub network: String,
    /// Unix milliseconds; it is worthless then.
    pub expires: i64,
    /// What those who join may do besides.
    pub roles: Vec<Role>,
    /// How many may use it; `null` is any number.
    pub uses: Option<u32>,
    /// Whether those who join leave when their daemon ends.
    pub ephemeral: bool,
}

/// The secret stays out of logs.
impl std::fmt::Debug for Invite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invite").field("id", &self.id).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What an invite is good for at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InviteState {
    /// It can be used.
    Good,
    /// It was used as often as it may.
    Used,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Withdrawn,
}

/// An invite of ours, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteItem {
    /// To take it back.
    pub id: String,
    /// Whether it can be used.
    pub state: InviteState,
    /// What those who join may do besides.
    pub roles: Vec<Role>,
    /// How many may still use it; `null` is any number.
    pub uses_left: Option<u32>,
    /// Whether those who join leave when their daemon ends.
    pub ephemeral: bool,
    /// Unix milliseconds.
    pub created: i64,
    /// Unix milliseconds.
    pub expires: i64,
}

/// Use an invite.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// `airway-net:…`
    pub invite: String,
    /// What to be called in the network; the name of this agent if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Milliseconds to wait for whoever lets us in, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// The secret stays out of logs.
impl std::fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinRequest").field("name", &self.name).finish_non_exhaustive()
    }
}
