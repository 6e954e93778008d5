//! Trust: two agents come to trust each other by signed statements, and cease to by one.
//!
//! ```text
//! ada                                                   bob
//!   request {generation, card, text?, scopes?} ───────────►   pending, until its owner decides
//!   ◄──── accept {generation, answers: request, scopes?}      both trust each other now
//!   revoke {generation} ──────────────────────────────────►   both have ceased to
//! ```
//!
//! A [`Statement`] is CBOR in a signed [envelope](crate::envelope). The signature covers all of it: what is said, by whom
//! and to whom, why, and what the other may do ([`Scopes`]). Its id is a hash of the envelope, and whatever answers a
//! request names it. Statements travel over this protocol, which is open to those whom we trust or have asked, or else over
//! [knock](crate::knock).
//!
//! A [`Relation`] is what one agent knows of its trust in another. It is pure: events go in, and out come the next state,
//! what to say, and what has changed. Statements may be lost, doubled, reordered and played back; what holds all the same:
//!
//! | promise | by |
//! |---|---|
//! | nobody trusts who has not asked or approved | an accept names the request that it accepts |
//! | no recorded statement brings trust back | a request has to be newer than all that was heard of its author |
//! | no recorded revoke ends a later trust | the generation grows with every request |
//! | a revoke is not lost on a clock that goes wrong | it counts by its generation or by the request it names, too |
//! | both trust or neither does, once the last statement of each has arrived | a revoke of trust is answered by one |
//!
//! What the caller does for it: `at` of one author to one agent grows with each statement, also when the clock does not;
//! the relation is stored before anything is said; the last statement said is told again until it is answered; a
//! statement [from the future](Statement::is_ahead) is refused, lest all after it count as older.
//!
//! | limit | why |
//! |---|---|
//! | a statement has at most [`MAX_BYTES`], its frame [`MAX_FRAME`] | it is held in memory, and comes from strangers |
//! | a text has at most [`MAX_TEXT`] bytes | somebody has to read it |
//! | a generation is at most [`MAX_GENERATION`], a time [`MAX_TIME`] | numbers that every database and every JSON reader has |
//! | [`MAX_PORTS`], [`MAX_PATTERNS`], [`MAX_PATTERN`] | scopes are looked through at each stream and event |
//!
//! | what happens | the opener hears |
//! |---|---|
//! | the statement was taken in, or changes nothing | `taken` |
//! | it breaks a rule, is to another agent, or not from this peer | `invalid` |
//! | the disk failed | `failed`: tell it again, later |
//! | a frame is malformed | the stream ends; tell it again |

use libp2p::StreamProtocol;

mod exchange;
mod id;
mod kind;
mod relation;
mod scopes;
mod statement;

pub use exchange::{Answer, Error as ExchangeError, answer, hear, tell};
pub use id::{ParseStatementIdError, StatementId};
pub use kind::Kind;
pub use relation::{Change, Event, Refused, Relation, Say, State, Step};
pub use scopes::{
    InvalidScopes, MAX_PATTERN, MAX_PATTERNS, MAX_PORTS, ParsePatternError, Pattern, Ports, Scopes,
};
pub use statement::{Draft, Error, MAX_BYTES, Statement};

/// The protocol of port 444.
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/trust/1.0.0");

/// Cap of a frame that carries a statement, in bytes. A request with the largest card, text and scopes does not fit into
/// the 4 KiB of other control frames; 32 strangers at once may make us hold 256 KiB.
pub const MAX_FRAME: usize = 8 * 1024;

/// Longest text of a statement, in bytes of UTF-8: a screen full.
pub const MAX_TEXT: usize = 1024;

/// Largest generation. A relation that gets there stands still at it, and goes on by times and ids alone.
pub const MAX_GENERATION: u64 = 1 << 53;

/// How far the author's clock may be ahead of the reader's, in milliseconds: a day, for a wrong date.
pub const MAX_AHEAD: u64 = 24 * 60 * 60 * 1000;

/// Largest time, in milliseconds since the Unix epoch.
pub const MAX_TIME: u64 = 1 << 53;
