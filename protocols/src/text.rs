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

/// What every id has that is written in hexadecimal digits: bytes, text, and both serialised forms.
macro_rules! hex_id {
    ($id:ident, $bytes:literal, $error:ident) => {
        impl $id {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl ::std::fmt::Display for $id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::data_encoding::HEXLOWER.encode(&self.0).fmt(f)
            }
        }

        impl ::std::fmt::Debug for $id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self)
            }
        }

        /// Reads either case.
        impl ::std::str::FromStr for $id {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let bytes =
                    ::data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| $error)?;
                bytes.try_into().map(Self).map_err(|_| $error)
            }
        }

        impl ::serde::Serialize for $id {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::text::serialize_id(self, &self.0, serializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $id {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::deserialize_id(deserializer, Self)
            }
        }
    };
}

pub(crate) use hex_id;
