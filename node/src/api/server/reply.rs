//! Requests in, envelopes out: also where a request is malformed.

use axum::{
    extract::{
        FromRequest, FromRequestParts,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde::Serialize;
use utoipa::{ToResponse, ToSchema};

use super::super::{Code, Error};

/// What a call returns.
pub(super) type Reply<T> = Result<Data<T>, Failure>;

/// The answer of a call that did what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Data<T> {
    status: Done,
    /// What was asked for.
    data: T,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Done {
    Ok,
}

/// The data of a call that has none: `null`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Nothing;

impl<T> From<T> for Data<T> {
    fn from(data: T) -> Self {
        Self { status: Done::Ok, data }
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// The answer of a call that changed nothing.
#[derive(Debug, Serialize, ToSchema, ToResponse)]
#[response(description = "It changed nothing.", content_type = "application/json")]
pub(super) struct Failure {
    status: Failed,
    #[serde(flatten)]
    error: Error,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Failed {
    Error,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { status: Failed::Error, error: error.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.error.code {
            Code::BadRequest => StatusCode::BAD_REQUEST,
            Code::NotFound | Code::PortClosed => StatusCode::NOT_FOUND,
            Code::Conflict | Code::AlreadyRunning => StatusCode::CONFLICT,
            Code::NotTrusted => StatusCode::FORBIDDEN,
            Code::Unreachable => StatusCode::BAD_GATEWAY,
            Code::Busy | Code::NotRunning => StatusCode::SERVICE_UNAVAILABLE,
            Code::Quota | Code::Home => StatusCode::INSUFFICIENT_STORAGE,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(self)).into_response()
    }
}

/// A JSON body.
#[derive(Debug, FromRequest)]
#[from_request(via(Json), rejection(Failure))]
pub(super) struct Body<T>(pub(super) T);

/// The query.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Failure))]
pub(super) struct Query<T>(pub(super) T);

/// The variable parts of the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
pub(super) struct Path<T>(pub(super) T);

impl From<JsonRejection> for Error {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(Code::BadRequest, rejection.body_text())
            .hint("a body is JSON of at most 1 MiB, with the content type application/json")
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(Code::BadRequest, rejection.body_text())
            .hint("the query has only the fields of the call, each in its form")
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        Self::new(Code::BadRequest, rejection.body_text())
            .hint("what stands in a path is UTF-8, percent-encoded")
    }
}
