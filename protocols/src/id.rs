//! Ids by which what is sent twice counts once: UUIDs of version 7, chosen by whoever sends first.

use uuid::Uuid;

/// Characters of the hyphenated form, the only one that is read: one id, one text but for case.
const TEXT_LENGTH: usize = 36;

/// The UUID is of another version than 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a uuid of version 7")]
pub struct NotVersion7;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// It is not a UUID with hyphens.
    #[error("an id is a uuid with hyphens")]
    Form,
    /// It is a UUID of another version.
    #[error(transparent)]
    Version(#[from] NotVersion7),
}

/// Version 7 in the variant of RFC 9562.
pub(crate) const fn is_version_7(uuid: &Uuid) -> bool {
    uuid.get_version_num() == 7 && matches!(uuid.get_variant(), uuid::Variant::RFC4122)
}

/// Reads the hyphenated form.
pub(crate) fn parse(text: &str) -> Result<Uuid, ParseIdError> {
    if text.len() != TEXT_LENGTH {
        return Err(ParseIdError::Form);
    }
    Uuid::try_parse(text).map_err(|_| ParseIdError::Form)
}

/// What every such id is: 16 bytes, hyphenated text, and one or the other where it is serialised.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $id:ident) => {
        $(#[$doc])*
        ///
        /// Serialised as hyphenated text in human-readable formats and as 16 bytes in binary ones.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[serde(try_from = "::uuid::Uuid", into = "::uuid::Uuid")]
        pub struct $id(::uuid::Uuid);

        impl $id {
            /// A new id, from the system's clock and random numbers.
            #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
            #[must_use]
            pub fn new() -> Self {
                Self(::uuid::Uuid::now_v7())
            }

            /// An id from storage.
            ///
            /// # Errors
            ///
            /// [`NotVersion7`](crate::id::NotVersion7) for any other UUID.
            pub const fn from_bytes(bytes: [u8; 16]) -> Result<Self, $crate::id::NotVersion7> {
                let uuid = ::uuid::Uuid::from_bytes(bytes);
                if $crate::id::is_version_7(&uuid) { Ok(Self(uuid)) } else { Err($crate::id::NotVersion7) }
            }

            /// The 16 bytes of the UUID; they sort as ids do.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl TryFrom<::uuid::Uuid> for $id {
            type Error = $crate::id::NotVersion7;

            fn try_from(uuid: ::uuid::Uuid) -> Result<Self, Self::Error> {
                Self::from_bytes(uuid.into_bytes())
            }
        }

        impl From<$id> for ::uuid::Uuid {
            fn from(id: $id) -> Self {
                id.0
            }
        }

        impl ::std::fmt::Display for $id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::std::str::FromStr for $id {
            type Err = $crate::id::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::try_from($crate::id::parse(text)?)?)
            }
        }
    };
}

pub(crate) use uuid_id;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::MessageId, tasks::TaskId};

    #[test]
    fn text_and_both_serialised_forms_round_trip() {
        let id = MessageId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        assert_eq!(MessageId::from_bytes(*id.as_bytes()), Ok(id));

        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<MessageId>(&json).unwrap(), id);

        let cbor = serde_cbor::to_vec(&id).unwrap();
        assert_eq!(cbor.len(), 1 + 16);
        assert_eq!(serde_cbor::from_slice::<MessageId>(&cbor).unwrap(), id);
    }

    #[test]
    fn other_texts_and_versions_are_refused() {
        let id = TaskId::new().to_string();
        for text in [
            "",
            &id[1..],
            &id.replace('-', ""),
            &format!("{{{id}}}"),
            "../../../../../../../../../etc/passwd",
        ] {
            assert_eq!(text.parse::<TaskId>(), Err(ParseIdError::Form), "{text}");
        }
        let version_4 = "936da01f-9abd-4d9d-80c7-02af85c822a8";
        assert_eq!(version_4.parse::<TaskId>(), Err(ParseIdError::Version(NotVersion7)));
        assert_eq!(TaskId::from_bytes([0; 16]), Err(NotVersion7));
    }
}
