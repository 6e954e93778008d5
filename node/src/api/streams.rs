//! What is said about raw streams before the first byte of them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of a stream to open.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DialQuery {
    /// Milliseconds to wait, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// The first line on an upgraded `listen` stream, once a peer has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// Full address of the peer.
    pub from: String,
    /// Alias or name of the peer.
    pub name: Option<String>,
}

/// A stream that a peer has opened to a port of ours, and that waits to be taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Offered {
    /// To take it by, once.
    pub id: u64,
    /// Full address of the peer.
    pub from: String,
    /// Alias or name of the peer.
    pub name: Option<String>,
}
