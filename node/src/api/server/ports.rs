//! Raw streams between a program of this machine and a port of a peer, by HTTP upgrade.

use std::io;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional_with_sizes};
use tokio_util::{compat::FuturesAsyncReadCompatExt as _, sync::CancellationToken};

use super::{
    super::{Accepted, Code, DialQuery, Error, FOUND, UPGRADE},
    Daemon,
    contacts::meet,
    openapi::Raw,
    path::{self, Local, Remote},
    reply::{Failure, Path, Query},
    serve::Held,
};
use crate::{Listener, protocols::streams::Stream};

/// Bytes under way in each direction between program and stream.
const BUFFER: usize = 256 * 1024;

/// Bytes that a program may send before a peer has come.
const EARLY: usize = 64 * 1024;

/// Opens a raw stream to a port of a peer, by an upgrade to `airway-stream`.
///
/// Where the network was asked who is meant, the header `airway-found` of the answer has the full address.
#[utoipa::path(
    post,
    path = "/v1/dial/{who}/{port}",
    tag = "streams",
    params(Remote, DialQuery),
    responses(Raw)
)]
pub(super) async fn dial(
    State(Daemon { node, end, .. }): State<Daemon>,
    Path(Remote { who, port }): Path<Remote>,
    Query(DialQuery { timeout_ms }): Query<DialQuery>,
    held: Held,
    request: Request,
) -> Result<Response, Failure> {
    let upgrade = requested(request)?;
    let port = path::port(&port)?;
    let is_known = node.find(&who).is_ok();
    let (contact, wait) = meet(&node, &who, timeout_ms).await?;
    let stream = node.dial(&contact, port, wait).await?;
    let active = held.activate();
    tokio::spawn(async move {
        let _active = active;
        if let Err(error) = connect(upgrade, stream, end).await {
            tracing::debug!(%error, "a dialled stream ended early");
        }
    });
    let mut response = switching();
    if !is_known && let Ok(found) = HeaderValue::try_from(contact.endpoint().to_string()) {
        response.headers_mut().insert(FOUND, found);
    }
    Ok(response)
}

/// Carries bytes between a program and a stream that is open.
pub(super) async fn connect(upgrade: OnUpgrade, stream: Stream, end: CancellationToken) -> io::Result<()> {
    let program = TokioIo::new(upgrade.await.map_err(io::Error::other)?);
    carry(program, stream, &end).await
}

/// Waits for the next stream from a peer to our port, by an upgrade to `airway-stream`.
///
/// The first line on it says who has come, as JSON: see `Accepted`. The port closes once a peer has come or the caller
/// has gone.
#[utoipa::path(post, path = "/v1/listen/{port}", tag = "streams", params(Local), responses(Raw))]
pub(super) async fn listen(
    State(Daemon { node, end, .. }): State<Daemon>,
    Path(Local { port }): Path<Local>,
    held: Held,
    request: Request,
) -> Result<Response, Failure> {
    let upgrade = requested(request)?;
    let listener = node.listen(path::port(&port)?)?;
    let active = held.activate();
    tokio::spawn(async move {
        let _active = active;
        if let Err(error) = accept(upgrade, listener, end).await {
            tracing::debug!(%error, "an accepted stream ended early");
        }
    });
    Ok(switching())
}

/// Waits for a peer, tells the program who it is, and carries the bytes. The port closes once a peer has come, or
/// the program has gone.
async fn accept(upgrade: OnUpgrade, mut listener: Listener, end: CancellationToken) -> io::Result<()> {
    let mut program = TokioIo::new(upgrade.await.map_err(io::Error::other)?);
    let mut early = Vec::new();
    let (contact, mut stream) = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Some(accepted) => break accepted,
                None => return Ok(()),
            },
            read = program.read_buf(&mut early), if early.len() < EARLY => if read? == 0 { return Ok(()) },
            () = end.cancelled() => return Ok(()),
        }
    };
    drop(listener);
    let accepted = Accepted { from: contact.endpoint().to_string(), name: contact.alias.or(contact.name) };
    let mut line = serde_json::to_vec(&accepted)?;
    line.push(b'\n');
    program.write_all(&line).await?;
    futures::AsyncWriteExt::write_all(&mut stream, &early).await?;
    // The dialler hears that it is accepted with the first use, and the program may have nothing to say.
    futures::AsyncWriteExt::flush(&mut stream).await?;
    carry(program, stream, &end).await
}

/// Carries bytes both ways; each direction ends by itself.
async fn carry(mut program: TokioIo<Upgraded>, stream: Stream, end: &CancellationToken) -> io::Result<()> {
    let mut stream = stream.compat();
    tokio::select! {
        done = copy_bidirectional_with_sizes(&mut program, &mut stream, BUFFER, BUFFER) => done.map(|_| ()),
        () = end.cancelled() => Ok(()),
    }
}

/// Checks that the caller asks for a raw stream.
pub(super) fn requested(mut request: Request) -> Result<OnUpgrade, Error> {
    let asked = request.headers().get(header::UPGRADE);
    if !asked.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(UPGRADE.as_bytes())) {
        return Err(Error::new(Code::BadRequest, "this call is an upgrade to a raw stream")
            .hint(format!("send the headers Connection: Upgrade and Upgrade: {UPGRADE}")));
    }
    Ok(hyper::upgrade::on(&mut request))
}

/// The answer that makes a connection a raw stream.
pub(super) fn switching() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static(UPGRADE));
    response
}
