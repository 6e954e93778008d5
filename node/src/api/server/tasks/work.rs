//! What is said about tasks: by their worker and, of those that are taken back, by their requester.

use std::time::Duration;

use axum::extract::State;

use super::{
    super::{
        super::{
            CancelRequest, CompleteRequest, FailRequest, NextRequest, NextTask, ProgressRequest,
            ReasonRequest, ReleaseRequest, Task,
        },
        Daemon,
        path::TaskPath,
        reply::{Body, Data, Path, Reply},
    },
    content::material,
    which,
};
use crate::Role;

/// Takes the next task of the queue for execution, and waits for one if asked to.
#[utoipa::path(post, path = "/v1/tasks/next", operation_id = "next_task", tag = "tasks", request_body = NextRequest, responses((status = 200, body = Data<NextTask>)))]
pub(in super::super) async fn next(
    State(Daemon { node, end, .. }): State<Daemon>,
    Body(NextRequest { lease_ms, wait_ms }): Body<NextRequest>,
) -> Reply<NextTask> {
    let wait = Duration::from_millis(wait_ms.unwrap_or(0));
    let taken = tokio::select! {
        taken = node.task_next(lease_ms.map(Duration::from_millis), wait) => taken?,
        () = end.cancelled() => None,
    };
    Ok(NextTask { task: taken.map(|task| Task::of(&node, task)) }.into())
}

/// Takes a task into the queue.
#[utoipa::path(post, path = "/v1/tasks/{id}/accept", operation_id = "accept_task", tag = "tasks", params(TaskPath), responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn accept(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
) -> Reply<Task> {
    let task = node.task_accept(&which(&id, Some(Role::Worker))?).await?;
    Ok(Task::of(&node, task).into())
}

/// Refuses to do a task.
#[utoipa::path(post, path = "/v1/tasks/{id}/decline", operation_id = "decline_task", tag = "tasks", params(TaskPath), request_body = ReasonRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn decline(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(ReasonRequest { reason }): Body<ReasonRequest>,
) -> Reply<Task> {
    let task = node.task_decline(&which(&id, Some(Role::Worker))?, reason).await?;
    Ok(Task::of(&node, task).into())
}

/// Says how far a task is, or only that it goes on, which keeps its lease.
#[utoipa::path(post, path = "/v1/tasks/{id}/progress", operation_id = "task_progress", tag = "tasks", params(TaskPath), request_body = ProgressRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn progress(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(ProgressRequest { attempt, progress, text }): Body<ProgressRequest>,
) -> Reply<Task> {
    let task = node.task_progress(&which(&id, Some(Role::Worker))?, attempt, progress, text).await?;
    Ok(Task::of(&node, task).into())
}

/// Says that a task is done. The result is on our disk when this is answered.
#[utoipa::path(post, path = "/v1/tasks/{id}/complete", operation_id = "complete_task", tag = "tasks", params(TaskPath), request_body = CompleteRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn complete(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(CompleteRequest { attempt, output }): Body<CompleteRequest>,
) -> Reply<Task> {
    let output = output.map(material).transpose()?;
    let task = node.task_complete(&which(&id, Some(Role::Worker))?, attempt, output).await?;
    Ok(Task::of(&node, task).into())
}

/// Says that a task cannot be done.
#[utoipa::path(post, path = "/v1/tasks/{id}/fail", operation_id = "fail_task", tag = "tasks", params(TaskPath), request_body = FailRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn fail(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(FailRequest { attempt, reason }): Body<FailRequest>,
) -> Reply<Task> {
    let task = node.task_fail(&which(&id, Some(Role::Worker))?, attempt, reason).await?;
    Ok(Task::of(&node, task).into())
}

/// Gives a task back that was taken: it is the first of the queue again, or fails if it may be executed once alone.
#[utoipa::path(post, path = "/v1/tasks/{id}/release", operation_id = "release_task", tag = "tasks", params(TaskPath), request_body = ReleaseRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn release(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(ReleaseRequest { attempt }): Body<ReleaseRequest>,
) -> Reply<Task> {
    let task = node.task_release(&which(&id, Some(Role::Worker))?, attempt).await?;
    Ok(Task::of(&node, task).into())
}

/// Takes a task back that we have given. Its worker is asked until it has answered, unless the task is abandoned.
#[utoipa::path(post, path = "/v1/tasks/{id}/cancel", operation_id = "cancel_task", tag = "tasks", params(TaskPath), request_body = CancelRequest, responses((status = 200, body = Data<Task>)))]
pub(in super::super) async fn cancel(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Body(CancelRequest { text, abandon }): Body<CancelRequest>,
) -> Reply<Task> {
    let task = node.task_cancel(&which(&id, Some(Role::Requester))?, text, abandon).await?;
    Ok(Task::of(&node, task).into())
}
