//! Measuring the way to a contact.

use std::convert::Infallible;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, future::BoxFuture, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    super::{BenchEvent, BenchRequest, BenchResult, Envelope, Error},
    Daemon,
    contacts::meet,
    reply::{Body, Failure, line, ndjson},
};
use crate::bench::{BenchError, Plan, Progress};

/// Reports of progress that may wait for the caller; a further one is dropped.
const REPORTS: usize = 16;

/// Measures the way to a contact: progress, and figures in the last line.
#[utoipa::path(post, path = "/v1/bench", operation_id = "bench", tag = "peers", request_body = BenchRequest, responses((
        status = 200,
        body = BenchEvent,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(super) async fn bench(
    State(Daemon { node, end, .. }): State<Daemon>,
    Body(request): Body<BenchRequest>,
) -> Result<Response, Failure> {
    let (contact, _) = meet(&node, &request.who, request.timeout_ms).await?;
    let (reports, progress) = mpsc::channel(REPORTS);
    let result = Box::pin(async move {
        let tell = move |report| {
            let _ = reports.try_send(report);
        };
        let report = node.bench(&contact, Plan::from(&request), tell).await?;
        Ok(BenchResult::of(&contact, &report))
    });
    // What fails before anything was measured is an error of the call.
    let Some((first, rest)) = next(Some(Bench { result, progress, end })).await else {
        return Ok(().into_response());
    };
    let first = first?;
    let events = stream::once(async { Ok(first) }).chain(stream::unfold(rest, next));
    Ok(ndjson(events.map(|event| {
        // What fails later is the last line.
        Ok::<_, Infallible>(
            event.map_or_else(|error| line(&Envelope::<()>::Error(error)), |event| line(&event)),
        )
    })))
}

/// A bench under way. Dropping it ends it.
struct Bench {
    result: BoxFuture<'static, Result<BenchResult, BenchError>>,
    progress: mpsc::Receiver<Progress>,
    end: CancellationToken,
}

/// What comes next, and what there is after it: nothing, after the result.
async fn next(bench: Option<Bench>) -> Option<(Result<BenchEvent, Error>, Option<Bench>)> {
    let mut bench = bench?;
    tokio::select! {
        biased;
        Some(report) = bench.progress.recv() => Some((Ok(report.into()), Some(bench))),
        result = &mut bench.result => Some((result.map(BenchEvent::Result).map_err(Error::from), None)),
        () = bench.end.cancelled() => None,
    }
}
