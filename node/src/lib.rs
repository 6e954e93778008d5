//! Airway: a network stack for AI agents. This crate is the agent: a library to embed it, and the binary.
//!
//! ```text
//! cli ─► api::client ─► api (types) ◄─ api::server ─► node ─┬─► trust ─┬─► services ─► mesh ─► net ──► airway-protocols
//!                                                           │          ├─► contacts ─┬─► net (access list, address book)
//!                                                           └──────────┴─────────────┴─► store
//! ```
//!
//! Arrows point one way. [`Node`] is what a program uses; the daemon is a `Node` with the local API in front of
//! it, and the command line is a client of that API.
//!
//! ```text
//! send:    Node ─► services::outbox ─► store ─► task of the contact ─► net ─► peer
//! receive: peer ─► net ─► services::data, services::files ─► store ─► answer, on the same stream
//! trust:   Node, peer or clock ─► turn ─► store ─► contacts, access list ─► streams cut ─► courier ─► peer
//! network: invite ─► join ─► certificate ─► store ─► mesh ─► admission ─► members ─► DHT ─► found by name, address, tag
//! ```
//!
//! What is sent is on our disk first and stays there until the peer has it on its own: [`Node::send`] says whether it
//! has, or that it waits. Whom we trust is decided by [`Node::ticket`] and [`Node::pair`], or by [`Node::trust`] and
//! [`Node::approve`]; it ends with [`Node::untrust`].
//!
//! In a private network agents find each other: [`Node::create_network`] founds one, [`Node::invite`] and [`Node::join`]
//! let others in, [`Node::look_up`] and [`Node::look_up_tag`] find them, and [`Node::meet`] is [`Node::find`] with the
//! network asked as well. Membership is no trust, unless the network was founded so.

mod access;
mod alarms;
pub mod api;
mod authority;
mod bucket;
mod bundle;
pub mod cli;
mod clock;
pub mod config;
mod contacts;
mod crash;
mod daemon;
mod demo;
mod door;
mod file;
pub mod home;
pub mod identity;
mod logging;
mod me;
mod members;
mod mesh;
mod metrics;
mod net;
mod node;
mod own;
mod places;
mod polo;
mod seal;
mod services;
pub mod store;
mod trust;

pub use airway_protocols as protocols;
pub use authority::Error as AuthorityError;
pub use bundle::Error as ImportError;
pub use config::Overrides;
pub use contacts::{ChangeError, Contact, Standing, WhoError};
pub use me::Me;
pub use mesh::{
    CERTIFICATE_LIFE, CERTIFICATE_LIVES, EPHEMERAL_LIFE, Found, INVITE_LIFE, InviteOptions, InviteState,
    Layer, LookupError, MAX_INVITE_LIFE, MemberState, Membership, MeshError, Network, NetworkOptions,
    Published, Uses,
};
pub use net::{Connection, GossipPeer, GossipState, StartError as NetError};
pub use node::{
    Behind, DEFAULT_WAIT, Node, Outbound, Outgoing, PoloError, Received, ReceivedFile, Reputation, Sent,
    Source, StartError, TopicsOf,
};
pub use polo::Learnt;
pub use services::{
    Accepting, AttachError, Changed, CopyError, DEFAULT_EXPIRY, Delivery, DialError, FileError, ListenError,
    Listener, MAX_EXPIRY, Material, NewTask, Pong, PublishError, Reached, Role, SendError, Status,
    SubscribeError, Subscription, Task, TaskEntry, TaskError, TaskEvent, TaskFilter, TaskRef, TopicInfo,
    bench,
};
pub use trust::{
    Ask, Conflict, DEFAULT_LAPSE, MAX_LAPSE, MAX_TICKET_LIFE, PairError, Pin, Request, TICKET_LIFE, Terms,
    TrustEvent, Trusting, What,
};

/// The README's Rust blocks are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
