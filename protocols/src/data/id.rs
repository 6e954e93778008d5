//! The id by which a message sent twice is delivered once.

use crate::id::uuid_id;

uuid_id! {
    /// The id of a message: a UUID of version 7, chosen by the sender, so that ids sort by the time of their making.
    MessageId
}
