//! Events (port 1002): one to many, as they happen and from where a subscriber left off.
//!
//! ```text
//! subscriber                                        broker
//!   {subscribe {patterns, since}} ──────────────────►
//!   ◄── {subscribed position} {event …} {gap …} {event …} …   until the stream ends
//!
//! publisher                                         broker
//!   {publish {}} {topic, payload} {topic, payload} ──►
//!   ◄────────────────────── {published position} …    in the order of the publications
//! ```
//!
//! Each agent is the broker of its own events, in memory: what it published and what those whom it lets publish sent to it.
//! A [`Topic`] says what an event is about, a [`Pattern`] which topics somebody means. One counter numbers the events of a
//! broker over all topics, and a [`Position`] is that number with the number of the broker's start: whoever keeps the last one
//! goes on [after](Since::After) it.
//!
//! **Order.** A subscriber gets the events that match in the order of their positions, each at most once.
//!
//! **Gaps.** A broker keeps so much and no more. Where something that matched was, or may have been, lost, a [`Gap`] stands in
//! its place: a stream without one is complete.
//!
//! **End.** A subscriber says nothing after its request; it closes its half, or drops the stream, to end. A subscription ends
//! with its stream: after a loss it is asked for again, after the last position. A publisher that closes its half is still
//! answered.
//!
//! The members of a network have the same topics and patterns in common without any broker: see [`broadcast`].
//!
//! | limit | why |
//! |---|---|
//! | a topic has at most [`MAX_TOPIC`], a pattern [`MAX_PATTERN`] | they are compared with each other all the time |
//! | a payload has at most [`MAX_PAYLOAD`] | it fits a frame of [`EVENT_FRAME`], and a message of the mesh |
//! | a subscription has at most [`MAX_SUBSCRIBED`] patterns, its request [`REQUEST_FRAME`] | the broker holds them |
//!
//! | what happens | the opener hears |
//! |---|---|
//! | its scope does not allow it, or no topic at all | `not allowed` |
//! | a request or a publication breaks a rule | `invalid` |
//! | the broker has as many subscriptions or topics of this agent as there may be | `full` |
//! | a frame is malformed, too long, or not one that belongs here | the stream ends |

use libp2p::StreamProtocol;

pub mod broadcast;
mod exchange;
mod pattern;
mod patterns;
mod position;
mod told;
mod topic;
mod wire;

pub use exchange::{
    Error, Published, answer, encode, publish, read_published, receive_publication, receive_request, start,
    subscribe, tell, told,
};
pub use pattern::{MAX_PATTERN, ParsePatternError, Pattern};
pub use patterns::Patterns;
pub use position::{ParsePositionError, Position};
pub use told::{Denied, Event, Gap, Reason, Told};
pub use topic::{MAX_TOPIC, ParseTopicError, Topic};
pub use wire::{Invalid, Publication, Request, Since, Subscribe};

/// The protocol behind [`Port::EVENTS`](crate::port::Port::EVENTS).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/events/1.0.0");

/// Cap of a payload, in bytes: with topic, certificate, signature and what is around them it fits 64 KiB everywhere.
pub const MAX_PAYLOAD: usize = 60 * 1024;

/// Patterns of one subscription.
pub const MAX_SUBSCRIBED: usize = 32;

/// Cap of the opener's first frame, in bytes: as many and as long patterns as there may be need below 4,300.
pub const REQUEST_FRAME: usize = 8 * 1024;

/// Cap of a frame with an event or a publication, in bytes: the largest needs below 61,800.
pub const EVENT_FRAME: usize = 64 * 1024;
