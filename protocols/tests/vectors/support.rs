//! Comparing with the files, and the parts that all vectors share.

use std::{env, error::Error, fmt::Debug, fs, path::Path};

use data_encoding::HEXLOWER;
use libp2p::{core::signed_envelope::DecodingError, identity::Keypair};
use serde::Serialize;

/// When set, the files are written in place of compared.
const WRITE: &str = "AIRWAY_WRITE_VECTORS";

/// One file of vectors.
#[derive(Serialize)]
pub(super) struct File<Positive, Negative> {
    /// What the fields mean.
    pub(super) about: &'static str,
    pub(super) positive: Vec<Positive>,
    pub(super) negative: Vec<Negative>,
}

/// A text that has to be refused.
#[derive(Serialize)]
pub(super) struct RefusedText {
    pub(super) text: String,
    pub(super) why: String,
}

/// Bytes that have to be refused.
#[derive(Serialize)]
pub(super) struct RefusedBytes {
    pub(super) bytes: String,
    pub(super) why: String,
}

/// Compares `vectors` with the file of that name, or writes it.
pub(super) fn golden(name: &str, vectors: &impl Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let mut made = serde_json::to_string_pretty(vectors).unwrap();
    made.push('\n');
    if env::var_os(WRITE).is_some() {
        fs::write(path, made).unwrap();
    } else {
        let file = fs::read_to_string(path).unwrap();
        assert!(
            file == made,
            "{name} differs from what the code makes; {WRITE}=1 shows the difference in git"
        );
    }
}

/// Parses texts that have to be refused, and notes the reason.
pub(super) fn refused_texts<T>(texts: &[&str]) -> Vec<RefusedText>
where
    T: std::str::FromStr<Err: Error + 'static> + Debug,
{
    let refuse =
        |text: &&str| RefusedText { text: (*text).to_owned(), why: why(&text.parse::<T>().unwrap_err()) };
    texts.iter().map(refuse).collect()
}

/// An error with its causes, as far as they are ours: the words of a decoder change with its version.
pub(super) fn why(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let own = causes.take_while(|cause| !cause.is::<serde_cbor::Error>() && !cause.is::<DecodingError>());
    own.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

/// The key from a seed of 32 equal bytes.
pub(super) fn key(seed: u8) -> Keypair {
    key_of([seed; 32])
}

/// The key from a seed.
pub(super) fn key_of(seed: [u8; 32]) -> Keypair {
    Keypair::ed25519_from_bytes(seed).unwrap()
}
