//! Tasks.

use super::super::{Code, Error};
use crate::{
    TaskError,
    services::{AttachError, CopyError},
    store::TaskPickError,
};

impl From<TaskError> for Error {
    fn from(error: TaskError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            TaskError::Store(error) => return error.into(),
            TaskError::Pick(error) => return error.into(),
            TaskError::Body(_) | TaskError::Invalid(_) => (
                Code::BadRequest,
                "a description has 1 byte to 16 KiB, a text up to 1 KiB, a limit is 1 second to 28 days",
            ),
            TaskError::Role { .. } => (Code::Conflict, "see whose task it is with: airway task show <id>"),
            TaskError::State { .. } => (Code::Conflict, "see how it got there with: airway task show <id>"),
            TaskError::Conflict => (Code::Conflict, "leave --id out, or use a new one"),
            TaskError::Full => (Code::Quota, "see what is open with: airway task list"),
            TaskError::NotTrusted { .. } => (Code::NotTrusted, "see whom you trust with: airway trusted"),
            TaskError::Attach(error) => return error.into(),
            TaskError::Name(_) => (Code::BadRequest, "give it a name without a path"),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<AttachError> for Error {
    fn from(error: AttachError) -> Self {
        let message = error.to_string();
        match error {
            AttachError::Copy(CopyError::Source(error)) => (&error).into(),
            AttachError::Copy(CopyError::Write { .. }) => {
                Self::new(Code::Home, message).hint("see whether the disk has room")
            }
            AttachError::Full => {
                Self::new(Code::Quota, message).hint("wait until some have arrived: airway task list")
            }
            AttachError::Thread(_) => Self::new(Code::Internal, message).hint("see the log of the daemon"),
        }
    }
}

impl From<TaskPickError> for Error {
    fn from(error: TaskPickError) -> Self {
        let message = error.to_string();
        match error {
            TaskPickError::Store(error) => error.into(),
            TaskPickError::NotFound(_) => {
                Self::new(Code::NotFound, message).hint("see what there is with: airway task list")
            }
            TaskPickError::Ambiguous(_) => Self::new(Code::Conflict, message)
                .hint("give more of the id, or say with --mine or --theirs which one"),
        }
    }
}
