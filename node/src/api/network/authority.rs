//! The key of a network's authority, on its way from one home to another.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Seal the key.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassphraseRequest {
    /// What to seal it with; whoever has both can let in and expel whom they like.
    pub passphrase: String,
}

/// The passphrase stays out of logs.
impl std::fmt::Debug for PassphraseRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassphraseRequest").finish_non_exhaustive()
    }
}

/// The key, sealed.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// What an export has given.
    pub sealed: String,
    /// What it was sealed with.
    pub passphrase: String,
}

/// The passphrase stays out of logs.
impl std::fmt::Debug for ImportRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportRequest").finish_non_exhaustive()
    }
}

/// The key of an authority, sealed with a passphrase.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SealedAuthority {
    /// What the network is called.
    pub network: String,
    /// An age file in ASCII armor.
    pub sealed: String,
}
