//! Tickets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Scopes;

/// Make a ticket. Whoever uses it first is trusted on these terms.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// Our own name for whoever uses it.
    #[serde(default)]
    pub alias: Option<String>,
    /// What whoever uses it may do here; everything if absent.
    #[serde(default)]
    pub scopes: Option<Scopes>,
    /// Milliseconds that it is good, up to 7 days; 10 minutes if absent.
    #[serde(default)]
    pub expires_ms: Option<u64>,
    /// Whoever uses it has to be approved all the same.
    #[serde(default)]
    pub confirm: bool,
}

/// A ticket of ours.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// `airway-pair:…`, with the secret: for one agent alone, by a way that nobody else reads.
    pub ticket: String,
    /// To wait for it, and to take it back.
    pub id: String,
    /// Unix milliseconds; it is worthless then.
    pub expires: i64,
}

/// The secret stays out of logs.
impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("id", &self.id).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Use the ticket of another agent.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseRequest {
    /// `airway-pair:…`
    pub ticket: String,
    /// Our own name for its maker.
    #[serde(default)]
    pub alias: Option<String>,
    /// What its maker may do here; everything if absent.
    #[serde(default)]
    pub scopes: Option<Scopes>,
    /// Milliseconds to wait for its maker, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// The secret stays out of logs.
impl std::fmt::Debug for UseRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UseRequest")
            .field("alias", &self.alias)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
