//! Who asks, whom we have asked, and of whom we hear nothing.

use std::collections::HashMap;

use airway_protocols::agent::AgentId;
use axum::{extract::State, response::Response};
use futures::{Stream, StreamExt as _, stream};

use super::super::{
    super::{Request, RequestsQuery},
    Daemon,
    reply::{Data, Empty, Failure, Query, Reply, line, ndjson},
};
use crate::{Node, Standing, store};

/// Events of the log that are passed over at once: what counts is what stands when it is looked.
const PAGE: u32 = 1000;

/// Requests that wait, the longest there first.
#[utoipa::path(get, path = "/v1/trust/requests", operation_id = "requests", tag = "trust", params(RequestsQuery), responses((status = 200, body = Data<Vec<Request>>)))]
pub(in super::super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<RequestsQuery>,
) -> Reply<Vec<Request>> {
    let requests = node.requests(query.state.standings()).await?;
    Ok(requests.into_iter().map(Request::from).collect::<Vec<_>>().into())
}

/// Requests of others as they come, without an envelope: first those that wait already.
///
/// None that still waits is left out, however slow the reader is. Whoever asks anew, perhaps with other words, comes again.
#[utoipa::path(get, path = "/v1/trust/requests/follow", operation_id = "follow_requests", tag = "trust", responses((
        status = 200,
        body = Request,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(in super::super) async fn follow(
    State(daemon): State<Daemon>,
    Query(Empty {}): Query<Empty>,
) -> Result<Response, Failure> {
    let after = newest(&daemon.node).await?;
    let watch = Watch { daemon, after, seen: HashMap::new() };
    Ok(ndjson(pages(watch).map(|page| page.map(|page| page.iter().map(line).collect()))))
}

/// The number of the newest event in the log.
pub(super) async fn newest(node: &Node) -> Result<u64, store::Error> {
    Ok(node.trust_log(1, None).await?.last().map_or(0, |last| last.seq))
}

/// How far somebody has followed the requests.
struct Watch {
    daemon: Daemon,
    /// The log was looked at up to here before the requests were.
    after: u64,
    /// The requests told that still wait, and when they lapse: a newer one of the same agent lapses later. As many as may
    /// wait.
    seen: HashMap<AgentId, Option<u64>>,
}

impl Watch {
    /// The requests that were not told yet.
    async fn news(&mut self) -> Result<Vec<Request>, store::Error> {
        let pending = self.daemon.node.requests(&[Standing::Pending]).await?;
        let waits = pending.iter().map(|request| (request.agent, request.expires)).collect();
        let seen = std::mem::replace(&mut self.seen, waits);
        let is_news = |request: &crate::Request| seen.get(&request.agent) != Some(&request.expires);
        Ok(pending.into_iter().filter(is_news).map(Request::from).collect())
    }
}

/// New requests whenever something has happened; ends with the daemon.
fn pages(watch: Watch) -> impl Stream<Item = Result<Vec<Request>, store::Error>> {
    stream::unfold(watch, |mut watch| async move {
        loop {
            match watch.news().await {
                Ok(page) if page.is_empty() => {}
                page => return Some((page, watch)),
            }
            let end = watch.daemon.end.clone();
            let events = tokio::select! {
                events = watch.daemon.node.trust_events(watch.after, PAGE) => events,
                () = end.cancelled() => return None,
            };
            match events {
                Ok(events) => watch.after = events.last().map_or(watch.after, |last| last.seq),
                Err(store::Error::Closed) => return None,
                Err(error) => return Some((Err(error), watch)),
            }
        }
    })
}
