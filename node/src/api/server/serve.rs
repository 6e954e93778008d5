//! Connections to the socket: whose they are, how many there may be, and how much they may say before they are
//! understood.

use std::{io, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{UnixListener, UnixStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    super::{Code, Error},
    Failure,
    slots::{Active, Slot, Slots},
};

/// How long running requests may take to end when the daemon does.
const DRAIN: Duration = Duration::from_secs(2);

/// How long the head of a request may take to come, and a connection to be idle.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// Bytes of request line and headers together that are answered in our own words; paths hold a card at most.
const HEAD: usize = 16 * 1024;

/// Bytes that a connection buffers. A head beyond it is answered by a bare 431.
const BUFFER: usize = 64 * 1024;

/// Pause after the system had no descriptor left for a connection.
const NO_DESCRIPTOR: Duration = Duration::from_millis(100);

/// The superuser, who can read the home and the key anyway.
const ROOT: u32 = 0;

/// Serves every connection until `end` is cancelled; then waits a moment for those under way.
pub(super) async fn serve(calls: Router, listener: UnixListener, end: CancellationToken) -> io::Result<()> {
    let ours = own_uid()?;
    let refusing = Router::new().fallback(async || forbidden());
    let (slots, connections) = (Slots::default(), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end.cancelled() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection to the API was not accepted");
                sleep(NO_DESCRIPTOR).await;
                continue;
            }
        };
        let Some(slot) = slots.take() else {
            refuse(&stream);
            continue;
        };
        let may = stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == ROOT);
        let calls = if may { calls.clone() } else { refusing.clone() };
        connections.spawn(connection(stream, calls, slot, end.clone()));
    }
    connections.close();
    if timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::debug!("some calls did not end in time");
    }
    Ok(())
}

/// Our own user, by what the system says of a connection that we make to ourselves.
fn own_uid() -> io::Result<u32> {
    let (near, _far) = UnixStream::pair()?;
    Ok(near.peer_cred()?.uid())
}

async fn connection(stream: UnixStream, calls: Router, slot: Slot, end: CancellationToken) {
    let place = slot.clone();
    let calls = TowerToHyperService::new(calls);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (calls, active) = (calls.clone(), place.activate());
        answer(calls, request, active, place.clone())
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(BUFFER);
    let mut serving = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = slot.closed() => return,
        () = end.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the API ended early");
    }
}

/// Passes a request on; the connection counts as in use until the answer is out.
async fn answer(
    calls: TowerToHyperService<Router>,
    request: hyper::Request<Incoming>,
    active: Active,
    slot: Slot,
) -> Result<Response, std::convert::Infallible> {
    use hyper::service::Service as _;
    let mut request: Request = request.map(Body::new);
    if head_bytes(&request) > HEAD {
        let error = Error::new(Code::BadRequest, "the head of the request is too long");
        let failure = Failure::from(error.hint("request line and headers have at most 16 KiB together"));
        return Ok(failure.with(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE).into_response());
    }
    request.extensions_mut().insert(Held(slot));
    let response = calls.call(request).await?;
    Ok(response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &active;
            frame
        }))
    }))
}

fn head_bytes(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    target + headers.sum::<usize>()
}

/// The place of the connection that a call came by: a raw stream keeps it for as long as it lives.
#[derive(Debug, Clone)]
pub(super) struct Held(Slot);

impl Held {
    /// Marks the connection as in use.
    pub(super) fn activate(&self) -> Active {
        self.0.activate()
    }
}

impl<S: Sync> FromRequestParts<S> for Held {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let none = || Error::new(Code::Internal, "a call without a connection");
        parts.extensions.get().cloned().ok_or_else(|| none().into())
    }
}

fn forbidden() -> Response {
    let error = Error::new(Code::NotTrusted, "the agent belongs to another user of this machine");
    let failure = Failure::from(error.hint("run it as the user that started the daemon"));
    failure.with(StatusCode::FORBIDDEN).into_response()
}

/// Tells a connection for which there is no room, as far as that goes without waiting for it.
fn refuse(stream: &UnixStream) {
    let error = r#"{"status":"error","code":"busy","message":"too many connections to the daemon are in use","hint":"end some of the programs that use it"}"#;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{error}",
        error.len()
    );
    if let Err(error) = stream.try_write(answer.as_bytes()) {
        tracing::debug!(%error, "a connection was turned away without a word");
    }
}
