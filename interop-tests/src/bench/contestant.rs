//! Who takes part, and what is measured of each.

use clap::ValueEnum;
use serde::Serialize;

/// What a server process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stack {
    /// An Airway node.
    Airway,
    /// A swarm as `SwarmBuilder` makes it.
    Plain,
    /// An endpoint as quinn makes it.
    QuinnDefault,
    /// An endpoint set for speed; see `bench::raw`.
    QuinnTuned,
}

/// What carries a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    /// UDP.
    Quic,
    /// TCP, for those who cannot use UDP.
    Tcp,
}

/// A stack, and where its measuring tasks run; in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contestant {
    /// Airway over QUIC, from a task that [`Node::spawn`](::airway::Node::spawn) runs beside the network.
    AirwayNetwork,
    /// Airway over QUIC, from a task of the program, a switch of threads away from the network.
    AirwayProgram,
    /// Airway over TCP, TLS and yamux, as two agents agree on, beside the network.
    AirwayTcp,
    /// Plain libp2p over QUIC.
    Plain,
    /// Plain libp2p over TCP, Noise and yamux.
    PlainTcp,
    /// Quinn as it is made, without libp2p.
    QuinnDefault,
    /// Quinn set for speed: the ceiling.
    QuinnTuned,
}

impl Contestant {
    /// What the table calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AirwayNetwork => "Airway, beside the network",
            Self::AirwayProgram => "Airway, from a program's task",
            Self::AirwayTcp => "Airway, TCP+TLS+yamux",
            Self::Plain => "plain libp2p, QUIC",
            Self::PlainTcp => "plain libp2p, TCP+Noise+yamux",
            Self::QuinnDefault => "raw quinn, default",
            Self::QuinnTuned => "raw quinn, tuned",
        }
    }

    /// Whether the goals are set for it: over TCP there is nothing to compare with, as plain libp2p is over QUIC.
    pub(super) const fn has_goals(self) -> bool {
        matches!(self, Self::AirwayNetwork | Self::AirwayProgram)
    }
}

/// What is measured at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measurement {
    /// Bytes over one stream.
    Throughput,
    /// Round trips on an open stream.
    RoundTrips,
    /// New streams, one at a time.
    NewStreams,
    /// New streams, 64 at once.
    NewStreamsAtOnce,
    /// New connections.
    SetUp,
    /// Idle connections.
    Memory,
}

/// Which way a unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Higher,
    Lower,
}

/// One figure of a contestant; in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Bytes over one stream.
    Throughput,
    /// 64 bytes there and back on an open stream: the middle.
    RoundTripP50,
    /// The same: one in a hundred takes longer.
    RoundTripP99,
    /// A new stream for each round trip, one after the other.
    NewStreams,
    /// The same, 64 at once.
    NewStreamsAtOnce,
    /// From the dial to the first byte that was answered.
    SetUp,
    /// What a server holds for a connection that nobody uses.
    Memory,
}

impl Figure {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Throughput,
        Self::RoundTripP50,
        Self::RoundTripP99,
        Self::NewStreams,
        Self::NewStreamsAtOnce,
        Self::SetUp,
        Self::Memory,
    ];

    /// What the table calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Throughput => "throughput of one stream, one way",
            Self::RoundTripP50 => "round trip of 64 B on an open stream, p50",
            Self::RoundTripP99 => "round trip of 64 B on an open stream, p99",
            Self::NewStreams => "new streams with a round trip each, one at a time",
            Self::NewStreamsAtOnce => "new streams with a round trip each, 64 at once",
            Self::SetUp => "connection set-up, dial to first answered byte, p50",
            Self::Memory => "memory for one idle connection of a trusted peer",
        }
    }

    /// Its unit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "MiB/s",
            Self::RoundTripP50 | Self::RoundTripP99 => "µs",
            Self::NewStreams | Self::NewStreamsAtOnce => "/s",
            Self::SetUp => "ms",
            Self::Memory => "KiB",
        }
    }

    pub(super) const fn better(self) -> Better {
        match self {
            Self::Throughput | Self::NewStreams | Self::NewStreamsAtOnce => Better::Higher,
            Self::RoundTripP50 | Self::RoundTripP99 | Self::SetUp | Self::Memory => Better::Lower,
        }
    }

    /// How many times better than plain libp2p over QUIC Airway is to be. Bytes, round trips, handshakes and the
    /// state of a connection meet the same code on both sides; of the two round trips of a new stream, lazy
    /// negotiation saves one, and with many at once streams are opened in parallel as well.
    pub(super) const fn goal(self) -> f64 {
        match self {
            Self::NewStreams | Self::NewStreamsAtOnce => 2.0,
            _ => 1.0,
        }
    }
}
