//! `airway ping`: is an agent there, and how far away.

use std::time::Duration;

use serde::Serialize;

use super::peers::path;
use crate::{
    api::{self, Code, PingRequest, Pong, client::Client},
    cli::{
        Context, Error,
        output::{Form, Output, View, clean, human},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway ping bob
  airway ping bob -c 10 --interval 200ms
  airway ping bob --timeout 2s --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// Ping this many times, or until interrupted if 0
    #[arg(short, long, default_value_t = 4)]
    count: u64,
    /// Wait this long in between
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    interval: Duration,
    #[command(flatten)]
    wait: Wait,
}

/// What came of one ping.
#[derive(Debug, Serialize)]
struct Attempt {
    seq: u64,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Outcome {
    Answered(Pong),
    Lost { error: api::Error },
}

impl Output for Attempt {
    fn text(&self, _view: &View) -> String {
        let seq = self.seq;
        match &self.outcome {
            Outcome::Answered(pong) => {
                let (address, transport) = (clean::line(&pong.address), clean::line(&pong.transport));
                let (rtt, path) = (human::micros(pong.rtt_us), path(pong.path));
                format!("{address}: seq {seq}, {rtt}, {path}, {transport}")
            }
            Outcome::Lost { error } => format!("no answer: seq {seq}, {}", clean::line(&error.message)),
        }
    }
}

/// All pings together.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    sent: u64,
    received: u64,
    min_us: Option<u64>,
    avg_us: Option<u64>,
    max_us: Option<u64>,
    #[serde(skip)]
    total_us: u64,
}

impl Summary {
    fn add(&mut self, rtt_us: u64) {
        self.received += 1;
        self.total_us = self.total_us.saturating_add(rtt_us);
        self.min_us = Some(self.min_us.map_or(rtt_us, |min| min.min(rtt_us)));
        self.max_us = self.max_us.max(Some(rtt_us));
        self.avg_us = Some(self.total_us / self.received);
    }
}

impl Output for Summary {
    const FORM: Form = Form::Bare;

    fn text(&self, _view: &View) -> String {
        let mut text = format!("{} sent, {} answered", self.sent, self.received);
        if let (Some(min), Some(avg), Some(max)) = (self.min_us, self.avg_us, self.max_us) {
            let [min, avg, max] = [min, avg, max].map(human::micros);
            text.push_str(&format!(", min {min}, avg {avg}, max {max}"));
        }
        text
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Summary, Error> {
    let client = context.client()?;
    let mut summary = Summary::default();
    let mut failure = None;
    tokio::select! {
        done = repeat(&args, &client, context, &mut summary, &mut failure) => done?,
        // The interrupt ends the pings, not the account of them.
        _ = tokio::signal::ctrl_c() => {}
    }
    match failure {
        Some(error) if summary.received == 0 => {
            context.printer.item(&summary)?;
            Err(Error::Api(error))
        }
        _ => Ok(summary),
    }
}

async fn repeat(
    args: &Args,
    client: &Client,
    context: &Context,
    summary: &mut Summary,
    failure: &mut Option<api::Error>,
) -> Result<(), Error> {
    let request = PingRequest { who: args.who.clone(), timeout_ms: args.wait.millis() };
    let mut pace = tokio::time::interval(args.interval.max(Duration::from_millis(1)));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while args.count == 0 || summary.sent < args.count {
        pace.tick().await;
        summary.sent += 1;
        let outcome = match client.ping(&request).await {
            Ok(pong) => {
                summary.add(pong.rtt_us);
                Outcome::Answered(pong)
            }
            Err(error) if passing(error.code) => {
                *failure = Some(error.clone());
                Outcome::Lost { error }
            }
            Err(error) => return Err(error.into()),
        };
        context.printer.item(&Attempt { seq: summary.sent, outcome })?;
    }
    Ok(())
}

/// Whether the next attempt may well succeed.
fn passing(code: Code) -> bool {
    matches!(code, Code::Unreachable | Code::Timeout | Code::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_knows_the_extremes_and_the_mean() {
        let mut summary = Summary { sent: 4, ..Summary::default() };
        for rtt in [300, 100, 200] {
            summary.add(rtt);
        }
        assert_eq!((summary.min_us, summary.avg_us, summary.max_us), (Some(100), Some(200), Some(300)));
        let line = serde_json::to_string(&summary).unwrap();
        assert_eq!(line, r#"{"sent":4,"received":3,"min_us":100,"avg_us":200,"max_us":300}"#);
    }

    #[test]
    fn a_lost_ping_says_why() {
        let error = api::Error::new(Code::Timeout, "no answer within 2s");
        let attempt = Attempt { seq: 2, outcome: Outcome::Lost { error } };
        assert_eq!(
            serde_json::to_string(&attempt).unwrap(),
            r#"{"seq":2,"error":{"code":"timeout","message":"no answer within 2s"}}"#
        );
    }
}
