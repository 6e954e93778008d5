//! The id by which a task submitted twice is one task.

use crate::id::uuid_id;

uuid_id! {
    /// The id of a task: a UUID of version 7, chosen by the requester and kept before it is first sent. Together with the
    /// requester it names the task at the worker. Never a part of a path.
    TaskId
}
