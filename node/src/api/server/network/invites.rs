//! Invites: made, listed and taken back.

use std::time::Duration;

use airway_protocols::invite::InviteId;
use axum::extract::State;

use super::super::{
    super::{Code, Error, Invite, InviteItem, InviteRequest, Role},
    Daemon,
    path::InvitePath,
    reply::{Body, Data, Nothing, Path, Reply},
};
use crate::mesh::{INVITE_LIFE, InviteOptions, Uses};

/// Makes an invite. Whoever has it is let in, as often as it says.
#[utoipa::path(post, path = "/v1/network/invites", operation_id = "invite", tag = "network", request_body = InviteRequest, responses((status = 200, body = Data<Invite>)))]
pub(in super::super) async fn make(
    State(Daemon { node, .. }): State<Daemon>,
    Body(request): Body<InviteRequest>,
) -> Reply<Invite> {
    let uses = uses(&request)?;
    let options = InviteOptions {
        uses,
        lasts: request.expires_ms.map_or(INVITE_LIFE, Duration::from_millis),
        roles: Role::roles(&request.roles),
        certificate_life: request.certificate_life_ms.map(Duration::from_millis),
        ephemeral: request.ephemeral,
    };
    let invite = node.invite(options).await?;
    Ok(Invite::of(&invite, uses).into())
}

/// The invites of this agent, without their secrets: those that are good, and those that ended within the last day.
#[utoipa::path(get, path = "/v1/network/invites", operation_id = "invites", tag = "network", responses((status = 200, body = Data<Vec<InviteItem>>)))]
pub(in super::super) async fn list(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<InviteItem>> {
    Ok(node.invites().await?.into_iter().map(InviteItem::from).collect::<Vec<_>>().into())
}

/// Takes an invite back: it is worthless from then on. Who has joined by it stays a member.
#[utoipa::path(delete, path = "/v1/network/invites/{id}", operation_id = "withdraw_invite", tag = "network", params(InvitePath), responses((status = 200, body = Data<Nothing>)))]
pub(in super::super) async fn withdraw(
    State(Daemon { node, .. }): State<Daemon>,
    Path(InvitePath { id }): Path<InvitePath>,
) -> Reply<Nothing> {
    if node.withdraw_invite(invite_id(&id)?).await? {
        return Ok(Nothing.into());
    }
    let error = Error::new(Code::NotFound, format!("there is no invite {id} that could be taken back"));
    Err(error.hint("see which there are with: airway invite list").into())
}

/// How often an invite may be used.
fn uses(request: &InviteRequest) -> Result<Uses, Error> {
    match (request.uses, request.reusable) {
        (None, false) => Ok(Uses::Once),
        (None, true) => Ok(Uses::Unlimited),
        (Some(times), false) if times > 0 => Ok(Uses::Times(times)),
        (Some(_), false) => Err(Error::new(Code::BadRequest, "nobody could use an invite for 0 agents")
            .hint("leave uses out, or give 1 or more")),
        (Some(_), true) => Err(Error::new(Code::BadRequest, "both uses and reusable were given")
            .hint("give one of them: so many agents, or any number")),
    }
}

/// The id in the path of an invite.
fn invite_id(text: &str) -> Result<InviteId, Error> {
    text.parse().map_err(|_| {
        Error::new(Code::BadRequest, format!("{text:?} is not the id of an invite"))
            .hint("see the ids with: airway invite list; they are 32 hexadecimal digits")
    })
}
