//! The private network that this home belongs to: our place in it, the invites and certificates that we gave out, and
//! the members that we have met.
//!
//! The store keeps all of it and understands none: certificates, cards and lists are bytes, checked by its callers.
//! What must not be done by halves is one change here: [`membership_enter`](super::Store::membership_enter) forgets what belonged to the network
//! before, and [`issue`](super::Store::issue) counts the use of an invite together with the certificate that it led to.

mod carry;
mod invites;
mod issue;
mod issued;
mod membership;
mod peers;
mod profile;

/// The version of the schema that these tables came with.
pub(super) const SINCE_VERSION: u32 = 4;

pub(crate) use self::carry::CarriedMesh;
pub(super) use self::carry::carried;
#[cfg(test)]
pub(super) use self::issued::put as put_issued;
pub use self::{
    invites::{InviteRow, InviteStoreError, MAX_INVITES},
    issue::{Issue, IssueOutcome},
    issued::{IssuedRow, IssuedState, MAX_ISSUED},
    membership::Membership,
    peers::{MAX_MESH_PEERS, MeshPeer},
    profile::Profile,
};
