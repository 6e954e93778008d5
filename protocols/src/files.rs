//! Files: any number of bytes under a name, which arrive whole or not at all.
//!
//! ```text
//! sender                                        receiver
//!   offer {id, name, size, sent_at, reply_to?} ────►
//!   ◄──────────────────────────── reply {id, answer}   stored before, not wanted, or not possible: the end
//!   ◄──────────────── or reply {id, offset, digest}    it has the first `offset` bytes, whose BLAKE3 this is
//!   start {offset} ────────────────────────────────►   that offset if the sender's bytes are the same, or else 0
//!   bytes offset..size, raw ───────────────────────►
//!   end {digest} ──────────────────────────────────►   BLAKE3 of the whole file
//!   ◄──────────────────────────── reply {id, answer}
//! ```
//!
//! A stream carries one attempt to send one file. It belongs to the service of port 1001 but is a protocol of its own, so
//! that a file of hours takes no place from messages. Frames are CBOR of at most 4 KiB; only the bytes of the file are
//! raw.
//!
//! **Delivery.** As for [messages](crate::data): the sender chooses the id and offers the file until it has an [`Answer`];
//! a lost answer is harmless, since the same offer again is answered [`Duplicate`](Answer::Duplicate). An offer is the
//! same if id, name, size and `reply_to` are. [`Stored`](Answer::Stored) means that the whole file is durable.
//!
//! **Going on.** A receiver keeps what has arrived of a file, and each attempt begins with how much that is. Only the
//! sender can tell whether it belongs to this file: it compares the digest with that of its own first bytes.
//!
//! **One pass.** The digest of the whole comes last, so that both sides compute it while the bytes pass.
//!
//! | limit | why |
//! |---|---|
//! | a frame has at most 4 KiB | it is held in memory |
//! | a name is a [`FileName`] | it becomes the name of a file |
//! | [`MAX_SIZE`] bytes | what file systems and databases can count |
//! | the offset is that of the reply, or 0 | the receiver has no other |
//!
//! | what happens | the sender hears |
//! |---|---|
//! | the file is in the inbox / was stored before | `stored` / `duplicate` |
//! | the id was used for something else | `conflict` |
//! | the receiver has no room for as much | `quota` |
//! | the offer breaks a rule ([`Offer::validate`]) | `invalid` |
//! | the disk is full or failed; the digest does not match | `failed`: begin again with an offer, later |
//! | the receiver cannot go on in the middle | an answer, and the stream is reset: read when a write fails |
//! | a frame is malformed; the receiver has other things to do | the stream ends; offer again |

use libp2p::StreamProtocol;

mod digest;
mod exchange;
mod name;
mod wire;

pub use digest::{Digest, Hasher};
pub use exchange::{
    Error, finish, offer, receive_answer, receive_end, receive_offer, receive_start, reply, start,
};
pub use name::{FileName, ParseFileNameError};
pub use wire::{Have, Invalid, Offer, Reply};

pub use crate::data::{Answer, MessageId};

/// The protocol of files.
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/files/1.0.0");

/// Most bytes of a file: offsets fit into the signed numbers of file systems and databases.
pub const MAX_SIZE: u64 = i64::MAX as u64;
