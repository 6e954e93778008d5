//! What happened between us and others.

use airway_protocols::agent::AgentId;
use axum::{extract::State, response::Response};
use futures::{Stream, StreamExt as _, stream};

use super::{
    super::{
        super::{Error, LogQuery, TrustEvent},
        Daemon,
        reply::{Data, Failure, Query, Reply, line, ndjson},
    },
    requests::newest,
};
use crate::{Node, store};

/// Events in an answer unless told otherwise.
const DEFAULT_LIMIT: u32 = 100;

/// Events that a follower makes us hold.
const PAGE: u32 = 100;

/// What happened last between us and others, oldest first.
#[utoipa::path(get, path = "/v1/trust/log", operation_id = "trust_log", tag = "trust", params(LogQuery), responses((status = 200, body = Data<Vec<TrustEvent>>)))]
pub(in super::super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(LogQuery { after, limit, who }): Query<LogQuery>,
) -> Reply<Vec<TrustEvent>> {
    let agent = agent(&node, who.as_deref()).await?;
    let events = node.trust_log(limit.unwrap_or(DEFAULT_LIMIT), agent).await?;
    let events = events.into_iter().filter(|event| after.is_none_or(|after| event.seq > after));
    Ok(events.map(TrustEvent::from).collect::<Vec<_>>().into())
}

/// The same as it happens, without an envelope. Without `after` it begins with what comes next.
#[utoipa::path(get, path = "/v1/trust/log/follow", operation_id = "follow_trust_log", tag = "trust", params(LogQuery), responses((
        status = 200,
        body = TrustEvent,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(in super::super) async fn follow(
    State(daemon): State<Daemon>,
    Query(LogQuery { after, who, .. }): Query<LogQuery>,
) -> Result<Response, Failure> {
    let agent = agent(&daemon.node, who.as_deref()).await?;
    let after = match after {
        Some(after) => after,
        None => newest(&daemon.node).await?,
    };
    Ok(ndjson(pages(daemon, after, agent).map(|page| page.map(|page| page.iter().map(line).collect()))))
}

/// Pages of events as they happen; ends with the daemon.
fn pages(
    daemon: Daemon,
    after: u64,
    agent: Option<AgentId>,
) -> impl Stream<Item = Result<Vec<TrustEvent>, store::Error>> {
    stream::unfold((daemon, after), move |(daemon, after)| async move {
        let events = tokio::select! {
            events = daemon.node.trust_events(after, PAGE) => events,
            () = daemon.end.cancelled() => return None,
        };
        match events {
            Ok(events) => {
                let after = events.last().map_or(after, |last| last.seq);
                let of_agent =
                    events.into_iter().filter(|event| agent.is_none_or(|agent| event.agent == agent));
                Some((Ok(of_agent.map(TrustEvent::from).collect()), (daemon, after)))
            }
            Err(store::Error::Closed) => None,
            Err(error) => Some((Err(error), (daemon, after))),
        }
    })
}

/// Whom a query means, however we stand with it.
async fn agent(node: &Node, who: Option<&str>) -> Result<Option<AgentId>, Error> {
    match who {
        Some(who) => Ok(Some(node.known(who).await?)),
        None => Ok(None),
    }
}
