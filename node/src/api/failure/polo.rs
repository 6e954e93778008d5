//! Receipts and scores.

use super::super::{Code, Error};
use crate::PoloError;

impl From<PoloError> for Error {
    fn from(error: PoloError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            PoloError::Dial(error) => return error.into(),
            PoloError::Store(error) => return error.into(),
            PoloError::Import { .. } | PoloError::Nobodys { .. } => {
                (Code::BadRequest, "name a file that airway polo export has written")
            }
            PoloError::NotTrusted { .. } => {
                (Code::NotTrusted, "receipts of contacts alone count: check others with airway polo verify")
            }
            PoloError::TooMany => {
                (Code::Quota, "export those with one agent: airway polo export --with <who>")
            }
            PoloError::Write(_) => (Code::Home, "see whether the disk has room"),
            PoloError::NotShared { .. } => (
                Code::NotTrusted,
                "its owner has to share them, by polo.share = true, or to send you an export",
            ),
            PoloError::Answer { .. } => (Code::Unreachable, "its agent may be of another version"),
        };
        Self::new(code, message).hint(hint)
    }
}
