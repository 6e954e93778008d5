//! The id by which a message sent twice is delivered once.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Characters of the hyphenated form, the only one that is read: one id, one text but for case.
const TEXT_LENGTH: usize = 36;

/// The id of a message: a UUID of version 7, chosen by the sender, so that ids sort by the time of their making.
///
/// Serialised as hyphenated text in human-readable formats and as 16 bytes in binary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Uuid", into = "Uuid")]
pub struct MessageId(Uuid);

/// The UUID is of another version than 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message id is a uuid of version 7")]
pub struct NotVersion7;

/// Why a text is not a message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseMessageIdError {
    /// It is not a UUID with hyphens.
    #[error("a message id is a uuid with hyphens")]
    Form,
    /// It is a UUID of another version.
    #[error(transparent)]
    Version(#[from] NotVersion7),
}

impl MessageId {
    /// A new id, from the system's clock and random numbers.
    #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// An id from storage.
    ///
    /// # Errors
    ///
    /// [`NotVersion7`] for any other UUID.
    pub const fn from_bytes(bytes: [u8; 16]) -> Result<Self, NotVersion7> {
        let uuid = Uuid::from_bytes(bytes);
        if is_version_7(&uuid) { Ok(Self(uuid)) } else { Err(NotVersion7) }
    }

    /// The 16 bytes of the UUID; they sort as ids do.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// Version 7 in the variant of RFC 9562.
const fn is_version_7(uuid: &Uuid) -> bool {
    uuid.get_version_num() == 7 && matches!(uuid.get_variant(), uuid::Variant::RFC4122)
}

impl TryFrom<Uuid> for MessageId {
    type Error = NotVersion7;

    fn try_from(uuid: Uuid) -> Result<Self, Self::Error> {
        Self::from_bytes(uuid.into_bytes())
    }
}

impl From<MessageId> for Uuid {
    fn from(id: MessageId) -> Self {
        id.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MessageId {
    type Err = ParseMessageIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != TEXT_LENGTH {
            return Err(ParseMessageIdError::Form);
        }
        let uuid = Uuid::try_parse(text).map_err(|_| ParseMessageIdError::Form)?;
        Ok(Self::try_from(uuid)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let id = MessageId::new().to_string();
        for text in ["", &id[1..], &id.replace('-', ""), &format!("{{{id}}}")] {
            assert_eq!(text.parse::<MessageId>(), Err(ParseMessageIdError::Form), "{text}");
        }
        let version_4 = "936da01f-9abd-4d9d-80c7-02af85c822a8";
        assert_eq!(version_4.parse::<MessageId>(), Err(ParseMessageIdError::Version(NotVersion7)));
        assert_eq!(MessageId::from_bytes([0; 16]), Err(NotVersion7));
    }
}
