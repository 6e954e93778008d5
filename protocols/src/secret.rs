//! What tickets and invites have in common: a text that holds a secret, and proofs of its knowledge.

use std::fmt;

use data_encoding::BASE64URL_NOPAD as BASE64URL;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a secret: nobody guesses it.
pub(crate) const SECRET_BYTES: usize = 16;

/// Bytes of the digest at the end of a text, by which one that was altered or cut short is noticed before anybody is asked.
const CHECK: usize = 4;

/// Why a text is not one that [`write`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has another beginning.
    Prefix,
    /// It holds more bytes than it may.
    TooLong,
    /// Characters are missing or wrong.
    Altered,
}

/// Writes the text with these contents: the prefix, and base64url of the contents and their digits.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, prefix: &str, contents: &[u8]) -> fmt::Result {
    let bytes = Zeroizing::new([contents, &check(contents)].concat());
    write!(f, "{prefix}{}", BASE64URL.encode_display(&bytes))
}

/// The contents of such a text, of which `max` bytes may be, digits included. Blanks around it are allowed: copying leaves
/// them there.
pub(crate) fn read(text: &str, prefix: &str, max: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let encoded = text.trim().strip_prefix(prefix).ok_or(Fault::Prefix)?;
    if encoded.len() > BASE64URL.encode_len(max) {
        return Err(Fault::TooLong);
    }
    let mut bytes = Zeroizing::new(BASE64URL.decode(encoded.as_bytes()).map_err(|_| Fault::Altered)?);
    let (contents, digits) = bytes.split_last_chunk::<CHECK>().ok_or(Fault::Altered)?;
    if *digits != check(contents) {
        return Err(Fault::Altered);
    }
    let length = contents.len();
    bytes.truncate(length);
    Ok(bytes)
}

pub(crate) fn check(contents: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::digest(contents);
    [digest[0], digest[1], digest[2], digest[3]]
}

/// The proof that whoever made it knew the secret: HMAC-SHA256 of a domain and what it is good for.
pub(crate) fn prove(secret: &[u8; SECRET_BYTES], domain: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    mac(secret, domain, parts).finalize().into_bytes().into()
}

/// Whether `proof` is that. Takes the same time for every wrong one.
pub(crate) fn proves(secret: &[u8; SECRET_BYTES], domain: &[u8], parts: &[&[u8]], proof: &[u8; 32]) -> bool {
    mac(secret, domain, parts).verify_slice(proof).is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &[u8; SECRET_BYTES], domain: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length will do").chain_update(domain);
    parts.iter().fold(mac, |mac, part| mac.chain_update(part))
}
