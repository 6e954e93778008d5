//! Data (port 1001): typed messages, each answered.
//!
//! ```text
//! sender                                       receiver
//!   header frame (CBOR, ≤ 4 KiB) ‖ payload ──────►
//!   header frame ‖ payload ──────────────────────►   stores, then answers
//!   ◄──────────────────────────────── answer frame   in the order of the messages
//!   ◄──────────────────────────────── answer frame
//! ```
//!
//! A stream carries any number of messages. The payload follows its header raw, never inside CBOR.
//!
//! **Delivery.** The sender chooses the id and keeps the message until it has an [`Answer`]. A lost answer is harmless:
//! the same message sent again is answered [`Duplicate`](Answer::Duplicate). [`Stored`](Answer::Stored) means durable.
//!
//! **Order.** Messages of one stream are stored in their order. A sender need not wait for an answer before it writes the
//! next message; so after [`Quota`](Answer::Quota) or [`Failed`](Answer::Failed), which ask for the message to be sent
//! again, the receiver takes nothing more from the stream and ends it: what follows must not overtake.
//!
//! **Failure.** [`receive`] fails when the stream cannot be followed any further: the frame is malformed, cut short or over
//! a limit. It has then to be dropped. A message that arrived whole but breaks a rule ([`Message::validate`]) is
//! answered [`Invalid`](Answer::Invalid), and the stream goes on.

use libp2p::StreamProtocol;

mod exchange;
mod id;
mod message;
mod wire;

pub use exchange::{Error, answer, read_answer, receive, send, write};
pub use id::MessageId;
pub use message::{Invalid, Kind, Message};
pub use wire::{Answer, Header, UnknownNumber};

pub use crate::id::{NotVersion7, ParseIdError};

/// The protocol behind [`Port::DATA`](crate::port::Port::DATA).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/data/1.0.0");

/// Cap of a payload, in bytes. One message is held in memory whole; what is larger is a file.
pub const MAX_PAYLOAD: usize = 1024 * 1024;
