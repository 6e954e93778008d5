//! The daemon's side of the local API.
//!
//! The socket lies in a directory that is closed to other users. A request is bounded in size, a follower in what
//! it makes us hold: it is served page by page, at its own pace.

mod bench;
mod contacts;
mod inbox;
mod ports;
mod reply;

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use airway_protocols::data::MAX_PAYLOAD;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::{delete, get, post, put},
};
use reply::{Failure, Reply};
use tokio::{net::UnixListener, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{CardText, Code, Error, Me, Status, view::texts};
use crate::Node;

/// Largest body of a request: the largest message.
const MAX_BODY: usize = MAX_PAYLOAD;

/// How long running requests may take to end when the daemon does.
const DRAIN: Duration = Duration::from_secs(2);

/// What every call can use.
#[derive(Debug, Clone)]
struct Daemon {
    node: Node,
    /// Cancelled when the daemon shall end.
    end: CancellationToken,
}

/// Opens the socket for the owner alone.
pub(crate) fn bind(socket: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers calls until `end` is cancelled, by a caller or by a signal.
pub(crate) async fn serve(node: Node, listener: UnixListener, end: CancellationToken) -> io::Result<()> {
    let daemon = Daemon { node, end: end.clone() };
    let serving = axum::serve(listener, router(daemon)).with_graceful_shutdown(end.clone().cancelled_owned());
    let serving = tokio::spawn(serving.into_future());
    let abort = serving.abort_handle();
    end.cancelled().await;
    match timeout(DRAIN, serving).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(panicked)) => Err(io::Error::other(panicked)),
        Err(_) => {
            abort.abort();
            Ok(())
        }
    }
}

fn router(daemon: Daemon) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/me", get(me))
        .route("/v1/card", get(card))
        .route("/v1/shutdown", post(shutdown))
        .route("/v1/contacts", get(contacts::list).post(contacts::trust))
        .route("/v1/contacts/{who}", delete(contacts::untrust))
        .route("/v1/contacts/{who}/alias", put(contacts::alias))
        .route("/v1/peers", get(contacts::peers))
        .route("/v1/ping", post(contacts::ping))
        .route("/v1/bench", post(bench::bench))
        .route("/v1/messages", post(inbox::send))
        .route("/v1/inbox", get(inbox::list).delete(inbox::clear))
        .route("/v1/inbox/follow", get(inbox::follow))
        .route("/v1/inbox/{id}", get(inbox::show))
        .route("/v1/dial/{who}/{port}", post(ports::dial))
        .route("/v1/listen/{port}", post(ports::listen))
        .fallback(async || Failure::from(Error::new(Code::NotFound, "no such call").hint("see airway help")))
        .method_not_allowed_fallback(async || {
            let error = Error::new(Code::BadRequest, "the call exists, but not with this method");
            (StatusCode::METHOD_NOT_ALLOWED, Failure::from(error.hint("the header Allow names those it has")))
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(daemon)
}

async fn status(State(daemon): State<Daemon>) -> Reply<Status> {
    Ok(Status::of(&daemon.node).await?.into())
}

async fn me(State(daemon): State<Daemon>) -> Reply<Me> {
    Ok(Me::from(daemon.node.me()).into())
}

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

async fn shutdown(State(daemon): State<Daemon>) -> Reply<()> {
    daemon.end.cancel();
    Ok(().into())
}
