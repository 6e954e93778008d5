//! The daemon's side of the local API.
//!
//! The socket lies in a directory that is closed to other users, and whoever gets at it all the same is asked for
//! its user id. Connections are bounded in number, a request in size and time, a follower in what it makes us hold:
//! it is served page by page, at its own pace.

mod bench;
mod contacts;
mod events;
mod find;
mod inbox;
mod keep;
mod network;
mod openapi;
mod outbox;
mod path;
mod polo;
mod ports;
mod reply;
mod serve;
mod slots;
mod tasks;
mod trust;
mod watch;
mod words;

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path};

use airway_protocols::{data::MAX_PAYLOAD, events::MAX_PAYLOAD as MAX_EVENT};
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
};
use keep::Offers;
use reply::{Data, Failure, Nothing, Reply};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{CardText, Code, Error, Me, Status, view::texts};
use crate::Node;

/// Largest JSON body of a request: a card is the longest that there is to say.
const JSON: usize = 64 * 1024;

/// Largest JSON body of a task or a result: 64 KiB of input or output and 16 KiB of description, most of them escaped.
const TASK: usize = 512 * 1024;

/// What every call can use.
#[derive(Debug, Clone)]
struct Daemon {
    node: Node,
    /// Cancelled when the daemon shall end.
    end: CancellationToken,
    /// Streams that were announced and not taken yet.
    offers: Offers,
}

/// Opens the socket for the owner alone.
pub(crate) fn bind(socket: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers calls until `end` is cancelled, by a caller or by a signal.
pub(crate) async fn serve(node: Node, listener: UnixListener, end: CancellationToken) -> io::Result<()> {
    let daemon = Daemon { node, end: end.clone(), offers: Offers::default() };
    serve::serve(router(daemon), listener, end).await
}

/// Every call, with what the document says of it.
fn calls() -> OpenApiRouter<Daemon> {
    OpenApiRouter::with_openapi(openapi::Head::openapi())
        .routes(routes!(openapi::openapi))
        .routes(routes!(watch::health))
        .routes(routes!(watch::metrics))
        .routes(routes!(status))
        .routes(routes!(me, find::set_profile))
        .routes(routes!(card))
        .routes(routes!(shutdown))
        .routes(routes!(contacts::list))
        .routes(routes!(contacts::alias))
        .merge(trust_calls())
        .merge(network_calls())
        .routes(routes!(contacts::peers))
        .merge(OpenApiRouter::new().routes(routes!(outbox::send)).layer(DefaultBodyLimit::max(MAX_PAYLOAD)))
        .routes(routes!(contacts::ping))
        .routes(routes!(bench::bench))
        .routes(routes!(outbox::send_file))
        .routes(routes!(outbox::list, outbox::clear))
        .routes(routes!(outbox::follow))
        .routes(routes!(outbox::cancel))
        .routes(routes!(inbox::list, inbox::clear))
        .routes(routes!(inbox::follow))
        .routes(routes!(inbox::show))
        .merge(event_calls())
        .merge(task_calls())
        .merge(polo_calls())
        .routes(routes!(ports::dial))
        .routes(routes!(ports::listen))
        .routes(routes!(keep::keep))
        .routes(routes!(keep::accept))
}

/// Those about events.
fn event_calls() -> OpenApiRouter<Daemon> {
    let publish = OpenApiRouter::new().routes(routes!(events::publish));
    publish
        .layer(DefaultBodyLimit::max(MAX_EVENT))
        .routes(routes!(events::follow))
        .routes(routes!(events::topics))
}

/// Those about tasks.
fn task_calls() -> OpenApiRouter<Daemon> {
    let with_content = OpenApiRouter::new()
        .routes(routes!(tasks::submit, tasks::list))
        .routes(routes!(tasks::work::complete))
        .layer(DefaultBodyLimit::max(TASK));
    with_content
        .routes(routes!(tasks::queue))
        .routes(routes!(tasks::work::next))
        .routes(routes!(tasks::log::list))
        .routes(routes!(tasks::log::follow))
        .routes(routes!(tasks::show))
        .routes(routes!(tasks::content::input))
        .routes(routes!(tasks::content::output))
        .routes(routes!(tasks::work::accept))
        .routes(routes!(tasks::work::decline))
        .routes(routes!(tasks::work::progress))
        .routes(routes!(tasks::work::fail))
        .routes(routes!(tasks::work::cancel))
}

/// Those about what receipts of tasks say.
fn polo_calls() -> OpenApiRouter<Daemon> {
    OpenApiRouter::new()
        .routes(routes!(polo::list))
        .routes(routes!(polo::export))
        .routes(routes!(polo::import))
        .routes(routes!(polo::pull))
        .routes(routes!(polo::show))
        .routes(routes!(polo::why))
}

/// Those about trust.
fn trust_calls() -> OpenApiRouter<Daemon> {
    OpenApiRouter::new()
        .routes(routes!(trust::trust))
        .routes(routes!(trust::requests::list))
        .routes(routes!(trust::requests::follow))
        .routes(routes!(trust::approve))
        .routes(routes!(trust::reject))
        .routes(routes!(trust::untrust))
        .routes(routes!(trust::scopes))
        .routes(routes!(trust::block))
        .routes(routes!(trust::unblock))
        .routes(routes!(trust::log::list))
        .routes(routes!(trust::log::follow))
        .routes(routes!(trust::pair::make))
        .routes(routes!(trust::pair::redeem))
        .routes(routes!(trust::pair::used, trust::pair::withdraw))
        .routes(routes!(trust::pins))
        .routes(routes!(trust::settle_pin))
}

/// Those about the private network, and about who is found in it.
fn network_calls() -> OpenApiRouter<Daemon> {
    OpenApiRouter::new()
        .routes(routes!(network::show, network::create, network::leave))
        .routes(routes!(network::members))
        .routes(routes!(network::expel))
        .routes(routes!(network::invites::make, network::invites::list))
        .routes(routes!(network::invites::withdraw))
        .routes(routes!(network::join))
        .routes(routes!(network::export))
        .routes(routes!(network::import))
        .routes(routes!(find::find))
}

/// The document of every call.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    openapi::complete(calls().into_openapi())
}

fn router(daemon: Daemon) -> Router {
    calls()
        .split_for_parts()
        .0
        .fallback(async || Failure::from(Error::new(Code::NotFound, "no such call").hint("see airway help")))
        .method_not_allowed_fallback(async || {
            let error = Error::new(Code::BadRequest, "the call exists, but not with this method");
            Failure::from(error.hint("the header Allow names those it has"))
                .with(StatusCode::METHOD_NOT_ALLOWED)
        })
        .layer(DefaultBodyLimit::max(JSON))
        .with_state(daemon)
}

/// Is it up, what does it listen on.
#[utoipa::path(get, path = "/v1/status", tag = "daemon", responses((status = 200, body = Data<Status>)))]
async fn status(State(daemon): State<Daemon>) -> Reply<Status> {
    Ok(Status::of(&daemon.node).await?.into())
}

/// Who am I.
#[utoipa::path(get, path = "/v1/me", tag = "daemon", responses((status = 200, body = Data<Me>)))]
async fn me(State(daemon): State<Daemon>) -> Reply<Me> {
    Ok(Me::of(&daemon.node).await?.into())
}

/// The contact card to hand out.
#[utoipa::path(get, path = "/v1/card", tag = "daemon", responses((status = 200, body = Data<CardText>)))]
async fn card(State(daemon): State<Daemon>) -> Reply<CardText> {
    let card = daemon.node.card().map_err(Error::from)?;
    let text = CardText {
        card: card.to_string(),
        address: card.endpoint().to_string(),
        name: card.name().map(ToString::to_string),
        multiaddrs: texts(card.addresses()),
    };
    Ok(text.into())
}

/// Ends the daemon.
#[utoipa::path(post, path = "/v1/shutdown", tag = "daemon", responses((status = 200, body = Data<Nothing>)))]
async fn shutdown(State(daemon): State<Daemon>) -> Reply<Nothing> {
    daemon.end.cancel();
    Ok(Nothing.into())
}
