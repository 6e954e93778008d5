//! The scopes of a relation, as the store keeps them.

use airway_protocols::{trust::Scopes, wire};

use super::ChangeError;
use crate::store;

/// What the agent of a relation may do here.
pub(crate) fn scopes(row: &store::Relation) -> Scopes {
    // What we wrote we can read; should it be damaged, nothing is what it may do.
    let read = |bytes: &Vec<u8>| wire::decode(bytes).unwrap_or_else(|_| Scopes::nothing());
    row.scopes.as_ref().map_or_else(Scopes::everything, read)
}

/// What we may do at the agent of a relation, as it says.
pub(crate) fn granted(row: &store::Relation) -> Option<Scopes> {
    row.granted.as_ref().and_then(|granted| wire::decode(granted).ok())
}

/// The reverse of [`scopes`].
pub(crate) fn pack(scopes: &Scopes) -> Result<Vec<u8>, ChangeError> {
    Ok(wire::encode(scopes).map_err(|_| store::Error::Aborted)?)
}
