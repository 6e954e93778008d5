//! Figures of a bench.

use super::super::{
    BenchEvent, BenchLatency, BenchPhase, BenchProgress, BenchRequest, BenchResult, BenchStreams,
    BenchTransfer, Path,
};
use crate::{
    DEFAULT_WAIT,
    bench::{DEFAULT_SIZE, DEFAULT_TIME, Latency, Phase, Plan, Progress, Report, Streams, Transfer},
    contacts,
};

impl From<&BenchRequest> for Plan {
    fn from(request: &BenchRequest) -> Self {
        let phases = request.only.iter().copied().map(Phase::from).collect::<Vec<_>>();
        let millis = std::time::Duration::from_millis;
        Self {
            phases: if phases.is_empty() { Phase::ALL.into() } else { phases },
            size: request.size.unwrap_or(DEFAULT_SIZE),
            time: request.time_ms.map_or(DEFAULT_TIME, millis),
            wait: request.timeout_ms.map_or(DEFAULT_WAIT, millis),
        }
    }
}

impl From<BenchPhase> for Phase {
    fn from(phase: BenchPhase) -> Self {
        match phase {
            BenchPhase::Latency => Self::Latency,
            BenchPhase::Up => Self::Up,
            BenchPhase::Down => Self::Down,
            BenchPhase::Streams => Self::Streams,
        }
    }
}

impl From<Phase> for BenchPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Latency => Self::Latency,
            Phase::Up => Self::Up,
            Phase::Down => Self::Down,
            Phase::Streams => Self::Streams,
        }
    }
}

impl From<Progress> for BenchEvent {
    fn from(Progress { phase, done, total }: Progress) -> Self {
        Self::Progress(BenchProgress { phase: phase.into(), done, total })
    }
}

impl BenchResult {
    pub(in crate::api) fn of(contact: &contacts::Contact, report: &Report) -> Self {
        let connection = report.connection.as_ref();
        Self {
            address: contact.endpoint().to_string(),
            path: connection.map_or(Path::Direct, Path::of),
            transport: connection.map_or_else(String::new, |connection| connection.transport().into()),
            multiaddr: connection.map_or_else(String::new, |connection| connection.address.to_string()),
            latency: report.latency.map(Into::into),
            up: report.up.map(Into::into),
            down: report.down.map(Into::into),
            streams: report.streams.map(Into::into),
        }
    }
}

impl From<Latency> for BenchLatency {
    fn from(Latency { count, min, p50, p99, max }: Latency) -> Self {
        let [min_us, p50_us, p99_us, max_us] = [min, p50, p99, max].map(super::micros);
        Self { count, min_us, p50_us, p99_us, max_us }
    }
}

impl From<Transfer> for BenchTransfer {
    fn from(transfer: Transfer) -> Self {
        let elapsed_us = super::micros(transfer.elapsed);
        Self { bytes: transfer.bytes, elapsed_us, bytes_per_s: transfer.rate() }
    }
}

impl From<Streams> for BenchStreams {
    fn from(Streams { one_at_a_time, at_once }: Streams) -> Self {
        Self { one_at_a_time_per_s: one_at_a_time, at_once: Streams::AT_ONCE as u64, at_once_per_s: at_once }
    }
}
