//! The types of reputation: what receipts say about agents.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What receipts say about an agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Polo {
    /// Full address.
    pub agent: String,
    /// Alias or name, while it is a contact.
    pub name: Option<String>,
    /// Whether it is this agent itself.
    pub own: bool,
    /// All rewards added up, those that it gave taken off: agents that collude make it as high as they please.
    pub raw: i64,
    /// Thousandths of what it is worth to us: what our own receipts, and those of whom they vouch for, can carry to it.
    /// `null` for ourselves.
    pub personal_milli: Option<u64>,
    /// Receipts about it that we have.
    pub receipts: u64,
    /// Those of tasks that it did.
    pub as_worker: u64,
    /// Those of tasks that it had done.
    pub as_requester: u64,
}

/// Where a personal score comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoloWhy {
    /// What receipts say about it.
    pub polo: Polo,
    /// The ways by which it is worth something to us; together they carry its score.
    pub paths: Vec<PoloPath>,
    /// What each agent owes to each other, of those on the ways and of receipts about it.
    pub pairs: Vec<PoloPair>,
}

/// A way from us to an agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoloPath {
    /// The agents on it, from ourselves to the one in question: name or alias, else full address.
    pub agents: Vec<String>,
    /// Thousandths that it carries.
    pub milli: u64,
}

/// Receipts of one requester for one worker.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoloPair {
    /// Name or alias, else full address of who had it done.
    pub requester: String,
    /// Name or alias, else full address of who did it.
    pub worker: String,
    /// Receipts.
    pub receipts: u64,
    /// Their rewards together.
    pub reward: u64,
}

/// Whose receipts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PoloExportQuery {
    /// Only those with this agent: alias, name, address or card.
    #[serde(default)]
    pub with: Option<String>,
}

/// Receipts to take in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoloImportRequest {
    /// A file that `airway polo export` has written: an absolute path, on the daemon's machine.
    pub path: String,
}

/// What was taken in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoloImported {
    /// Receipts that were not here before.
    pub new: u64,
    /// Receipts in all.
    pub receipts: u64,
}

/// Whose receipts to ask for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoloPullRequest {
    /// A contact that shows its receipts: alias, name, address or card.
    pub who: String,
    /// Milliseconds to wait, dialling included.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}
