//! What goes with a task, or comes of it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Invalid, MAX_INLINE};
use crate::{
    data::MessageId,
    files::{self, FileName},
};

/// Keeps this hash apart from every other use of SHA-256.
const DOMAIN: &[u8] = b"airway-output-v1\0";

/// Bytes of anything: with the task, or in a file of their own. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// They stand here.
    Inline {
        /// At most [`MAX_INLINE`] of them.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// They are a [file](crate::files) that has been delivered before.
    File(Attachment),
}

/// A file that was sent to the agent that is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The id that it was sent under.
    pub id: MessageId,
    /// What the file is called: a [`FileName`], unless the other side breaks the rules.
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// BLAKE3 of them.
    pub digest: files::Digest,
}

impl Content {
    /// Checks the rules.
    ///
    /// # Errors
    ///
    /// [`Invalid::Inline`] and [`Invalid::File`].
    pub fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Inline { data } if data.len() > MAX_INLINE => Err(Invalid::Inline { size: data.len() }),
            Self::Inline { .. } => Ok(()),
            Self::File(file) => file.file_name().map(drop),
        }
    }

    /// What a receipt names an output by: SHA-256 of its one encoding under a domain of its own.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // It has an encoding, since it has neither floats nor foreign types; an empty one would only fit no receipt.
        let bytes = crate::wire::encode(self).unwrap_or_default();
        Sha256::new().chain_update(DOMAIN).chain_update(bytes).finalize().into()
    }
}

impl Attachment {
    /// Checks the rules, and returns the name.
    ///
    /// # Errors
    ///
    /// [`Invalid::File`] with the rule that is broken.
    pub fn file_name(&self) -> Result<FileName, Invalid> {
        if self.size > files::MAX_SIZE {
            return Err(Invalid::File(files::Invalid::Size { size: self.size }));
        }
        Ok(self.name.parse().map_err(files::Invalid::Name)?)
    }
}

#[cfg(test)]
mod tests;
