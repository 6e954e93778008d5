//! For whoever watches over the daemon.

use axum::{
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};

use super::{
    super::Health,
    Daemon,
    reply::{Data, Failure},
};

/// What the text of the metrics is.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Does it do its work; answers within seconds.
#[utoipa::path(
    get,
    path = "/v1/health",
    tag = "daemon",
    responses(
        (status = 200, body = Data<Health>, description = "It does its work."),
        (status = 503, body = Data<Health>, description = "It does not: see the reasons."),
    )
)]
pub(super) async fn health(State(Daemon { node, .. }): State<Daemon>) -> Response {
    let reasons = node.ailments().await;
    let healthy = reasons.is_empty();
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Data::from(Health { healthy, reasons })).into_response()
}

/// Counters and gauges as OpenMetrics text, without an envelope.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "daemon",
    responses((status = 200, body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"))
)]
pub(super) async fn metrics(State(Daemon { node, .. }): State<Daemon>) -> Result<Response, Failure> {
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], node.metrics().await?).into_response())
}
