//! The calls about tasks.

use std::time::Duration;

use hyper::{Method, body::Bytes};

use super::{
    Client, Follow, GRACE, LOCAL, REMOTE, remote_limit,
    target::Target,
    transport::{self, Body},
};
use crate::api::{
    CancelRequest, CompleteRequest, Error, FailRequest, NextRequest, NextTask, ProgressRequest,
    ReasonRequest, Task, TaskEntry, TaskFollowQuery, TaskLogQuery, TaskPathQuery, TaskRequest, TasksQuery,
};

impl Client {
    /// Gives another agent a task. It is on our disk when this returns.
    pub async fn submit_task(&self, request: &TaskRequest) -> Result<Task, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["tasks"]), Body::json(request)?, limit).await
    }

    /// Tasks, oldest first.
    pub async fn tasks(&self, query: &TasksQuery) -> Result<Vec<Task>, Error> {
        self.get(Target::new(["tasks"]).query(query)?).await
    }

    /// The tasks that we are to do, in the order of their execution.
    pub async fn task_queue(&self) -> Result<Vec<Task>, Error> {
        self.get(Target::new(["tasks", "queue"])).await
    }

    /// One task, by its id or a unique beginning of it.
    pub async fn task(&self, id: &str, query: &TaskPathQuery) -> Result<Task, Error> {
        self.get(Target::new(["tasks", id]).query(query)?).await
    }

    /// The input of a task as it is, unless that is a file.
    pub async fn task_input(&self, id: &str, query: &TaskPathQuery) -> Result<Bytes, Error> {
        self.bytes(Target::new(["tasks", id, "input"]).query(query)?).await
    }

    /// The result of a task as it is, unless that is a file.
    pub async fn task_output(&self, id: &str, query: &TaskPathQuery) -> Result<Bytes, Error> {
        self.bytes(Target::new(["tasks", id, "output"]).query(query)?).await
    }

    /// Takes a task into the queue.
    pub async fn accept_task(&self, id: &str) -> Result<Task, Error> {
        self.call(Method::POST, Target::new(["tasks", id, "accept"]), Body::Empty, LOCAL).await
    }

    /// Will not do a task.
    pub async fn decline_task(&self, id: &str, request: &ReasonRequest) -> Result<Task, Error> {
        self.about_task(id, "decline", Body::json(request)?, LOCAL).await
    }

    /// Takes the next task for execution, and waits for one if asked to.
    pub async fn next_task(&self, request: &NextRequest) -> Result<NextTask, Error> {
        let limit = LOCAL.saturating_add(Duration::from_millis(request.wait_ms.unwrap_or(0)));
        let target = Target::new(["tasks", "next"]);
        self.call(Method::POST, target, Body::json(request)?, limit.saturating_add(GRACE)).await
    }

    /// Says how far a task is, or only that it goes on.
    pub async fn task_progress(&self, id: &str, request: &ProgressRequest) -> Result<Task, Error> {
        self.about_task(id, "progress", Body::json(request)?, LOCAL).await
    }

    /// Says that a task is done. The result is on our disk when this returns.
    pub async fn complete_task(&self, id: &str, request: &CompleteRequest) -> Result<Task, Error> {
        self.about_task(id, "complete", Body::json(request)?, REMOTE).await
    }

    /// Says that a task cannot be done.
    pub async fn fail_task(&self, id: &str, request: &FailRequest) -> Result<Task, Error> {
        self.about_task(id, "fail", Body::json(request)?, LOCAL).await
    }

    /// Takes a task back that we have given.
    pub async fn cancel_task(&self, id: &str, request: &CancelRequest) -> Result<Task, Error> {
        self.about_task(id, "cancel", Body::json(request)?, LOCAL).await
    }

    /// What happened with tasks, oldest first.
    pub async fn task_log(&self, query: &TaskLogQuery) -> Result<Vec<TaskEntry>, Error> {
        self.get(Target::new(["tasks", "log"]).query(query)?).await
    }

    /// What happens with tasks, as it does. With `accept`, what comes is accepted until this is dropped.
    pub async fn follow_tasks(&self, query: &TaskFollowQuery) -> Result<Follow<TaskEntry>, Error> {
        self.follow(Method::GET, Target::new(["tasks", "follow"]).query(query)?).await
    }

    async fn about_task(&self, id: &str, what: &str, body: Body, limit: Duration) -> Result<Task, Error> {
        self.call(Method::POST, Target::new(["tasks", id, what]), body, limit).await
    }

    /// An answer that is no envelope.
    pub(super) async fn bytes(&self, target: Target) -> Result<Bytes, Error> {
        transport::timed(LOCAL, async {
            let response = self.open(Method::GET, target, Body::Empty).await?;
            transport::bytes(transport::accepted(response).await?).await
        })
        .await
    }
}
