//! Our own broker, as contacts meet it: each stream is a subscription, or brings publications.
//!
//! | what happens | the contact hears |
//! |---|---|
//! | it may subscribe, or publish, nothing at all / not this topic | `not allowed` |
//! | the request or a publication breaks a rule | `invalid` |
//! | it has opened as many topics as it may | `full` |
//! | it has as many streams as it may | the stream is refused: busy |
//! | it takes no byte for [`STALLED`], or says no word for [`IDLE`] of publications | the stream ends |
//! | a frame is malformed, or the trust ends, or changes | the stream ends |
//!
//! Scopes are looked at when a stream begins, and hold for it: who changes them has all streams of that contact cut.

mod publications;
mod subscription;

use std::{collections::HashMap, sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    events::{self, Denied, Patterns, Request, Told},
    streams::{Incoming, Status, Stream},
    trust::Scopes,
};
use futures::AsyncWriteExt as _;
use libp2p::PeerId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::Events;
use crate::{contacts::Contacts, net::Net};

/// Streams of one peer, subscriptions and publishers together. A further one hears `busy`.
const STREAMS_PER_PEER: usize = 16;

/// How long the first frame of a stream may take to come in.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// How long a subscriber may take no byte of what lies ready for it.
const STALLED: Duration = Duration::from_secs(30);

/// How long the next publication of a stream may take to come in whole.
const IDLE: Duration = Duration::from_secs(60);

/// How long an answer may take to go out.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Serves every stream, until the network ends.
pub(crate) async fn serve(mut incoming: Incoming, net: Net, contacts: Contacts, logs: Events) {
    let mut slots: HashMap<PeerId, Arc<Semaphore>> = HashMap::new();
    while let Some(stream) = incoming.next().await {
        // Only the loop and running streams hold a peer's slots: whoever has none running is forgotten.
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        let peer = stream.peer();
        let of_peer = slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_PER_PEER)));
        let Ok(slot) = of_peer.clone().try_acquire_owned() else {
            logs.metrics.busy.inc();
            stream.refuse(Status::Busy);
            continue;
        };
        // Read when the stream can be cut already: either the new scopes show here, or their change finds it.
        let Some(contact) = contacts.by_peer(&peer).filter(|_| contacts.allows(&peer)) else { continue };
        net.touch(peer);
        logs.metrics.inbound.one("events");
        contacts.used(contact.agent);
        let server = Server { logs: logs.clone(), agent: contact.agent, scopes: contact.scopes };
        net.spawn(async move {
            if let Err(error) = server.run(stream, slot).await {
                tracing::debug!(%peer, %error, "a stream of events ended early");
            }
        });
    }
}

/// Serves one stream of a contact.
struct Server {
    logs: Events,
    agent: AgentId,
    scopes: Arc<Scopes>,
}

impl Server {
    async fn run(&self, mut stream: Stream, _slot: OwnedSemaphorePermit) -> Result<(), events::Error> {
        // Too slow and done are alike: there is nothing to answer.
        let Ok(request) = timeout(REQUEST_TIME, events::receive_request(&mut stream)).await else {
            return Ok(());
        };
        match request? {
            Request::Subscribe(what) if self.scopes.subscribe.is_empty() => {
                tracing::debug!(agent = %self.agent, patterns = what.patterns.len(), "may not subscribe");
                deny(stream, Denied::NotAllowed).await
            }
            Request::Subscribe(what) if what.validate().is_err() => deny(stream, Denied::Invalid).await,
            Request::Subscribe(what) => {
                let wanted: Patterns = what.patterns.iter().collect();
                let granted: Patterns = self.scopes.subscribe.iter().collect();
                let cursor = self.logs.own.cursor(&what.since, vec![wanted, granted]);
                let _counted = self.logs.metrics.subscriptions.enter("contact");
                subscription::serve(stream, cursor, &self.logs, STALLED).await
            }
            Request::Publish => publications::serve(stream, self).await,
        }
    }
}

/// Says that there is no subscription.
async fn deny(mut stream: Stream, why: Denied) -> Result<(), events::Error> {
    let denied = async {
        events::tell(&mut stream, &Told::Denied(why)).await?;
        Ok(stream.close().await?)
    };
    timeout(ANSWER_TIME, denied).await.unwrap_or(Ok(()))
}
