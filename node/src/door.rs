//! Doors: protocols that others may speak before we know them. Few at a time are heard, fewer from one network, and fewer
//! still of one peer; all others hear `busy`.

mod places;
mod source;

use airway_protocols::streams::{Incoming, Refusal, Status, Stream};
use places::Places;
pub(crate) use source::Source;

use crate::net::Net;

/// Streams that may wait at a door; a further one hears `busy`.
pub(crate) const QUEUE: usize = 64;

/// Gives each stream a task, as long as there is a place for it; returns when the door is closed.
pub(crate) async fn attend<F, W>(net: Net, mut incoming: Incoming, serve: F)
where
    F: Fn(Stream) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let places = Places::default();
    while let Some(stream) = incoming.next().await {
        let Some(place) = places.take(stream.peer(), source(&net, &stream)) else {
            stream.refuse(Status::Busy);
            continue;
        };
        let served = serve(stream);
        tokio::spawn(async move {
            served.await;
            drop(place);
        });
    }
}

/// The refusal of the other side behind an error, if there is one.
pub(crate) fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<Refusal> {
    let here = error.downcast_ref::<std::io::Error>().and_then(Refusal::of);
    here.or_else(|| error.downcast_ref().copied()).or_else(|| refusal(error.source()?))
}

/// Where a stream comes from.
pub(crate) fn source(net: &Net, stream: &Stream) -> Source {
    let connection = net.connection(stream.connection());
    connection.map_or(Source::Unknown, |connection| Source::of(&connection.address))
}
