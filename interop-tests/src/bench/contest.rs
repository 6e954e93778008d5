//! A contestant as the run sees it: something that can be measured.

use std::io;

use futures::future::BoxFuture;

use super::{Contestant, Figure, Measurement, PARALLEL, Size, figures::Lost, measure, service::Side};

/// What one round gave.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub(super) values: Vec<(Figure, f64)>,
    pub(super) lost: Option<(Figure, Lost)>,
}

impl Measured {
    pub(super) fn one(figure: Figure, value: f64) -> Self {
        Self { values: vec![(figure, value)], lost: None }
    }
}

/// Takes part in a run. Whatever has streams does ([`Entry`]); what has none, like a way to send files, implements this
/// itself and leaves out what it does not do.
pub(super) trait Contest: Send + Sync {
    fn contestant(&self) -> Contestant;

    /// One round; nothing if the contestant does not take part in this measurement.
    fn measure(&self, what: Measurement, size: Size) -> BoxFuture<'_, io::Result<Measured>>;
}

/// A contestant with streams.
#[derive(Debug)]
pub(super) struct Entry<S> {
    pub(super) contestant: Contestant,
    pub(super) side: S,
}

impl<S: Side> Contest for Entry<S> {
    fn contestant(&self) -> Contestant {
        self.contestant
    }

    fn measure(&self, what: Measurement, size: Size) -> BoxFuture<'_, io::Result<Measured>> {
        Box::pin(async move {
            match what {
                Measurement::Throughput => {
                    let speed = measure::bulk(&self.side, size.bytes).await?;
                    Ok(Measured::one(Figure::Throughput, speed))
                }
                Measurement::RoundTrips => {
                    let taken = measure::round_trips(&self.side, size.time).await?;
                    let values = vec![(Figure::RoundTripP50, taken.p50), (Figure::RoundTripP99, taken.p99)];
                    Ok(Measured { values, lost: None })
                }
                Measurement::NewStreams => requests(&self.side, size, Figure::NewStreams, 1).await,
                Measurement::NewStreamsAtOnce => {
                    requests(&self.side, size, Figure::NewStreamsAtOnce, PARALLEL).await
                }
                Measurement::SetUp => {
                    let taken = measure::set_ups(&self.side, size.dials).await?;
                    Ok(Measured::one(Figure::SetUp, taken))
                }
                // Of processes that do nothing else; see `memory`.
                Measurement::Memory => Ok(Measured::default()),
            }
        })
    }
}

async fn requests<S: Side>(side: &S, size: Size, figure: Figure, at_once: usize) -> io::Result<Measured> {
    let requests = measure::requests(side, size.time, at_once).await?;
    Ok(Measured { values: vec![(figure, requests.per_second)], lost: Some((figure, requests.lost)) })
}
