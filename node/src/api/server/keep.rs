//! A port that stays open from one stream to the next.
//!
//! ```text
//! POST /v1/listen/{port}/keep   ◄── {"id":1,"from":…}      a peer has come, and waits
//! POST /v1/accept/1 upgrade     ◄─► bytes
//!                               ◄── {"id":2,"from":…}      announced once the first was taken
//! ```
//!
//! One stream is announced at a time; those behind it wait in the accept queue of the port, and hear `busy` when that
//! is full.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    response::Response,
};
use futures::stream;
use tokio::sync::oneshot;

use super::{
    super::{Code, Error, Offered},
    Daemon,
    openapi::Raw,
    path::{self, Local, Number},
    ports::{connect, requested, switching},
    reply::{Empty, Failure, Path, Query, line, ndjson},
    serve::Held,
};
use crate::{
    Listener,
    protocols::streams::{Status, Stream},
};

/// Streams that were announced and wait to be taken: one for each port that is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Offers(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    streams: HashMap<u64, (Stream, oneshot::Sender<()>)>,
    /// The id of the newest.
    last: u64,
}

impl Offers {
    fn add(&self, stream: Stream) -> Offer {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, when_taken) = oneshot::channel();
        waiting.last += 1;
        let id = waiting.last;
        waiting.streams.insert(id, (stream, taken));
        Offer { id, offers: self.clone(), when_taken }
    }

    fn take(&self, id: u64) -> Option<Stream> {
        // The other end hears of it by the drop of the sender.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).streams.remove(&id).map(|(stream, _)| stream)
    }
}

/// An announced stream; dropping it before it was taken closes it.
#[derive(Debug)]
struct Offer {
    id: u64,
    offers: Offers,
    when_taken: oneshot::Receiver<()>,
}

impl Drop for Offer {
    fn drop(&mut self) {
        if let Some(stream) = self.offers.take(self.id) {
            stream.refuse(Status::Closed);
        }
    }
}

/// A port on which streams are announced one by one. Dropping it closes the port.
struct Kept {
    listener: Listener,
    offers: Offers,
    offer: Option<Offer>,
    daemon: Daemon,
}

impl Kept {
    /// The next stream, once the last one was taken; `None` when the daemon ends.
    async fn next(&mut self) -> Option<Offered> {
        let end = self.daemon.end.clone();
        tokio::select! {
            offered = self.announce() => offered,
            () = end.cancelled() => None,
        }
    }

    async fn announce(&mut self) -> Option<Offered> {
        if let Some(offer) = &mut self.offer {
            // An error says that the sender is gone, and that is all there is to hear.
            let _ = (&mut offer.when_taken).await;
        }
        self.offer = None;
        let (contact, stream) = self.listener.accept().await?;
        let offer = self.offers.add(stream);
        let id = offer.id;
        self.offer = Some(offer);
        Some(Offered { id, from: contact.endpoint().to_string(), name: contact.alias.or(contact.name) })
    }
}

/// Keeps a port open and announces who comes, without an envelope.
///
/// Each stream is taken by its id with `accept`; the next is announced when it was. The port closes with the
/// connection of this call.
#[utoipa::path(
    post,
    path = "/v1/listen/{port}/keep",
    tag = "streams",
    params(Local),
    responses((
        status = 200,
        body = Offered,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    ))
)]
pub(super) async fn keep(
    State(daemon): State<Daemon>,
    Path(Local { port }): Path<Local>,
    Query(Empty {}): Query<Empty>,
) -> Result<Response, Failure> {
    let listener = daemon.node.listen(path::port(&port)?)?;
    let kept = Kept { listener, offers: daemon.offers.clone(), offer: None, daemon };
    let lines = stream::unfold(kept, |mut kept| async move {
        let offered = kept.next().await?;
        Some((Ok::<_, Infallible>(line(&offered)), kept))
    });
    Ok(ndjson(lines))
}

/// Takes a stream that was announced, by an upgrade to `airway-stream`.
#[utoipa::path(post, path = "/v1/accept/{id}", tag = "streams", params(Number), responses(Raw))]
pub(super) async fn accept(
    State(Daemon { offers, end, .. }): State<Daemon>,
    Path(Number { id }): Path<Number>,
    held: Held,
    request: Request,
) -> Result<Response, Failure> {
    let upgrade = requested(request)?;
    let gone = || Error::new(Code::NotFound, format!("no stream {id} waits to be taken"));
    let stream = id.parse().ok().and_then(|id| offers.take(id));
    let mut stream = stream.ok_or_else(|| gone().hint("it was taken before, or its port was closed"))?;
    let active = held.activate();
    tokio::spawn(async move {
        let _active = active;
        // The dialler hears that it is accepted with the first use, and the program may have nothing to say.
        let carried = async {
            futures::AsyncWriteExt::flush(&mut stream).await?;
            connect(upgrade, stream, end).await
        };
        if let Err(error) = carried.await {
            tracing::debug!(%error, "an accepted stream ended early");
        }
    });
    Ok(switching())
}
