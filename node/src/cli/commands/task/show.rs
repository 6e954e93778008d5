//! `airway task show`

use serde::Serialize;

use super::item;
use crate::{
    api::{Task, TaskEntry, TaskLogQuery, TaskPathQuery, TaskRole},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task show 0199f2c1-7a
  airway task show 0199f2c1-7a --json";

/// The most that is told of what happened with a task.
const HISTORY: u32 = 1000;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Id of the task, or a unique beginning of that
    id: String,
    #[command(flatten)]
    side: Side,
}

/// Which of two tasks that have the same id.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Side {
    /// Mean the one that this agent has another do
    #[arg(long, conflicts_with = "theirs")]
    mine: bool,
    /// Mean the one that another has this agent do
    #[arg(long)]
    theirs: bool,
}

impl Side {
    /// As the API asks for it.
    pub(super) fn query(self) -> TaskPathQuery {
        let role = match (self.mine, self.theirs) {
            (true, _) => Some(TaskRole::Requester),
            (_, true) => Some(TaskRole::Worker),
            _ => None,
        };
        TaskPathQuery { role }
    }
}

/// A task, and what happened with it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    task: Task,
    history: Vec<TaskEntry>,
}

impl Output for Shown {
    fn text(&self, view: &View) -> String {
        let mut text = item::text(&self.task, view);
        if !self.history.is_empty() {
            text.push_str("\n\nhistory:");
            for event in &self.history {
                text.push('\n');
                text.push_str(&item::event(event, view));
            }
        }
        text
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Shown, Error> {
    let client = context.client()?;
    let task = client.task(&args.id, &args.side.query()).await?;
    let log = TaskLogQuery { task: Some(task.id.clone()), limit: Some(HISTORY), after: None };
    let mut history = client.task_log(&log).await?;
    history.retain(|event| event.role == task.role && event.agent == task.agent);
    Ok(Shown { task, history })
}
