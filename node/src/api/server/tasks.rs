//! Tasks: what we have others do, and they us.

pub(super) mod content;
pub(super) mod log;
pub(super) mod work;

use std::time::Duration;

use axum::extract::State;

use super::{
    super::{Code, Error, Task, TaskPathQuery, TaskRequest, TasksQuery},
    Daemon,
    contacts::meet,
    path::TaskPath,
    reply::{Body, Data, Path, Query, Reply},
};
use crate::{
    NewTask, Node, Role, TaskFilter, TaskRef,
    protocols::tasks::{self, TaskId},
    store::PrefixError,
};

/// Tasks in an answer unless told otherwise.
const DEFAULT_TASKS: u32 = 100;

/// Gives another agent a task. It is on our disk when this is answered, and goes out when the agent can be reached.
#[utoipa::path(post, path = "/v1/tasks", operation_id = "submit_task", tag = "tasks", request_body = TaskRequest, responses((status = 200, body = Data<Task>)))]
pub(super) async fn submit(
    State(Daemon { node, .. }): State<Daemon>,
    Body(request): Body<TaskRequest>,
) -> Reply<Task> {
    let (to, _) = meet(&node, &request.to, request.timeout_ms).await?;
    let usual = NewTask::new(request.description);
    let task = NewTask {
        id: request.id.as_deref().map(task_id).transpose()?,
        input: request.input.map(content::material).transpose()?,
        limit: request.limit_ms.map_or(usual.limit, Duration::from_millis),
        execution: request.execution.into(),
        max_reward: request.max_reward.unwrap_or(usual.max_reward),
        supersedes: request.supersedes.as_deref().map(task_id).transpose()?,
        ..usual
    };
    let submitted = node.task_submit(&to, task).await?;
    Ok(Task::of(&node, submitted).into())
}

/// Tasks, oldest first.
#[utoipa::path(get, path = "/v1/tasks", operation_id = "tasks", tag = "tasks", params(TasksQuery), responses((status = 200, body = Data<Vec<Task>>)))]
pub(super) async fn list(
    State(Daemon { node, .. }): State<Daemon>,
    Query(query): Query<TasksQuery>,
) -> Reply<Vec<Task>> {
    let agent = query.who.as_deref().map(|who| node.find(who)).transpose()?;
    let filter = TaskFilter {
        role: query.role.map(Into::into),
        states: states(query.state.as_deref())?,
        agent: agent.map(|contact| contact.agent),
        limit: Some(query.limit.unwrap_or(DEFAULT_TASKS)),
        // The newest ones.
        tail: true,
        after: 0,
    };
    Ok(all(&node, node.tasks(filter).await?).into())
}

/// The tasks that we have accepted, in the order of their execution.
#[utoipa::path(get, path = "/v1/tasks/queue", operation_id = "task_queue", tag = "tasks", responses((status = 200, body = Data<Vec<Task>>)))]
pub(super) async fn queue(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Task>> {
    Ok(all(&node, node.task_queue().await?).into())
}

/// One task.
#[utoipa::path(get, path = "/v1/tasks/{id}", operation_id = "task", tag = "tasks", params(TaskPath, TaskPathQuery), responses((status = 200, body = Data<Task>)))]
pub(super) async fn show(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Query(TaskPathQuery { role }): Query<TaskPathQuery>,
) -> Reply<Task> {
    let task = node.task(&which(&id, role.map(Into::into))?).await?;
    Ok(Task::of(&node, task).into())
}

fn all(node: &Node, tasks: Vec<crate::Task>) -> Vec<Task> {
    tasks.into_iter().map(|task| Task::of(node, task)).collect()
}

/// Which task a path means.
fn which(id: &str, role: Option<Role>) -> Result<TaskRef, Error> {
    let which: TaskRef = id.parse().map_err(|error: PrefixError| {
        Error::new(Code::BadRequest, error.to_string()).hint("see the ids with: airway task list")
    })?;
    Ok(TaskRef { role, ..which })
}

/// The whole id of a task.
fn task_id(text: &str) -> Result<TaskId, Error> {
    text.parse().map_err(|_| {
        Error::new(Code::BadRequest, format!("{text:?} is not the id of a task"))
            .hint("the id of a task is a whole UUIDv7")
    })
}

/// The states that a query names.
fn states(text: Option<&str>) -> Result<Vec<tasks::State>, Error> {
    let state = |name: &str| {
        tasks::State::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
            let names: Vec<_> = tasks::State::ALL.iter().map(|state| state.name()).collect();
            Error::new(Code::BadRequest, format!("{name:?} is no state of a task"))
                .hint(format!("give one or more of {}, with commas between them", names.join(", ")))
        })
    };
    text.map_or_else(|| Ok(Vec::new()), |text| text.split(',').map(|name| state(name.trim())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_with_commas_between_them() {
        use tasks::State::{Executing, New};
        assert_eq!(states(None).unwrap(), []);
        assert_eq!(states(Some("new, executing")).unwrap(), [New, Executing]);
        for wrong in ["", "New", "new,", "done"] {
            assert_eq!(states(Some(wrong)).unwrap_err().code, Code::BadRequest, "{wrong:?}");
        }
    }
}
