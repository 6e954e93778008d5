//! A setting as shown to the user: its key, its value, and who set it.

use std::fmt;

use serde::Serialize;

/// The keys of all settings, as written in the file and shown to the user.
pub(super) mod key {
    pub(in crate::config) const NAME: &str = "name";
    pub(in crate::config) const LISTEN: &str = "listen";
    pub(in crate::config) const ANNOUNCE: &str = "announce";
    pub(in crate::config) const RELAYS: &str = "relays";
    pub(in crate::config) const RELAY_SERVER: &str = "relay_server";
    pub(in crate::config) const STEALTH: &str = "stealth";
    pub(in crate::config) const EXPECT: &str = "expect";
    pub(in crate::config) const VISIBILITY: &str = "visibility";
    pub(in crate::config) const DHT: &str = "dht";
    pub(in crate::config) const BOOTSTRAP: &str = "bootstrap";
    pub(in crate::config) const SWARM_KEY: &str = "swarm_key";
    pub(in crate::config) const DHT_PREFIX: &str = "dht_prefix";
    pub(in crate::config) const INVITE: &str = "invite";
    pub(in crate::config) const TASKS_ACCEPT: &str = "tasks.accept";
    pub(in crate::config) const TASKS_POLICY: &str = "tasks.policy";
    pub(in crate::config) const TASKS_THRESHOLD: &str = "tasks.threshold";
    pub(in crate::config) const POLO_SHARE: &str = "polo.share";
    pub(in crate::config) const LOG_FILTER: &str = "log.filter";
    pub(in crate::config) const LOG_FORMAT: &str = "log.format";
    pub(in crate::config) const INBOX_BYTES: &str = "limits.inbox_bytes";
    pub(in crate::config) const OUTBOX_BYTES: &str = "limits.outbox_bytes";
    pub(in crate::config) const FILES_BYTES: &str = "limits.files_bytes";
    pub(in crate::config) const TASKS_BYTES: &str = "limits.tasks_bytes";
    pub(in crate::config) const CONNECTIONS: &str = "limits.connections";
    pub(in crate::config) const KEPT_CONNECTIONS: &str = "limits.kept_connections";
}

/// One setting, for display.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its name, with a dot between table and key.
    pub key: &'static str,
    /// The value in force.
    pub value: serde_json::Value,
    /// Who set it.
    pub origin: Origin,
}

/// Who set a value, in ascending order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Nobody: it is built in.
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Env,
    /// A command line flag, or the program that embeds the node.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Env => "env",
            Self::Flag => "flag",
        })
    }
}
