//! Asking for trust, answering, and ending it.

pub(super) mod log;
pub(super) mod pair;
pub(super) mod requests;

use std::time::Duration;

use airway_protocols::{
    card::{self, Card},
    invite, ticket,
    trust::Scopes,
};
use axum::extract::State;

use super::{
    super::{
        ApproveRequest, Code, Contact, Error, Layer, Pin, RejectRequest, Request, Trust, TrustRequest,
        UntrustQuery, WhoRequest,
    },
    Daemon,
    contacts::wait,
    path::Who,
    reply::{Body, Data, Path, Query, Reply},
};
use crate::{Ask, Node, Terms, Trusting, api, trust::DEFAULT_LAPSE};

/// Asks an agent to trust us, and promises to trust it if it does.
///
/// If it has asked us already, that is the answer. Of a contact, takes a newer card, alias or scopes. An agent that is
/// given by a name or an address is looked for as `GET /v1/find` does.
#[utoipa::path(post, path = "/v1/trust", tag = "trust", request_body = TrustRequest, responses((status = 200, body = Data<Trust>)))]
pub(super) async fn trust(
    State(Daemon { node, .. }): State<Daemon>,
    Body(TrustRequest { who, message, alias, scopes, lapse_ms, timeout_ms }): Body<TrustRequest>,
) -> Reply<Trust> {
    let ask = Ask {
        justification: message,
        terms: terms(alias, scopes)?,
        lapse: lapse_ms.map_or(DEFAULT_LAPSE, Duration::from_millis),
    };
    let (card, layer) = meant(&node, &who, wait(timeout_ms)).await?;
    let trust = match node.trust(&card, ask).await? {
        Trusting::Trusted(contact) => Trust::trusted(&node, contact),
        Trusting::Requested(request) => Trust::other(request),
    };
    Ok(Trust { layer, ..trust }.into())
}

/// Trusts an agent that has asked.
#[utoipa::path(post, path = "/v1/trust/approve", tag = "trust", request_body = ApproveRequest, responses((status = 200, body = Data<Contact>)))]
pub(super) async fn approve(
    State(Daemon { node, .. }): State<Daemon>,
    Body(ApproveRequest { who, alias, scopes }): Body<ApproveRequest>,
) -> Reply<Contact> {
    let contact = node.approve(&who, terms(alias, scopes)?).await?;
    Ok(Contact::of(&node, contact).into())
}

/// Turns down an agent that has asked.
#[utoipa::path(post, path = "/v1/trust/reject", tag = "trust", request_body = RejectRequest, responses((status = 200, body = Data<Request>)))]
pub(super) async fn reject(
    State(Daemon { node, .. }): State<Daemon>,
    Body(RejectRequest { who, tell, reason }): Body<RejectRequest>,
) -> Reply<Request> {
    if reason.is_some() && !tell {
        let error = Error::new(Code::BadRequest, "a reason is given, but nobody is told");
        return Err(error.hint("set tell as well, or leave the reason out").into());
    }
    Ok(Request::from(node.reject(&who, tell, reason).await?).into())
}

/// Ceases to trust an agent, or takes back a request of ours.
///
/// Its connections are closed, and none is served again; what waits for it in the outbox is given up. It is told.
#[utoipa::path(delete, path = "/v1/contacts/{who}", tag = "trust", params(Who, UntrustQuery), responses((status = 200, body = Data<Request>)))]
pub(super) async fn untrust(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Who { who }): Path<Who>,
    Query(UntrustQuery { reason }): Query<UntrustQuery>,
) -> Reply<Request> {
    let alias = node.find(&who).ok().and_then(|contact| contact.alias);
    let request = Request::from(node.untrust(&who, reason).await?);
    Ok(Request { alias: alias.or(request.alias), ..request }.into())
}

/// Changes what a contact may do here. Its streams are closed; within the new scopes it may open others.
#[utoipa::path(put, path = "/v1/contacts/{who}/scopes", tag = "trust", params(Who), request_body = api::Scopes, responses((status = 200, body = Data<Contact>)))]
pub(super) async fn scopes(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Who { who }): Path<Who>,
    Body(scopes): Body<api::Scopes>,
) -> Reply<Contact> {
    let contact = node.set_scopes(&who, scopes.try_into()?).await?;
    Ok(Contact::of(&node, contact).into())
}

/// Ends whatever there is with an agent, and hears nothing of it any more. It is not told.
#[utoipa::path(post, path = "/v1/trust/block", tag = "trust", request_body = WhoRequest, responses((status = 200, body = Data<Request>)))]
pub(super) async fn block(
    State(Daemon { node, .. }): State<Daemon>,
    Body(WhoRequest { who }): Body<WhoRequest>,
) -> Reply<Request> {
    Ok(Request::from(node.block(&who).await?).into())
}

/// Hears of a blocked agent again, as of any stranger.
#[utoipa::path(post, path = "/v1/trust/unblock", tag = "trust", request_body = WhoRequest, responses((status = 200, body = Data<Request>)))]
pub(super) async fn unblock(
    State(Daemon { node, .. }): State<Daemon>,
    Body(WhoRequest { who }): Body<WhoRequest>,
) -> Reply<Request> {
    Ok(Request::from(node.unblock(&who).await?).into())
}

/// Which agent each address belongs to, as far as we have trusted somebody there.
#[utoipa::path(get, path = "/v1/pins", tag = "trust", responses((status = 200, body = Data<Vec<Pin>>)))]
pub(super) async fn pins(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Pin>> {
    let pins = node.pins().await?;
    Ok(pins.into_iter().map(Pin::from).collect::<Vec<_>>().into())
}

/// Settles which of the agents that claim an address is meant: the one with the fingerprint that is given.
#[utoipa::path(post, path = "/v1/pins/settle", tag = "trust", request_body = WhoRequest, responses((status = 200, body = Data<Pin>)))]
pub(super) async fn settle_pin(
    State(Daemon { node, .. }): State<Daemon>,
    Body(WhoRequest { who }): Body<WhoRequest>,
) -> Reply<Pin> {
    Ok(Pin::from(node.settle_pin(&who).await?).into())
}

fn terms(alias: Option<String>, scopes: Option<api::Scopes>) -> Result<Terms, Error> {
    Ok(Terms { alias, scopes: scopes.map(Scopes::try_from).transpose()? })
}

/// The card that a text is, or that of the agent which it names; then, whose word it is that it does.
async fn meant(node: &Node, who: &str, wait: Duration) -> Result<(Card, Option<Layer>), Error> {
    let who = who.trim();
    if who.starts_with(ticket::PREFIX) {
        return Err(Error::new(Code::BadRequest, "that is a ticket, not a contact card")
            .hint("use it with: airway pair <ticket>"));
    }
    if who.starts_with(invite::PREFIX) {
        return Err(Error::new(Code::BadRequest, "that is an invite, not a contact card")
            .hint("use it with: airway join <invite>"));
    }
    if who.is_empty() || who.starts_with(card::PREFIX) {
        return Ok((who.parse()?, None));
    }
    let found = node.look_up(who, wait).await?;
    let layer = Layer::from(found.layer);
    let Some(card) = found.card else {
        // Only who is known by alias or as a contact has none.
        return Err(Error::new(Code::Conflict, format!("{} is trusted already", found.endpoint))
            .hint("airway scope <who> changes what it may do, airway alias <who> its name here"));
    };
    Ok((card, Some(layer)))
}
