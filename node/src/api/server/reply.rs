//! Requests in, envelopes out: also where a request is malformed.

use axum::{
    BoxError, body,
    extract::{
        FromRequest, FromRequestParts,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Json, Response},
};
use futures::Stream;
use serde::{Deserialize, Serialize};
use utoipa::{ToResponse, ToSchema};

use super::{
    super::{Code, Error},
    words::plain,
};

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
    /// In place of the one that the code implies.
    #[serde(skip)]
    http: Option<StatusCode>,
}

impl Failure {
    /// The same with an HTTP status that says more than the code.
    #[must_use]
    pub(super) fn with(mut self, status: StatusCode) -> Self {
        self.http = Some(status);
        self
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Failed {
    Error,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { status: Failed::Error, error: error.into(), http: None }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let implied = match self.error.code {
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
        (self.http.unwrap_or(implied), Json(self)).into_response()
    }
}

/// The answer of a follow mode: lines that come when there is something to say.
pub(super) fn ndjson<E: Into<BoxError> + 'static>(
    lines: impl Stream<Item = Result<String, E>> + Send + 'static,
) -> Response {
    ([(CONTENT_TYPE, "application/x-ndjson")], body::Body::from_stream(lines)).into_response()
}

/// One object of a follow mode. The types of this API are all JSON: none fails.
pub(super) fn line<T: Serialize>(item: &T) -> String {
    serde_json::to_string(item).map(|line| line + "\n").unwrap_or_default()
}

/// A JSON body.
#[derive(Debug, FromRequest)]
#[from_request(via(Json), rejection(Failure))]
pub(super) struct Body<T>(pub(super) T);

/// The query.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Failure))]
pub(super) struct Query<T>(pub(super) T);

/// The query of a call that takes none, where one that was meant for another would go unnoticed for ever.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Empty {}

/// The variable parts of the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
pub(super) struct Path<T>(pub(super) T);

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        let status = rejection.status();
        let message = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body is not declared as JSON".to_owned(),
            StatusCode::PAYLOAD_TOO_LARGE => "the body is too long".to_owned(),
            _ => plain(&rejection.body_text()),
        };
        let error = Error::new(Code::BadRequest, message)
            .hint("a body is JSON of at most 64 KiB, with the content type application/json");
        // What cannot be parsed and what cannot be meant are alike to a caller.
        match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::PAYLOAD_TOO_LARGE => {
                Self::from(error).with(status)
            }
            _ => error.into(),
        }
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        malformed(rejection.body_text())
    }
}

/// A query that is not as it should be, in the words of its parser.
pub(super) fn malformed(words: impl ToString) -> Failure {
    Error::new(Code::BadRequest, format!("the query is malformed: {}", plain(&words.to_string())))
        .hint("the query has only the fields of the call, each in its form")
        .into()
}

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Error::new(Code::BadRequest, "the path is malformed")
            .hint("what stands in a path is UTF-8, percent-encoded")
            .into()
    }
}
