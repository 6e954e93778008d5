//! Sending: messages and files, and the outbox where they wait.

use std::{convert::Infallible, future::ready, path::Path as FilePath, time::Duration};

use airway_protocols::data::MessageId;
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use futures::{StreamExt as _, stream};
use tokio::{sync::watch, time::timeout};

use super::{
    super::{
        Cleared, Code, Error, FileRequest, OutboxClearQuery, OutboxEvent, OutboxItem, OutboxQuery, SendQuery,
        Sent,
    },
    Daemon,
    contacts::meet,
    inbox::pick,
    openapi::Payload,
    path::Id,
    reply::{Body, Data, Failure, Path, Query, Reply, line, ndjson},
};
use crate::{DEFAULT_EXPIRY, Outgoing, Status, store::OutboxFilter};

/// Entries in an answer unless told otherwise.
const DEFAULT_LIMIT: u32 = 100;

/// Between two lines of a file that is being sent.
const PACE: Duration = Duration::from_millis(100);

/// Sends a message, and answers once its receiver has it on disk, or it waits in the outbox.
///
/// The payload is the body as it is, of at most 1 MiB, whatever its content type.
#[utoipa::path(post, path = "/v1/messages", tag = "messages", params(SendQuery), request_body(content = Payload, content_type = "application/octet-stream"), responses((status = 200, body = Data<Sent>)))]
pub(super) async fn send(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<SendQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Reply<Sent> {
    let body = body.map_err(|refused| {
        let error = Error::new(Code::BadRequest, "the payload did not come in whole, or is too long");
        Failure::from(error.hint("a message has at most 1 MiB")).with(refused.status())
    })?;
    let (to, wait) = meet(&node, &query.to, query.timeout_ms).await?;
    let size = body.len() as u64;
    let message = Outgoing {
        kind: query.kind.try_into()?,
        payload: body.into(),
        reply_to: query.reply_to.as_deref().map(message_id).transpose()?,
        id: query.id.as_deref().map(message_id).transpose()?,
        wait,
        expiry: Some(expiry(query.expires_s)).filter(|expiry| !expiry.is_zero()),
    };
    let sent = node.send(&to, message).await?;
    Ok(Sent::of(&to, size, sent).into())
}

/// Puts a file into the outbox. It goes out at once if its receiver is there; follow it to see how it goes.
#[utoipa::path(post, path = "/v1/files", tag = "messages", request_body = FileRequest, responses((status = 200, body = Data<OutboxItem>)))]
pub(super) async fn send_file(
    State(Daemon { node, .. }): State<Daemon>,
    Body(request): Body<FileRequest>,
) -> Reply<OutboxItem> {
    let (to, _) = meet(&node, &request.to, None).await?;
    let path = FilePath::new(&request.path);
    if !path.is_absolute() {
        let error = Error::new(Code::BadRequest, format!("{:?} is not an absolute path", request.path));
        return Err(error.hint("the daemon does not know your working directory: begin it with /").into());
    }
    let id = request.id.as_deref().map(message_id).transpose()?;
    let queued = node.send_file(&to, path, id, Some(expiry(request.expires_s))).await?;
    Ok(OutboxItem::of(&node, queued).into())
}

/// What waits in the outbox and what was given up, in the order of queueing.
#[utoipa::path(get, path = "/v1/outbox", operation_id = "outbox", tag = "messages", params(OutboxQuery), responses((status = 200, body = Data<Vec<OutboxItem>>)))]
pub(super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<OutboxQuery>,
) -> Reply<Vec<OutboxItem>> {
    let to = query.to.as_deref().map(|who| node.find(who)).transpose()?;
    let filter = OutboxFilter {
        after: query.after.unwrap_or(0),
        limit: Some(query.limit.unwrap_or(DEFAULT_LIMIT) as usize),
        agent: to.map(|contact| *contact.agent.as_bytes()),
    };
    let items = node.outbox(filter).await?;
    Ok(items.into_iter().map(|item| OutboxItem::of(&node, item)).collect::<Vec<_>>().into())
}

/// Takes one thing out of the outbox. If it was on its way, its receiver may get it all the same.
#[utoipa::path(delete, path = "/v1/outbox/{id}", operation_id = "cancel", tag = "messages", params(Id), responses((status = 200, body = Data<OutboxItem>)))]
pub(super) async fn cancel(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Id { id }): Path<Id>,
) -> Reply<OutboxItem> {
    let cancelled = node.cancel(pick(&id, "outbox")?).await?;
    Ok(OutboxItem::of(&node, cancelled).into())
}

/// Takes several things out of the outbox.
#[utoipa::path(delete, path = "/v1/outbox", operation_id = "clear_outbox", tag = "messages", params(OutboxClearQuery), responses((status = 200, body = Data<Cleared>)))]
pub(super) async fn clear(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<OutboxClearQuery>,
) -> Reply<Cleared> {
    let to = query.to.as_deref().map(|who| node.find(who)).transpose()?;
    if usize::from(to.is_some()) + usize::from(query.failed) + usize::from(query.all) != 1 {
        let error = Error::new(Code::BadRequest, "none or several of to, failed and all were given");
        return Err(error.hint("give exactly one of them").into());
    }
    Ok(Cleared { cleared: node.clear_outbox(to.as_ref(), query.failed).await? as u64 }.into())
}

/// How something in the outbox goes on, until it is delivered or given up.
#[utoipa::path(get, path = "/v1/outbox/{id}/follow", operation_id = "follow_outbox", tag = "messages", params(Id), responses((
        status = 200,
        body = OutboxEvent,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(super) async fn follow(
    State(Daemon { node, end, .. }): State<Daemon>,
    Path(Id { id }): Path<Id>,
) -> Result<Response, Failure> {
    let (item, status) = node.watch(pick(&id, "outbox")?).await?;
    if let Some(reason) = item.failed {
        return Err(Error::new(Code::Conflict, format!("it was given up: {reason}"))
            .hint("send it again; airway outbox clear --failed forgets what was given up")
            .into());
    }
    let first = stream::once(ready(OutboxEvent::of(&item, &item.status)));
    let rest = stream::unfold(Some(status), move |status| {
        let (end, item) = (end.clone(), item.clone());
        async move {
            let (status, now) = tokio::select! {
                next = next(status?) => next?,
                () = end.cancelled() => return None,
            };
            let rest = (!now.is_final()).then_some(status);
            Some((OutboxEvent::of(&item, &now), rest))
        }
    });
    Ok(ndjson(first.chain(rest).map(|event| Ok::<_, Infallible>(line(&event)))))
}

/// The next status that is worth a line.
async fn next(mut status: watch::Receiver<Status>) -> Option<(watch::Receiver<Status>, Status)> {
    if matches!(*status.borrow_and_update(), Status::Sending { .. }) {
        // Those in between are of no interest to anybody. A clone looks out for the last word, so that what comes
        // meanwhile is still news afterwards.
        let _ = timeout(PACE, status.clone().wait_for(Status::is_final)).await;
    }
    // Whoever tells is gone after the last word.
    if !status.borrow().is_final() && status.changed().await.is_err() {
        return None;
    }
    let now = status.borrow_and_update().clone();
    Some((status, now))
}

fn expiry(seconds: Option<u64>) -> Duration {
    seconds.map_or(DEFAULT_EXPIRY, Duration::from_secs)
}

/// The whole id of a message.
pub(super) fn message_id(text: &str) -> Result<MessageId, Error> {
    text.parse().map_err(|_| {
        Error::new(Code::BadRequest, format!("{text:?} is not a message id"))
            .hint("a message id is a whole UUIDv7")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SendError;

    #[tokio::test]
    async fn what_comes_between_two_lines_is_told_in_the_next() {
        let sender = watch::Sender::new(Status::Sending { sent: 1 });
        let status = sender.subscribe();
        let telling = async {
            // Within the pace of the first line, and then nothing more for a long time.
            sender.send_replace(Status::Waiting(Some(SendError::Full)));
        };
        let (next, ()) = tokio::join!(timeout(Duration::from_secs(20), next(status)), telling);
        let (_, now) = next.unwrap().unwrap();
        assert!(matches!(now, Status::Waiting(Some(SendError::Full))), "{now:?}");
    }
}
