//! Sets of claims: the value of a record in the DHT.
//!
//! ```text
//! value   (unsigned-varint length ‖ envelope of a claim)*
//! ```
//!
//! Whoever stores a record [`merge`]s what is put with what it has, so that nobody's claim is lost to another's.

use unsigned_varint::{decode, encode};

use super::{Claim, KeyKind, MAX_BYTES};

/// Cap of a value, in bytes: with its key it fits into one packet of the DHT.
pub const MAX_VALUE: usize = 12 * 1024;

/// Claims in one set.
pub const MAX_CLAIMS: usize = 16;

/// Agents that claim one address or one name: enough for a reader to see that it is contested.
pub const MAX_RIVALS: usize = 4;

/// Bytes of the length in front of a claim, at most.
const PREFIX: usize = 2;

/// Why a value is not a set of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is longer than [`MAX_VALUE`].
    #[error("a set of {found} bytes is over the limit of {max}", max = MAX_VALUE)]
    TooLarge {
        /// Bytes of the value.
        found: usize,
    },
    /// It has more claims than [`MAX_CLAIMS`].
    #[error("a set has more than {max} claims", max = MAX_CLAIMS)]
    TooMany,
    /// A length is not a minimal varint, or over [`MAX_BYTES`].
    #[error("a length in the set is not one that a claim has")]
    Length,
    /// The value ends inside a claim.
    #[error("the set ends inside a claim")]
    Truncated,
}

/// Writes a set. What does not fit into a value is left out: [`merge`] lets nothing in that would not.
#[must_use]
pub fn join(claims: &[Claim]) -> Vec<u8> {
    let mut value = Vec::new();
    for claim in claims.iter().take(MAX_CLAIMS) {
        if value.len() + size(claim) > MAX_VALUE {
            break;
        }
        value.extend_from_slice(encode::usize(claim.as_bytes().len(), &mut encode::usize_buffer()));
        value.extend_from_slice(claim.as_bytes());
    }
    value
}

/// The envelopes in a value, for [`Claim::from_bytes`].
///
/// # Errors
///
/// [`Error`] with one variant for each rule.
pub fn split(value: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    if value.len() > MAX_VALUE {
        return Err(Error::TooLarge { found: value.len() });
    }
    let mut envelopes = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        if envelopes.len() == MAX_CLAIMS {
            return Err(Error::TooMany);
        }
        let (length, bytes) = match decode::usize(rest) {
            Ok(read) => read,
            Err(decode::Error::Insufficient) => return Err(Error::Truncated),
            Err(_) => return Err(Error::Length),
        };
        if length > MAX_BYTES {
            return Err(Error::Length);
        }
        let (envelope, next) = bytes.split_at_checked(length).ok_or(Error::Truncated)?;
        envelopes.push(envelope.to_vec());
        rest = next;
    }
    Ok(envelopes)
}

/// Takes a claim into the set at a key of this kind, and says whether that has changed it. The caller has checked that the
/// claim [stands](Claim::stands) and [belongs](Claim::belongs_at) there, and has dropped those that do not any more.
///
/// Of one agent the newest claim counts. Beyond [`MAX_RIVALS`] agents an address or a name takes nobody in: those who were
/// there stay. A tag drops the oldest claims in favour of newer ones. A withdrawn claim only replaces.
pub fn merge(known: &mut Vec<Claim>, new: Claim, kind: KeyKind) -> bool {
    if let Some(own) = known.iter_mut().find(|claim| claim.agent() == new.agent()) {
        if own.issued() >= new.issued() {
            return false;
        }
        *own = new;
        shrink(known);
        return true;
    }
    if new.is_withdrawn() {
        return false;
    }
    match kind {
        KeyKind::Address | KeyKind::Name => {
            if known.len() >= MAX_RIVALS {
                return false;
            }
            known.push(new);
            true
        }
        KeyKind::Tag => {
            let agent = new.agent();
            let mut with = known.clone();
            with.push(new);
            shrink(&mut with);
            // One that is too old to stay drives nobody else out.
            let taken = with.last().is_some_and(|claim| claim.agent() == agent);
            if taken {
                *known = with;
            }
            taken
        }
    }
}

/// Drops the oldest claims until the set is within its limits. Four claims always are.
fn shrink(known: &mut Vec<Claim>) {
    while known.len() > MAX_CLAIMS || known.iter().map(size).sum::<usize>() > MAX_VALUE {
        let oldest = known.iter().enumerate().min_by_key(|(_, claim)| claim.issued());
        let Some((oldest, _)) = oldest else { return };
        known.remove(oldest);
    }
}

/// Bytes that a claim takes in a value, at most.
fn size(claim: &Claim) -> usize {
    PREFIX + claim.as_bytes().len()
}

#[cfg(test)]
mod tests;
