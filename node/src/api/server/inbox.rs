//! Received messages.

use axum::{extract::State, response::Response};
use futures::{Stream, StreamExt as _, stream};

use super::{
    super::{ClearQuery, Cleared, Code, Error, InboxItem, InboxQuery},
    Daemon,
    outbox::message_id,
    path::Id,
    reply::{Data, Failure, Path, Query, Reply, line, ndjson},
};
use crate::{
    Node, Received,
    store::{Clear, Filter, Pick},
};

/// Messages in an answer unless told otherwise.
const DEFAULT_LIMIT: u32 = 100;

/// Received messages, oldest first.
#[utoipa::path(get, path = "/v1/inbox", operation_id = "inbox", tag = "messages", params(InboxQuery), responses((status = 200, body = Data<Vec<InboxItem>>)))]
pub(super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<InboxQuery>,
) -> Reply<Vec<InboxItem>> {
    let page = node.inbox(filter(&node, &query)?).await?;
    Ok(items(&node, page).into())
}

/// One message; it counts as read from then on.
#[utoipa::path(get, path = "/v1/inbox/{id}", operation_id = "message", tag = "messages", params(Id), responses((status = 200, body = Data<InboxItem>)))]
pub(super) async fn show(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Id { id }): Path<Id>,
) -> Reply<InboxItem> {
    let message = node.message(pick(&id, "inbox")?).await?;
    // A disk with no room for the mark is no reason to withhold the message.
    if let Err(error) = node.mark_read(vec![message.seq]).await {
        tracing::warn!(%error, "a message that was shown is not marked as read");
    }
    Ok(InboxItem::of(&node, message).into())
}

/// Forgets messages, but not that they were delivered.
#[utoipa::path(delete, path = "/v1/inbox", tag = "messages", params(ClearQuery), responses((status = 200, body = Data<Cleared>)))]
pub(super) async fn clear(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<ClearQuery>,
) -> Reply<Cleared> {
    let which = match query {
        ClearQuery { ids: Some(ids), read: false, all: false } => {
            let mut messages = Vec::new();
            for id in ids.split(',') {
                messages.push(node.message(pick(id, "inbox")?).await?.seq);
            }
            Clear::Messages(messages)
        }
        ClearQuery { ids: None, read: true, all: false } => Clear::Read,
        ClearQuery { ids: None, read: false, all: true } => Clear::All,
        _ => {
            return Err(Error::new(Code::BadRequest, "none or several of ids, read and all were given")
                .hint("give exactly one of them")
                .into());
        }
    };
    Ok(Cleared { cleared: node.clear(which).await? as u64 }.into())
}

/// Received messages as they arrive, without an envelope.
///
/// Without `after` it begins with the next one to come. A reader that is slow is waited for, and misses nothing.
#[utoipa::path(get, path = "/v1/inbox/follow", operation_id = "follow_inbox", tag = "messages", params(InboxQuery), responses((
        status = 200,
        body = InboxItem,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(super) async fn follow(
    State(daemon): State<Daemon>,
    Query(query): Query<InboxQuery>,
) -> Result<Response, Failure> {
    // Without a place to begin at, what is there already is no news.
    let after = query.after.unwrap_or_else(|| *daemon.node.newest().borrow());
    let filter = Filter { after, ..filter(&daemon.node, &query)? };
    Ok(ndjson(messages(daemon, filter).map(|page| page.map(|page| page.iter().map(line).collect()))))
}

/// Pages of messages as they come in, one at a time and only when the reader has taken the last; ends with the
/// daemon.
fn messages(
    daemon: Daemon,
    filter: Filter,
) -> impl Stream<Item = Result<Vec<InboxItem>, crate::store::Error>> {
    let newest = daemon.node.newest();
    stream::unfold((daemon, filter, newest), |(daemon, mut filter, mut newest)| async move {
        loop {
            newest.mark_unchanged();
            let page = match daemon.node.inbox(filter).await {
                Ok(page) => page,
                Err(error) => return Some((Err(error), (daemon, filter, newest))),
            };
            if let Some(last) = page.last() {
                filter.after = last.seq;
                let page = items(&daemon.node, page);
                return Some((Ok(page), (daemon, filter, newest)));
            }
            tokio::select! {
                changed = newest.changed() => changed.ok()?,
                () = daemon.end.cancelled() => return None,
            }
        }
    })
}

fn items(node: &Node, page: Vec<Received>) -> Vec<InboxItem> {
    page.into_iter().map(|message| InboxItem::of(node, message)).collect()
}

fn filter(node: &Node, query: &InboxQuery) -> Result<Filter, Error> {
    let agent = query.from.as_deref().map(|who| node.find(who)).transpose()?;
    let reply_to = query.reply_to.as_deref().map(message_id).transpose()?;
    Ok(Filter {
        after: query.after.unwrap_or(0),
        limit: Some(query.limit.unwrap_or(DEFAULT_LIMIT) as usize),
        unread: query.unread,
        agent: agent.map(|contact| *contact.agent.as_bytes()),
        reply_to: reply_to.map(|id| *id.as_bytes()),
    })
}

/// A number is a place in the inbox or outbox, anything else the beginning of an id. Ids start with the time, and so with
/// a 0 for thousands of years; places never do.
pub(super) fn pick(text: &str, place: &str) -> Result<Pick, Error> {
    if !text.starts_with('0')
        && let Ok(seq) = text.parse()
    {
        return Ok(Pick::Seq(seq));
    }
    let prefix = text.parse().map_err(|error: crate::store::PrefixError| {
        Error::new(Code::BadRequest, error.to_string()).hint(format!("see the ids with: airway {place}"))
    })?;
    Ok(Pick::Id(prefix))
}
