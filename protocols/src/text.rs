//! Serialised forms that are texts: of the types that people type, and of ids in formats that people read.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// Reads a string and parses it; the parser's own message becomes the error.
pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

/// Writes an id: as text in human-readable formats, as bytes in binary ones.
pub(crate) fn serialize_id<S: Serializer>(
    id: &impl Display,
    bytes: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(id)
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// The reverse of [`serialize_id`].
pub(crate) fn deserialize_id<'de, const N: usize, T, D>(
    deserializer: D,
    from_bytes: impl FnOnce([u8; N]) -> T,
) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    if deserializer.is_human_readable() {
        deserialize(deserializer)
    } else {
        serde_bytes::ByteArray::deserialize(deserializer).map(|bytes| from_bytes(bytes.into_array()))
    }
}
