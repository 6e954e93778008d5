//! Tickets: made, waited for, taken back, and used.

use std::time::Duration;

use airway_protocols::ticket::{Ticket, TicketId};
use axum::extract::State;
use data_encoding::HEXLOWER;

use super::{
    super::{
        super::{Code, Contact, Error, PairRequest, Ticket as MadeTicket, Trust, UseRequest},
        Daemon,
        contacts::wait,
        path::TicketPath,
        reply::{Body, Data, Nothing, Path, Reply},
    },
    terms,
};
use crate::{MAX_TICKET_LIFE, Standing, TICKET_LIFE};

/// Makes a ticket. Whoever uses it first is trusted, on these terms: at once, or, if it confirms, after approval.
#[utoipa::path(post, path = "/v1/pair", tag = "trust", request_body = PairRequest, responses((status = 200, body = Data<MadeTicket>)))]
pub(in super::super) async fn make(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PairRequest { alias, scopes, expires_ms, confirm }): Body<PairRequest>,
) -> Reply<MadeTicket> {
    let life = expires_ms.map_or(TICKET_LIFE, Duration::from_millis);
    if life.is_zero() || life > MAX_TICKET_LIFE {
        let error = Error::new(Code::BadRequest, "a ticket is good for 1 millisecond up to 7 days");
        return Err(error.hint("choose another time with --expires").into());
    }
    let ticket = node.ticket(terms(alias, scopes)?, life, confirm).await?;
    Ok(MadeTicket::from(&ticket).into())
}

/// Waits until a ticket is used, and returns by whom.
///
/// Answers when it is used or has expired, however long that takes. Whoever goes away meanwhile may ask again: the ticket
/// stays as it is.
#[utoipa::path(get, path = "/v1/pair/{id}", operation_id = "used", tag = "trust", params(TicketPath), responses((status = 200, body = Data<Trust>)))]
pub(in super::super) async fn used(
    State(Daemon { node, end, .. }): State<Daemon>,
    Path(TicketPath { id }): Path<TicketPath>,
) -> Reply<Trust> {
    let id = ticket_id(&id)?;
    let agent = tokio::select! {
        agent = node.used(&id) => agent?,
        () = end.cancelled() => return Err(Error::new(Code::NotRunning, "the daemon ended").into()),
    };
    if let Some(contact) = node.contact(&agent) {
        return Ok(Trust::trusted(&node, contact).into());
    }
    let standings = [Standing::Pending, Standing::Stranger, Standing::Requested, Standing::Blocked];
    let request = node.requests(&standings).await?.into_iter().find(|request| request.agent == agent);
    let gone = || Error::new(Code::NotFound, "whoever has used the ticket is known no more");
    Ok(Trust::other(request.ok_or_else(|| gone().hint("see what happened with: airway trusted --log"))?)
        .into())
}

/// Takes a ticket back: it is worthless from then on.
#[utoipa::path(delete, path = "/v1/pair/{id}", operation_id = "withdraw", tag = "trust", params(TicketPath), responses((status = 200, body = Data<Nothing>)))]
pub(in super::super) async fn withdraw(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TicketPath { id }): Path<TicketPath>,
) -> Reply<Nothing> {
    if node.withdraw(&ticket_id(&id)?).await? {
        return Ok(Nothing.into());
    }
    let error = Error::new(Code::NotFound, format!("there is no ticket {id}"));
    Err(error.hint("it was taken back before, or is long over").into())
}

/// Uses the ticket of another agent, and waits until each trusts the other.
#[utoipa::path(post, path = "/v1/pair/use", operation_id = "pair", tag = "trust", request_body = UseRequest, responses((status = 200, body = Data<Contact>)))]
pub(in super::super) async fn redeem(
    State(Daemon { node, .. }): State<Daemon>,
    Body(UseRequest { ticket, alias, scopes, timeout_ms }): Body<UseRequest>,
) -> Reply<Contact> {
    let ticket: Ticket =
        ticket.parse().map_err(|error: airway_protocols::ticket::Error| Error::from(error))?;
    let contact = node.pair(&ticket, terms(alias, scopes)?, wait(timeout_ms)).await?;
    Ok(Contact::of(&node, contact).into())
}

/// The id in the path of a ticket.
fn ticket_id(text: &str) -> Result<TicketId, Error> {
    let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(TicketId::from_bytes).ok_or_else(|| {
        Error::new(Code::BadRequest, format!("{text:?} is not the id of a ticket"))
            .hint("the id came with the ticket: 16 hexadecimal digits")
    })
}
