//! `airway task submit`: a task for another agent.

use std::{path::Path, time::Duration};

use serde::Serialize;

use super::{
    item,
    result::Outcome,
    watch::{self, until_final},
};
use crate::{
    api::{Task, TaskExecution, TaskRequest},
    cli::{
        Context, Error, material,
        output::{Output, View, clean},
        wait::{Wait, millis},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task submit bob 'summarise it' --input build.log
  airway task submit bob 'how many lines?' --input - --wait --timeout 5min < build.log
  airway task submit bob 'pay the bill' --at-most-once --deadline 1h --max-reward 20

It is on our disk before this returns, and goes out when the agent can be reached: see airway task show.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// What is to be done, up to 16 KiB
    description: String,
    /// What it is to be done with: a file, or - to read it from stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<String>,
    /// Let the worker take no longer than this, up to 28 days [default: 1day]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    deadline: Option<Duration>,
    /// Let it fail if it is broken off, in place of being done again
    #[arg(long)]
    at_most_once: bool,
    /// Let it be worth at most so much [default: 10]
    #[arg(long, value_name = "POINTS")]
    max_reward: Option<u64>,
    /// Say that it replaces this task of yours
    #[arg(long, value_name = "ID")]
    supersedes: Option<String>,
    /// Use this UUIDv7, so that the same task submitted again is one task
    #[arg(long, value_name = "UUID")]
    id: Option<uuid::Uuid>,
    /// Wait until it is over, and write out the result
    #[arg(short, long = "wait")]
    follow: bool,
    #[command(flatten)]
    wait: Wait,
}

/// A task that is on its way, or its result.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Submitted {
    Task(Box<Task>),
    Over(Box<Outcome>),
}

impl Output for Submitted {
    fn text(&self, view: &View) -> String {
        match self {
            Self::Task(task) => {
                let (state, id) = (item::state(task), clean::line(&task.id));
                format!("{state} {id} to {}", clean::line(item::other(task)))
            }
            Self::Over(outcome) => outcome.text(view),
        }
    }

    fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Task(_) => None,
            Self::Over(outcome) => outcome.payload(),
        }
    }

    fn remark(&self, view: &View) -> Option<String> {
        match self {
            Self::Task(_) => None,
            Self::Over(outcome) => outcome.remark(view),
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Submitted, Error> {
    // What was read from stdin may lie in a file, which goes with this.
    let mut read = None;
    let input = match args.input.as_deref() {
        Some("-") => read.insert(material::stdin("input").await?).material("input")?,
        Some(path) => Some(material::file(Path::new(path))?),
        None => None,
    };
    let request = TaskRequest {
        to: args.who,
        description: args.description,
        input,
        limit_ms: args.deadline.map(millis),
        execution: if args.at_most_once { TaskExecution::AtMostOnce } else { TaskExecution::AtLeastOnce },
        max_reward: args.max_reward,
        supersedes: args.supersedes,
        id: args.id.map(|id| id.to_string()),
        timeout_ms: args.wait.millis(),
    };
    let client = context.client()?;
    let task = Box::new(client.submit_task(&request).await?);
    drop(read);
    if !args.follow {
        return Ok(Submitted::Task(task));
    }
    context.printer.notice(&watch::Waiting::of(&task));
    let over = async {
        let task = until_final(context, &client, &task).await?;
        Ok(Submitted::Over(Box::new(Outcome::of(&client, task).await?)))
    };
    // Nobody is to submit it once more who has waited for too short a time.
    let goes_on = || format!("it goes on without you: airway task watch {}", task.id);
    args.wait.bound_or("waiting for the task", goes_on, over).await
}
