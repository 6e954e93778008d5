//! What two Airway agents say to each other: addresses, signed objects, frames and stream protocols.
//!
//! `SPEC.md` beside this crate says all of it byte by byte, for whoever writes another implementation; tests keep it in step
//! with the code.
//!
//! The crate has no disk, no clock of its own and no command line. It is usable in any rust-libp2p `Swarm`: every
//! protocol is a set of functions over [`futures::AsyncRead`] and [`futures::AsyncWrite`].
//!
//! ```text
//! who         agent ─► address ─► endpoint text     name
//!                └────► card (what an owner hands out)
//! signed      envelope      one Ed25519 signature around one CBOR object
//!                ├────► trust::Statement (request, accept, reject, revoke)     ticket (a card that approves itself)
//!                └────► certificate, revocations, invite (of a mesh)           claim (in a DHT)
//!                └────► events::Broadcast (among the members of a mesh)
//! among whom  network       genesis ─► realm: the backbone, a mesh, or those who have a swarm key
//! framed      wire          varint length, strict CBOR
//! spoken      echo   data   files   events   tasks   perf   trust   knock   join   admit   one module for each protocol
//! carried     streams   gate    what puts protocols into a swarm, and what keeps strangers from others
//! ```
//!
//! | port | protocol | pattern | module |
//! |---|---|---|---|
//! | 7 | `/airway/echo/1.0.0` | stream of bytes, until the remote half closes | [`echo`] |
//! | 444 | `/airway/trust/1.0.0` | one signed statement, one answer | [`trust`] |
//! | 1001 | `/airway/data/1.0.0` | messages, each answered, in order | [`data`] |
//! | 1001 | `/airway/files/1.0.0` | one file a stream, which can go on where another stream ended | [`files`] |
//! | 1002 | `/airway/events/1.0.0` | a subscription and its events, or publications, each answered | [`events`] |
//! | 1003 | `/airway/tasks/1.0.0` | requests about tasks from either side, each answered, in order | [`tasks`] |
//! | any other | `/airway/port/<n>/1.0.0` | raw bytes to whoever listens | [`port`] |
//! | none | `/airway/knock/1.0.0` | a stranger's statement, and an answer that is always the same | [`knock`] |
//! | none | `/airway/perf/1.0.0` | one run: bytes to the responder, an answer, bytes back | [`perf`] |
//! | none | `/airway/join/1.0.0` | one request to an inviter, one reply | [`join`] |
//! | none | `/airway/admit/1.0.0` | both sides show their certificates; the newer revocation list | [`admit`] |
//! | none | `/airway/claim/1.0.0` | the key of a claim, and the claim | [`claim::fetch`] |
//! | none | `/airway/<tag>/kad/1.0.0`, on the backbone `/airway/kad/1.0.0` | Kademlia; its records are sets of claims | [`claim`] |
//! | none | `/airway/<tag>/meshsub/1.1.0` | gossipsub among the members of a mesh; its messages are broadcasts | [`events::broadcast`] |
//!
//! Join and admit are the same for every network and for agents in none: only the [DHT](network::Realm::kad) and
//! [gossipsub](network::Realm::meshsub) have the tag of their network in their names, and members alone are offered them.
//!
//! Nothing here decides who may speak: an [`Address`](address::Address) is a label and never authenticates. Whoever
//! reads a stream also sets the deadlines; the functions here wait for the peer without one.

pub mod address;
pub mod admit;
pub mod agent;
pub mod card;
pub mod certificate;
pub mod claim;
pub mod data;
pub mod decimal;
pub mod echo;
pub mod envelope;
pub mod events;
mod exchange;
pub mod files;
pub mod gate;
pub mod hidden;
pub mod id;
pub mod invite;
pub mod join;
pub mod knock;
pub mod name;
pub mod network;
pub mod perf;
pub mod polo;
pub mod port;
pub mod revocations;
mod secret;
pub mod streams;
pub mod tag;
pub mod tasks;
mod text;
pub mod ticket;
pub mod trust;
pub mod wire;
