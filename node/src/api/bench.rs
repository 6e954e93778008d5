//! The types of a bench.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Path;

/// Measure the way to a peer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchRequest {
    /// Alias, name, address or card.
    pub who: String,
    /// What to measure; everything if empty or absent.
    #[serde(default)]
    pub only: Vec<BenchPhase>,
    /// Bytes in each direction, up to 1 GiB; 64 MiB if absent.
    #[serde(default)]
    pub size: Option<u64>,
    /// Milliseconds that each measurement may take, up to 25,000; 10,000 if absent.
    #[serde(default)]
    pub time_ms: Option<u64>,
    /// Milliseconds to wait for each answer, dialling included; the daemon's default if absent.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BenchPhase {
    /// Round trips on an open stream.
    Latency,
    /// Bytes to the peer.
    Up,
    /// Bytes from the peer.
    Down,
    /// New streams.
    Streams,
}

/// A line of a bench: `{"progress":…}` some ten times a second, and `{"result":…}` as the last.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BenchEvent {
    /// How far it is.
    Progress(BenchProgress),
    /// What was measured.
    Result(BenchResult),
}

/// How far a measurement is. It may end before all is done, when its time is over.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BenchProgress {
    /// Which one.
    pub phase: BenchPhase,
    /// Bytes, round trips or streams so far.
    pub done: u64,
    /// All that there will be.
    pub total: u64,
}

/// What was measured; a part that was not asked for is absent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BenchResult {
    /// Full address of the peer.
    pub address: String,
    /// How the bytes travelled.
    pub path: Path,
    /// `quic` or `tcp`.
    pub transport: String,
    /// The remote multiaddr.
    pub multiaddr: String,
    /// Round trips of 64 bytes on an open stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<BenchLatency>,
    /// Bytes to the peer, until it had counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<BenchTransfer>,
    /// Bytes from the peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<BenchTransfer>,
    /// Streams that were opened and carried one byte there and back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<BenchStreams>,
}

/// Round trips, in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BenchLatency {
    /// How many there were.
    pub count: u64,
    /// The shortest.
    pub min_us: u64,
    /// Half of them took no longer.
    pub p50_us: u64,
    /// 99 of 100 took no longer.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

/// Bytes in one direction.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BenchTransfer {
    /// Bytes that arrived.
    pub bytes: u64,
    /// Microseconds that they took.
    pub elapsed_us: u64,
    /// Bytes a second.
    pub bytes_per_s: f64,
}

/// New streams a second.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BenchStreams {
    /// When each waits for the one before it.
    pub one_at_a_time_per_s: f64,
    /// How many were under way for the next figure.
    pub at_once: u64,
    /// With so many under way.
    pub at_once_per_s: f64,
}
