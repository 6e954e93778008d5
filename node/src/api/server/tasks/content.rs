//! Input and results: what callers give, and what they get as it is.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use data_encoding::BASE64;

use super::{
    super::{
        super::{Code, Error, Material, MaterialFile, TaskPathQuery},
        Daemon,
        openapi::Payload,
        path::TaskPath,
        polo::absolute,
        reply::{Failure, Path, Query},
    },
    which,
};
use crate::{Node, Role, protocols::tasks::Content};

/// The input of a task: its bytes as they are. Where a file lies stands in the task itself.
#[utoipa::path(get, path = "/v1/tasks/{id}/input", operation_id = "task_input", tag = "tasks", params(TaskPath, TaskPathQuery), responses((status = 200, body = Payload, content_type = "application/octet-stream")))]
pub(in super::super) async fn input(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Query(TaskPathQuery { role }): Query<TaskPathQuery>,
) -> Result<Response, Failure> {
    bytes(one(&node, &id, role.map(Into::into)).await?.input, "input")
}

/// The result of a task: its bytes as they are. Where a file lies stands in the task itself.
#[utoipa::path(get, path = "/v1/tasks/{id}/output", operation_id = "task_output", tag = "tasks", params(TaskPath, TaskPathQuery), responses((status = 200, body = Payload, content_type = "application/octet-stream")))]
pub(in super::super) async fn output(
    State(Daemon { node, .. }): State<Daemon>,
    Path(TaskPath { id }): Path<TaskPath>,
    Query(TaskPathQuery { role }): Query<TaskPathQuery>,
) -> Result<Response, Failure> {
    bytes(one(&node, &id, role.map(Into::into)).await?.output, "result")
}

async fn one(node: &Node, id: &str, role: Option<Role>) -> Result<crate::Task, Error> {
    Ok(node.task(&which(id, role)?).await?)
}

fn bytes(content: Option<Content>, what: &str) -> Result<Response, Failure> {
    match content {
        Some(Content::Inline { data }) => {
            Ok(([(CONTENT_TYPE, "application/octet-stream")], data).into_response())
        }
        Some(Content::File(_)) => Err(Error::new(Code::Conflict, format!("the {what} is a file"))
            .hint("its path stands in the task: airway task show <id>")
            .into()),
        None => Err(Error::new(Code::NotFound, format!("the task has no {what}"))
            .hint("see how far it is with: airway task show <id>")
            .into()),
    }
}

/// What a caller gives as input or as result.
pub(super) fn material(given: Material) -> Result<crate::Material, Error> {
    Ok(match given {
        Material::Text(text) => crate::Material::Inline(text.into_bytes()),
        Material::Json(value) => crate::Material::Inline(value.to_string().into_bytes()),
        Material::Base64(text) => {
            crate::Material::Inline(BASE64.decode(text.as_bytes()).map_err(|error| {
                Error::new(Code::BadRequest, format!("it is not base64: {error}"))
                    .hint("give bytes in the standard alphabet, with padding; text goes as text")
            })?)
        }
        Material::File(MaterialFile { path, name }) => crate::Material::File { path: absolute(path)?, name },
    })
}
