//! Asks the daemon: one typed method for each call of the [local API](super).
//!
//! Every call is a connection of its own over the Unix socket, so that dropping a future abandons the
//! call and nothing else. Answers are bounded in size, and calls in time; a stream or a follow mode is
//! bounded only until it begins.

mod events;
mod follow;
mod network;
mod polo;
mod port;
mod target;
mod tasks;
mod transport;
mod trust;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hyper::{Method, body::Bytes};
use serde::de::DeserializeOwned;

pub use self::{
    follow::Follow,
    port::{Listening, PortStream},
};
use self::{target::Target, transport::Body};
use super::{
    AliasRequest, BenchEvent, BenchRequest, CardText, ClearQuery, Cleared, Contact, DialQuery, Error,
    FileRequest, Health, InboxItem, InboxQuery, Me, Offered, OutboxClearQuery, OutboxEvent, OutboxItem,
    OutboxQuery, Peer, PingRequest, Pong, SendQuery, Sent, Status,
};

/// How long a call may take that involves nobody but the daemon.
const LOCAL: Duration = Duration::from_secs(10);

/// How long a call to a peer may take when the caller sets no limit; the daemon has its own, which is shorter.
const REMOTE: Duration = Duration::from_secs(120);

/// What the daemon gets beyond the limit that it was given, to say itself that the time is over.
const GRACE: Duration = Duration::from_secs(2);

/// The local API of the daemon behind one socket.
#[derive(Debug, Clone)]
pub struct Client {
    socket: PathBuf,
}

impl Client {
    /// A client of the daemon that listens on `socket`. Connects with each call, not before.
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }

    /// Where the daemon is expected.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Is it up, what does it listen on.
    pub async fn status(&self) -> Result<Status, Error> {
        self.get(Target::new(["status"])).await
    }

    /// Does it do its work.
    pub async fn health(&self) -> Result<Health, Error> {
        self.get(Target::new(["health"])).await
    }

    /// Who this agent is.
    pub async fn me(&self) -> Result<Me, Error> {
        self.get(Target::new(["me"])).await
    }

    /// The contact card to hand out.
    pub async fn card(&self) -> Result<CardText, Error> {
        self.get(Target::new(["card"])).await
    }

    /// Whom this agent trusts.
    pub async fn contacts(&self) -> Result<Vec<Contact>, Error> {
        self.get(Target::new(["contacts"])).await
    }

    /// Sets our own name for `who`, or clears it.
    pub async fn alias(&self, who: &str, request: &AliasRequest) -> Result<Contact, Error> {
        let target = Target::new(["contacts", who, "alias"]);
        self.call(Method::PUT, target, Body::json(request)?, LOCAL).await
    }

    /// Who is connected, and how.
    pub async fn peers(&self) -> Result<Vec<Peer>, Error> {
        self.get(Target::new(["peers"])).await
    }

    /// One round trip to port 7 of a peer.
    pub async fn ping(&self, request: &PingRequest) -> Result<Pong, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["ping"]), Body::json(request)?, limit).await
    }

    /// Measures the way to a peer: progress, and the result as the last object.
    pub async fn bench(&self, request: &BenchRequest) -> Result<Follow<BenchEvent>, Error> {
        let body = Body::json(request)?;
        let begun = self.open(Method::POST, Target::new(["bench"]), body);
        let response = transport::timed(remote_limit(request.timeout_ms), begun).await?;
        transport::accepted(response).await.map(Follow::new)
    }

    /// Sends `payload` as a message, and returns once its receiver has it on disk.
    pub async fn send(&self, query: &SendQuery, payload: impl Into<Bytes>) -> Result<Sent, Error> {
        let limit = remote_limit(query.timeout_ms);
        let target = Target::new(["messages"]).query(query)?;
        self.call(Method::POST, target, Body::Raw(payload.into()), limit).await
    }

    /// Puts a file of this machine into the outbox; its path is absolute.
    pub async fn send_file(&self, request: &FileRequest) -> Result<OutboxItem, Error> {
        self.call(Method::POST, Target::new(["files"]), Body::json(request)?, REMOTE).await
    }

    /// What waits for its receiver, and what was given up.
    pub async fn outbox(&self, query: &OutboxQuery) -> Result<Vec<OutboxItem>, Error> {
        self.get(Target::new(["outbox"]).query(query)?).await
    }

    /// How something in the outbox goes on.
    pub async fn follow_outbox(&self, id: &str) -> Result<Follow<OutboxEvent>, Error> {
        self.follow(Method::GET, Target::new(["outbox", id, "follow"])).await
    }

    /// Takes one thing out of the outbox.
    pub async fn cancel(&self, id: &str) -> Result<OutboxItem, Error> {
        self.call(Method::DELETE, Target::new(["outbox", id]), Body::Empty, LOCAL).await
    }

    /// Takes several things out of the outbox.
    pub async fn clear_outbox(&self, query: &OutboxClearQuery) -> Result<Cleared, Error> {
        self.call(Method::DELETE, Target::new(["outbox"]).query(query)?, Body::Empty, LOCAL).await
    }

    /// Received messages, oldest first.
    pub async fn inbox(&self, query: &InboxQuery) -> Result<Vec<InboxItem>, Error> {
        self.get(Target::new(["inbox"]).query(query)?).await
    }

    /// Messages as they arrive: first those with a sequence number beyond `after` if it is given, else from the next.
    pub async fn follow_inbox(&self, query: &InboxQuery) -> Result<Follow<InboxItem>, Error> {
        let target = Target::new(["inbox", "follow"]).query(query)?;
        self.follow(Method::GET, target).await
    }

    /// One message by its id, or a unique beginning of it; it counts as read from then on.
    pub async fn message(&self, id: &str) -> Result<InboxItem, Error> {
        self.get(Target::new(["inbox", id])).await
    }

    /// Forgets messages.
    pub async fn clear(&self, query: &ClearQuery) -> Result<Cleared, Error> {
        let target = Target::new(["inbox"]).query(query)?;
        self.call(Method::DELETE, target, Body::Empty, LOCAL).await
    }

    /// Opens a raw stream to a port of a peer.
    pub async fn dial(&self, who: &str, port: u16, query: &DialQuery) -> Result<PortStream, Error> {
        let target = Target::new(["dial", who, &port.to_string()]).query(query)?;
        transport::timed(remote_limit(query.timeout_ms), self.upgrade(target)).await
    }

    /// Listens on a port for one stream from a peer. Dropping the result frees the port.
    pub async fn listen(&self, port: u16) -> Result<Listening, Error> {
        let target = Target::new(["listen", &port.to_string()]);
        transport::timed(LOCAL, self.upgrade(target)).await.map(Listening::new)
    }

    /// Keeps a port open and hears who comes. Dropping the result closes the port.
    pub async fn keep(&self, port: u16) -> Result<Follow<Offered>, Error> {
        let target = Target::new(["listen", &port.to_string(), "keep"]);
        self.follow(Method::POST, target).await
    }

    /// Takes a stream that a kept port has announced.
    pub async fn accept(&self, id: u64) -> Result<PortStream, Error> {
        let target = Target::new(["accept", &id.to_string()]);
        transport::timed(LOCAL, self.upgrade(target)).await
    }

    /// Ends the daemon. It has heard when this returns, and goes soon after.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.call(Method::POST, Target::new(["shutdown"]), Body::Empty, LOCAL).await
    }

    async fn get<T: DeserializeOwned>(&self, target: Target) -> Result<T, Error> {
        self.call(Method::GET, target, Body::Empty, LOCAL).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        target: Target,
        body: Body,
        limit: Duration,
    ) -> Result<T, Error> {
        transport::timed(limit, async {
            let response = self.open(method, target, body).await?;
            transport::answer(response.into_body()).await
        })
        .await
    }

    async fn follow<T: DeserializeOwned>(&self, method: Method, target: Target) -> Result<Follow<T>, Error> {
        let response = transport::timed(LOCAL, self.open(method, target, Body::Empty)).await?;
        transport::accepted(response).await.map(Follow::new)
    }

    async fn open(&self, method: Method, target: Target, body: Body) -> Result<transport::Response, Error> {
        transport::send(&self.socket, body.request(method, target)?).await
    }

    async fn upgrade(&self, target: Target) -> Result<PortStream, Error> {
        let response = self.open(Method::POST, target, Body::Upgrade).await?;
        transport::upgraded(response).await
    }
}

fn remote_limit(given_ms: Option<u64>) -> Duration {
    given_ms.map_or(REMOTE, |ms| Duration::from_millis(ms).saturating_add(GRACE))
}
