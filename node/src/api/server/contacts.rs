//! Whom we trust, and whether they answer.

use std::time::{Duration, Instant};

use axum::extract::State;

use super::{
    super::{AliasRequest, Contact, Error, Peer, PingRequest, Pong},
    Daemon,
    path::Who,
    reply::{Body, Data, Path, Reply},
};
use crate::{DEFAULT_WAIT, Node, contacts};

/// Whom do I trust.
#[utoipa::path(get, path = "/v1/contacts", operation_id = "contacts", tag = "contacts", responses((status = 200, body = Data<Vec<Contact>>)))]
pub(super) async fn list(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Contact>> {
    let contacts = node.contacts().into_iter().map(|contact| Contact::of(&node, contact));
    Ok(contacts.collect::<Vec<_>>().into())
}

/// Sets or clears a local name.
#[utoipa::path(put, path = "/v1/contacts/{who}/alias", tag = "contacts", params(Who), request_body = AliasRequest, responses((status = 200, body = Data<Contact>)))]
pub(super) async fn alias(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Who { who }): Path<Who>,
    Body(AliasRequest { alias }): Body<AliasRequest>,
) -> Reply<Contact> {
    let contact = node.set_alias(&who, alias.as_deref()).await?;
    Ok(Contact::of(&node, contact).into())
}

/// Who is connected, and how.
#[utoipa::path(get, path = "/v1/peers", tag = "contacts", responses((status = 200, body = Data<Vec<Peer>>)))]
pub(super) async fn peers(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Peer>> {
    Ok(node.connections().into_iter().map(Peer::of).collect::<Vec<_>>().into())
}

/// One round trip to port 7 of a peer.
#[utoipa::path(post, path = "/v1/ping", tag = "contacts", request_body = PingRequest, responses((status = 200, body = Data<Pong>)))]
pub(super) async fn ping(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PingRequest { who, timeout_ms }): Body<PingRequest>,
) -> Reply<Pong> {
    let (contact, wait) = meet(&node, &who, timeout_ms).await?;
    let pong = node.ping(&contact, wait).await?;
    Ok(Pong::of(&contact, &pong).into())
}

/// The contact that is meant, and what is left of the time: whom nobody here is called, the network is asked for.
pub(super) async fn meet(
    node: &Node,
    who: &str,
    timeout_ms: Option<u64>,
) -> Result<(contacts::Contact, Duration), Error> {
    let (wait, begun) = (wait(timeout_ms), Instant::now());
    let contact = node.meet(who, wait).await?;
    Ok((contact, wait.saturating_sub(begun.elapsed())))
}

/// The time that a caller gives, or the default.
pub(super) fn wait(timeout_ms: Option<u64>) -> Duration {
    timeout_ms.map_or(DEFAULT_WAIT, Duration::from_millis)
}
