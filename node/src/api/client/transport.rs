//! One HTTP exchange over the Unix socket, and what its failures mean.

use std::{future::Future, io, path::Path, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::UnixStream;

use super::{port::PortStream, target::Target};
use crate::api::{Code, Envelope, Error, FOUND, UPGRADE};

/// The longest answer that is read: a daemon in its right mind stays far below, and a mad one, or another
/// program on that socket, cannot fill our memory.
pub(super) const ANSWER: usize = 64 << 20;

pub(super) type Response = hyper::Response<Incoming>;

/// What a call carries.
#[derive(Debug)]
pub(super) enum Body {
    /// Nothing.
    Empty,
    /// A request, as JSON.
    Json(Vec<u8>),
    /// A payload, as it is.
    Raw(Bytes),
    /// Nothing, and the connection becomes a raw stream.
    Upgrade,
}

impl Body {
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Error> {
        serde_json::to_vec(value)
            .map(Self::Json)
            .map_err(|error| Error::new(Code::Internal, format!("cannot write the request: {error}")))
    }

    pub(super) fn request(self, method: Method, target: Target) -> Result<Request<Full<Bytes>>, Error> {
        let builder = Request::builder().method(method).uri(target.as_str()).header(header::HOST, "airway");
        let (builder, bytes) = match self {
            Self::Empty => (builder, Bytes::new()),
            Self::Json(json) => (builder.header(header::CONTENT_TYPE, "application/json"), json.into()),
            Self::Raw(raw) => (builder.header(header::CONTENT_TYPE, "application/octet-stream"), raw),
            Self::Upgrade => {
                let builder = builder.header(header::CONNECTION, "upgrade").header(header::UPGRADE, UPGRADE);
                (builder, Bytes::new())
            }
        };
        builder
            .body(Full::new(bytes))
            .map_err(|error| Error::new(Code::BadRequest, format!("cannot write the request: {error}")))
    }
}

/// Connects, sends, and returns the head of the answer.
pub(super) async fn send(socket: &Path, request: Request<Full<Bytes>>) -> Result<Response, Error> {
    let stream = UnixStream::connect(socket).await.map_err(|error| connect_error(socket, &error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends by itself: once the answer is read or dropped, or the connection is upgraded.
    tokio::spawn(connection.with_upgrades());
    sender.send_request(request).await.map_err(broken)
}

/// Reads an answer to its end.
pub(super) async fn answer<T: DeserializeOwned>(body: Incoming) -> Result<T, Error> {
    let bytes = Limited::new(body, ANSWER).collect().await.map_err(broken)?.to_bytes();
    match serde_json::from_slice(&bytes) {
        Ok(Envelope::Ok { data }) => Ok(data),
        Ok(Envelope::Error(error)) => Err(error),
        Err(error) => Err(nonsense(error)),
    }
}

/// The body of a follow mode that has begun, or the error it began with.
pub(super) async fn accepted(response: Response) -> Result<Incoming, Error> {
    if response.status() == StatusCode::OK { Ok(response.into_body()) } else { Err(refusal(response).await) }
}

/// An answer that is no envelope, to its end.
pub(super) async fn bytes(body: Incoming) -> Result<Bytes, Error> {
    Ok(Limited::new(body, ANSWER).collect().await.map_err(broken)?.to_bytes())
}

/// The raw stream that the connection has become.
pub(super) async fn upgraded(response: Response) -> Result<PortStream, Error> {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refusal(response).await);
    }
    let found = response.headers().get(FOUND).and_then(|found| found.to_str().ok()).map(ToOwned::to_owned);
    let parts = hyper::upgrade::on(response)
        .await
        .map_err(broken)?
        .downcast::<TokioIo<UnixStream>>()
        .map_err(|_| Error::new(Code::Internal, "the upgraded connection is not a Unix socket"))?;
    Ok(PortStream::new(parts.read_buf, parts.io.into_inner()).found(found))
}

/// Gives up on the daemon after `limit`.
pub(super) async fn timed<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        let message = format!("the daemon gave no answer within {}", humantime::format_duration(limit));
        Err(Error::new(Code::Timeout, message).hint("see what it does in its log"))
    })
}

/// Why the daemon did not do what was asked, when it answered with an envelope instead.
async fn refusal(response: Response) -> Error {
    let status = response.status();
    match answer::<serde_json::Value>(response.into_body()).await {
        Ok(_) => nonsense(format!("unexpected status {status}")),
        Err(error) => error,
    }
}

/// The daemon answered, but not in the language of this API.
pub(super) fn nonsense(detail: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("cannot understand the daemon's answer: {detail}"))
        .hint("daemon and command may be of different versions: end it with `airway down`, then `airway up`")
}

/// The connection ended before the answer did.
pub(super) fn broken(detail: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("lost the daemon in the middle of a call: {detail}"))
        .hint("see whether it still runs with `airway status`")
}

fn connect_error(socket: &Path, error: &io::Error) -> Error {
    let place = socket.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            Error::new(Code::NotRunning, "the daemon is not running").hint("run `airway up`")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(Code::Home, format!("not allowed to use the daemon's socket {place}"))
                .hint("run it as the user that started the daemon")
        }
        io::ErrorKind::InvalidInput => {
            Error::new(Code::Home, format!("the path of the socket is too long: {place}"))
                .hint("choose a home with a shorter path")
        }
        io::ErrorKind::NotADirectory => {
            Error::new(Code::Home, format!("a part of the path is not a directory: {place}"))
                .hint("name the home of an agent with --home or AIRWAY_HOME")
        }
        _ => Error::new(Code::Home, format!("cannot connect to {place}: {error}")),
    }
}
