//! `airway task next`: takes a task, to do it.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::item;
use crate::{
    api::{NextRequest, NextTask},
    cli::{
        Context, Error,
        output::{Output, View},
        wait::millis,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task next
  airway task next --wait 1min --lease 10min --json

With --lease it goes back into the queue, or fails, unless `airway task progress` says in time that it goes on. To have
a command do what comes, see airway worker.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Take it for this long, as in 10min; until it is over if left out
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    lease: Option<Duration>,
    /// Wait for one, as long as this
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    wait: Option<Duration>,
}

/// What is to be done now.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Next(NextTask);

impl Output for Next {
    fn text(&self, view: &View) -> String {
        self.0.task.as_ref().map(|task| item::text(task, view)).unwrap_or_default()
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(match &self.0.task {
            Some(_) => "when it is done: airway task complete <id>, or airway task fail <id> <reason>".into(),
            None => "no task waits".into(),
        })
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Next, Error> {
    let (client, begun) = (context.client()?, Instant::now());
    // The daemon waits for ten minutes at most: who wants to wait for longer asks again.
    loop {
        let left = args.wait.unwrap_or_default().saturating_sub(begun.elapsed());
        let request = NextRequest { lease_ms: args.lease.map(millis), wait_ms: Some(millis(left)) };
        let next = client.next_task(&request).await?;
        if next.task.is_some() || left.is_zero() {
            return Ok(Next(next));
        }
    }
}
