//! What happens with tasks.

use axum::{extract::State, response::Response};
use futures::{StreamExt as _, future::ready};

use super::{
    super::{
        super::{Error, TaskEntry, TaskFollowQuery, TaskLogQuery},
        Daemon,
        reply::{Data, Failure, Query, Reply, line, ndjson},
    },
    which,
};
use crate::{Node, protocols::tasks::TaskId, store::TaskLogFilter};

/// Entries in an answer unless told otherwise.
const DEFAULT_LIMIT: u32 = 100;

/// Lines that a follower makes us hold, of little more than a text of 1 KiB each.
const PAGE: usize = 64;

/// What happened last with tasks, and what was refused, oldest first.
#[utoipa::path(get, path = "/v1/tasks/log", operation_id = "task_log", tag = "tasks", params(TaskLogQuery), responses((status = 200, body = Data<Vec<TaskEntry>>)))]
pub(in super::super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(TaskLogQuery { after, limit, task }): Query<TaskLogQuery>,
) -> Reply<Vec<TaskEntry>> {
    let task = only(&node, task.as_deref()).await?;
    let filter = TaskLogFilter {
        after: after.unwrap_or(0),
        limit: Some(limit.unwrap_or(DEFAULT_LIMIT)),
        task: task.map(|id| *id.as_bytes()),
        refused: false,
        tail: true,
    };
    let entries = node.task_log(filter).await?;
    Ok(entries.into_iter().map(|entry| TaskEntry::of(&node, entry)).collect::<Vec<_>>().into())
}

/// The same as it happens, without an envelope.
///
/// Without `after` it begins with what comes next. A reader that is slow is waited for. With `accept`, tasks that come, and
/// those that wait to be accepted, are accepted for as long as the call is open.
#[utoipa::path(get, path = "/v1/tasks/follow", operation_id = "follow_tasks", tag = "tasks", params(TaskFollowQuery), responses((
        status = 200,
        body = TaskEntry,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(in super::super) async fn follow(
    State(Daemon { node, end, .. }): State<Daemon>,
    Query(TaskFollowQuery { after, task, accept }): Query<TaskFollowQuery>,
) -> Result<Response, Failure> {
    let task = only(&node, task.as_deref()).await?;
    let changes = node.task_changes(after);
    let guard = accept.then(|| node.accept_tasks());
    let lines = changes
        .filter(move |entry| ready(!matches!((entry, task), (Ok(entry), Some(task)) if entry.task != task)));
    let lines = lines.map(move |entry| {
        let _held = &guard;
        entry.map(|entry| line(&TaskEntry::of(&node, entry)))
    });
    let pages = lines.ready_chunks(PAGE).map(|page| page.into_iter().collect::<Result<String, _>>());
    Ok(ndjson(pages.take_until(end.cancelled_owned())))
}

/// The one task that a query means.
async fn only(node: &Node, task: Option<&str>) -> Result<Option<TaskId>, Error> {
    match task {
        // A whole id is as good as its task, which may be in our hands twice, or not any more.
        Some(text) => Ok(Some(match text.parse() {
            Ok(id) => id,
            Err(_) => node.task(&which(text, None)?).await?.id,
        })),
        None => Ok(None),
    }
}
