//! What one source says: values not yet checked, each with the place where it stands.

use std::path::PathBuf;

use super::error::Place;

/// A value as written, and where.
#[derive(Debug)]
pub(super) struct Field<R> {
    pub(super) raw: R,
    pub(super) place: Place,
}

/// The settings that one source has an opinion on.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) name: Option<Field<String>>,
    pub(super) listen: Option<Field<Vec<String>>>,
    pub(super) announce: Option<Field<Vec<String>>>,
    pub(super) relays: Option<Field<Vec<String>>>,
    pub(super) relay_server: Option<Field<bool>>,
    pub(super) stealth: Option<Field<bool>>,
    pub(super) expect: Option<Field<Vec<String>>>,
    pub(super) visibility: Option<Field<String>>,
    pub(super) dht: Option<Field<String>>,
    pub(super) bootstrap: Option<Field<Vec<String>>>,
    pub(super) swarm_key: Option<Field<PathBuf>>,
    pub(super) dht_prefix: Option<Field<String>>,
    pub(super) invite: Option<Field<String>>,
    pub(super) tasks_accept: Option<Field<String>>,
    pub(super) tasks_policy: Option<Field<String>>,
    pub(super) tasks_threshold: Option<Field<f64>>,
    pub(super) polo_share: Option<Field<bool>>,
    pub(super) log_filter: Option<Field<String>>,
    pub(super) log_format: Option<Field<String>>,
    pub(super) inbox_bytes: Option<Field<u64>>,
    pub(super) outbox_bytes: Option<Field<u64>>,
    pub(super) files_bytes: Option<Field<u64>>,
    pub(super) tasks_bytes: Option<Field<u64>>,
    pub(super) connections: Option<Field<u64>>,
    pub(super) kept_connections: Option<Field<u64>>,
}

/// Settings from the command line, or from a program that embeds the node. They override all others.
///
/// They are as the user wrote them: [`Config::load`](super::Config::load) checks them together with the rest.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--name`
    pub name: Option<String>,
    /// `--listen`, once for each address
    pub listen: Option<Vec<String>>,
    /// `--announce`, once for each address
    pub announce: Option<Vec<String>>,
    /// `--relay`, once for each address or card
    pub relays: Option<Vec<String>>,
    /// `--relay-server`
    pub relay_server: Option<bool>,
    /// `--stealth`
    pub stealth: Option<bool>,
    /// `--expect`, once for each network
    pub expect: Option<Vec<String>>,
    /// `--visibility`
    pub visibility: Option<String>,
    /// `--dht`
    pub dht: Option<String>,
    /// `--bootstrap`, once for each address or card
    pub bootstrap: Option<Vec<String>>,
    /// `--swarm-key`
    pub swarm_key: Option<PathBuf>,
    /// `--dht-prefix`
    pub dht_prefix: Option<String>,
    /// `--invite`; it is a secret until it was used
    pub invite: Option<String>,
    /// Who accepts tasks; no flag has it.
    pub tasks_accept: Option<String>,
    /// Of whom tasks are taken; no flag has it.
    pub tasks_policy: Option<String>,
    /// The least score of an agent whose tasks are taken; no flag has it.
    pub tasks_threshold: Option<f64>,
    /// Whether contacts are shown our receipts; no flag has it.
    pub polo_share: Option<bool>,
    /// `--log`
    pub log_filter: Option<String>,
    /// `--log-format`
    pub log_format: Option<String>,
    /// Most bytes in the inbox; no flag has it.
    pub inbox_bytes: Option<u64>,
    /// Most bytes in the outbox; no flag has it.
    pub outbox_bytes: Option<u64>,
    /// Most bytes of files; no flag has it.
    pub files_bytes: Option<u64>,
    /// Most bytes of tasks and their results; no flag has it.
    pub tasks_bytes: Option<u64>,
    /// Most connections at once; no flag has it.
    pub connections: Option<u64>,
    /// Most connections held open without use; no flag has it.
    pub kept_connections: Option<u64>,
}

impl From<Overrides> for Layer {
    fn from(flags: Overrides) -> Self {
        fn field<R>(flag: &'static str, raw: Option<R>) -> Option<Field<R>> {
            raw.map(|raw| Field { raw, place: Place::Flag(flag) })
        }
        Self {
            name: field("--name", flags.name),
            listen: field("--listen", flags.listen),
            announce: field("--announce", flags.announce),
            relays: field("--relay", flags.relays),
            relay_server: field("--relay-server", flags.relay_server),
            stealth: field("--stealth", flags.stealth),
            expect: field("--expect", flags.expect),
            visibility: field("--visibility", flags.visibility),
            dht: field("--dht", flags.dht),
            bootstrap: field("--bootstrap", flags.bootstrap),
            swarm_key: field("--swarm-key", flags.swarm_key),
            dht_prefix: field("--dht-prefix", flags.dht_prefix),
            invite: field("--invite", flags.invite),
            tasks_accept: field("Overrides::tasks_accept", flags.tasks_accept),
            tasks_policy: field("Overrides::tasks_policy", flags.tasks_policy),
            tasks_threshold: field("Overrides::tasks_threshold", flags.tasks_threshold),
            polo_share: field("Overrides::polo_share", flags.polo_share),
            log_filter: field("--log", flags.log_filter),
            log_format: field("--log-format", flags.log_format),
            inbox_bytes: field("Overrides::inbox_bytes", flags.inbox_bytes),
            outbox_bytes: field("Overrides::outbox_bytes", flags.outbox_bytes),
            files_bytes: field("Overrides::files_bytes", flags.files_bytes),
            tasks_bytes: field("Overrides::tasks_bytes", flags.tasks_bytes),
            connections: field("Overrides::connections", flags.connections),
            kept_connections: field("Overrides::kept_connections", flags.kept_connections),
        }
    }
}
