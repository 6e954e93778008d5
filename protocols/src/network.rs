//! Networks: what all agents of one agree on, and by what nobody else is taken for one of them.
//!
//! ```text
//! genesis ─► NetworkId ─► protocol ids that outsiders do not know to ask for
//!    └─────► the authority's key ─► certificates, revocation lists
//! ```
//!
//! The open backbone is network 0 and has no authority: everybody is in it. A mesh has a [`Genesis`], and who is in it
//! holds a [certificate](crate::certificate). The network of a swarm key has neither: who has the key is in it.

mod genesis;
mod id;
mod realm;
mod roles;

pub use genesis::{Genesis, InvalidGenesis, MAX_BYTES, Policy};
pub use id::{NetworkId, ParseNetworkIdError};
pub use realm::Realm;
pub use roles::{ParseRoleError, Roles, UnknownRoles};

/// How far the clocks of two agents may be apart, in milliseconds, before one calls invalid what the other has signed:
/// five minutes.
pub const CLOCK_SKEW: u64 = 5 * 60 * 1000;

#[cfg(test)]
pub(crate) mod samples;
