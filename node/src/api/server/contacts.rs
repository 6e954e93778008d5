//! Whom we trust, and whether they answer.

use std::time::Duration;

use airway_protocols::card;
use axum::extract::State;

use super::{
    super::{AliasRequest, Contact, Error, Peer, PingRequest, Pong, TrustRequest},
    Daemon,
    reply::{Body, Path, Reply},
};
use crate::DEFAULT_WAIT;

pub(super) async fn list(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Contact>> {
    let contacts = node.contacts().into_iter().map(|contact| Contact::of(&node, contact));
    Ok(contacts.collect::<Vec<_>>().into())
}

pub(super) async fn trust(
    State(Daemon { node, .. }): State<Daemon>,
    Body(TrustRequest { card, alias }): Body<TrustRequest>,
) -> Reply<Contact> {
    let card = card.parse().map_err(|error: card::Error| Error::from(error))?;
    let contact = node.trust(&card, alias.as_deref()).await?;
    Ok(Contact::of(&node, contact).into())
}

pub(super) async fn untrust(
    State(Daemon { node, .. }): State<Daemon>,
    Path(who): Path<String>,
) -> Reply<Contact> {
    let contact = node.untrust(&who).await?;
    Ok(Contact::of(&node, contact).into())
}

pub(super) async fn alias(
    State(Daemon { node, .. }): State<Daemon>,
    Path(who): Path<String>,
    Body(AliasRequest { alias }): Body<AliasRequest>,
) -> Reply<Contact> {
    let contact = node.set_alias(&who, alias.as_deref()).await?;
    Ok(Contact::of(&node, contact).into())
}

pub(super) async fn peers(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Peer>> {
    Ok(node.connections().into_iter().map(Peer::of).collect::<Vec<_>>().into())
}

pub(super) async fn ping(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PingRequest { who, timeout_ms }): Body<PingRequest>,
) -> Reply<Pong> {
    let contact = node.find(&who)?;
    let pong = node.ping(&contact, wait(timeout_ms)).await?;
    Ok(Pong::of(&contact, &pong).into())
}

/// The time that a caller gives, or the default.
pub(super) fn wait(timeout_ms: Option<u64>) -> Duration {
    timeout_ms.map_or(DEFAULT_WAIT, Duration::from_millis)
}
