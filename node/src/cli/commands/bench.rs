//! `airway bench`: how good the way to an agent is.

use std::time::Duration;

use serde::Serialize;

use super::peers::path;
use crate::{
    api::{
        self, BenchEvent, BenchLatency, BenchPhase, BenchProgress, BenchRequest, BenchResult, BenchStreams,
        BenchTransfer, Code,
    },
    cli::{
        Context, Error,
        output::{Output, View, human, layout::Fields},
        size,
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway bench bob
  airway bench bob --size 1GiB --time 25s --only up,down
  airway bench bob --only latency --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// Move this much in each direction, up to 1GiB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size::parse)]
    size: u64,
    /// Measure nothing for longer than this, up to 25s
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = humantime::parse_duration)]
    time: Duration,
    /// Measure these alone, separated by commas
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    only: Vec<What>,
    #[command(flatten)]
    wait: Wait,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// Round trips on an open stream
    Latency,
    /// Bytes to the agent
    Up,
    /// Bytes from the agent
    Down,
    /// New streams
    Streams,
}

impl From<What> for BenchPhase {
    fn from(what: What) -> Self {
        match what {
            What::Latency => Self::Latency,
            What::Up => Self::Up,
            What::Down => Self::Down,
            What::Streams => Self::Streams,
        }
    }
}

/// The figures.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Figures(BenchResult);

impl Output for Figures {
    fn text(&self, _view: &View) -> String {
        let BenchResult { address, path: way, transport, latency, up, down, streams, .. } = &self.0;
        Fields::default()
            .add("agent", address)
            .add("path", format!("{}, {transport}", path(*way)))
            .add_some("latency", latency.as_ref().map(latency_text))
            .add_some("up", up.as_ref().map(transfer_text))
            .add_some("down", down.as_ref().map(transfer_text))
            .add_some("streams", streams.as_ref().map(streams_text))
            .text()
    }
}

fn latency_text(latency: &BenchLatency) -> String {
    let BenchLatency { count, min_us, p50_us, p99_us, max_us } = *latency;
    let [min, p50, p99, max] = [min_us, p50_us, p99_us, max_us].map(human::micros);
    format!("min {min}, p50 {p50}, p99 {p99}, max {max} ({count} round trips)")
}

fn transfer_text(transfer: &BenchTransfer) -> String {
    let (rate, bytes) = (human::size(transfer.bytes_per_s as u64), human::size(transfer.bytes));
    format!("{rate}/s ({bytes} in {})", human::micros(transfer.elapsed_us))
}

fn streams_text(streams: &BenchStreams) -> String {
    let BenchStreams { one_at_a_time_per_s, at_once, at_once_per_s } = streams;
    format!("{one_at_a_time_per_s:.0}/s one at a time, {at_once_per_s:.0}/s with {at_once} at once")
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Figures, Error> {
    let request = BenchRequest {
        who: args.who,
        only: args.only.into_iter().map(BenchPhase::from).collect(),
        size: Some(args.size),
        time_ms: Some(u64::try_from(args.time.as_millis()).unwrap_or(u64::MAX)),
        timeout_ms: args.wait.millis(),
    };
    let mut events = context.client()?.bench(&request).await?;
    let bar = context.printer.bar();
    loop {
        match events.next().await? {
            Some(BenchEvent::Progress(BenchProgress { phase, done, total })) => {
                let (what, words) = words(phase, done);
                bar.show(what, done, total, words);
            }
            Some(BenchEvent::Result(result)) => return Ok(Figures(result)),
            None => return Err(api::Error::new(Code::NotRunning, "the daemon ended").into()),
        }
    }
}

/// What a bar says of a measurement.
fn words(phase: BenchPhase, done: u64) -> (&'static str, String) {
    match phase {
        BenchPhase::Latency => ("latency", format!("{done} round trips")),
        BenchPhase::Up => ("up", human::size(done)),
        BenchPhase::Down => ("down", human::size(done)),
        BenchPhase::Streams => ("streams", format!("{done} streams")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;

    #[test]
    fn figures_that_were_not_asked_for_are_left_out() {
        let result = BenchResult {
            address: "0:0000.EB19.D348".into(),
            path: api::Path::Direct,
            transport: "quic".into(),
            multiaddr: String::new(),
            latency: None,
            up: Some(BenchTransfer { bytes: 64 << 20, elapsed_us: 500_000, bytes_per_s: 134_217_728.0 }),
            down: None,
            streams: None,
        };
        let view = View { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, terminal: false };
        let text = anstream::adapter::strip_str(&Figures(result).text(&view)).to_string();
        let expected =
            "agent  0:0000.EB19.D348\npath   direct, quic\nup     128.0 MiB/s (64.0 MiB in 500.000 ms)";
        assert_eq!(text, expected);
    }
}
