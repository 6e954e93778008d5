//! `airway task list` and `airway task queue`

use serde::Serialize;

use super::item;
use crate::{
    api::{Task, TaskRole, TasksQuery},
    cli::{
        Context, Error,
        output::{Output, View, clean, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task list
  airway task list --mine --state submitted,executing
  airway task list --theirs --who bob --limit 10";

const QUEUE: &str = "\
Examples:
  airway task queue";

/// Characters of a description that the list shows.
const PREVIEW: usize = 48;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// List only what this agent has others do
    #[arg(long, conflicts_with = "theirs")]
    mine: bool,
    /// List only what others have this agent do
    #[arg(long)]
    theirs: bool,
    /// List only tasks in this state, or in these with commas between them
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// List only tasks with this agent
    #[arg(long, value_name = "WHO")]
    who: Option<String>,
    /// List at most this many, the newest [default: 100]
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = QUEUE)]
pub(super) struct QueueArgs {}

/// Tasks.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Tasks(Vec<Task>);

impl Output for Tasks {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|task| {
            let (from, to) = item::sides(task);
            [
                task.id.clone(),
                from,
                to,
                item::state(task),
                human::ago(task.changed_at, view),
                clean::preview(&task.description, PREVIEW),
            ]
        });
        table(["ID", "FROM", "TO", "STATE", "CHANGED", "TASK"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "no tasks: give one to an agent with `airway task submit`".into())
    }
}

/// What this agent is to do.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Queue(Tasks);

impl Output for Queue {
    fn text(&self, view: &View) -> String {
        self.0.text(view)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.0.is_empty().then(|| {
            "the queue is empty: `airway task list --theirs --state new` shows what waits to be accepted"
                .into()
        })
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Tasks, Error> {
    let role = match (args.mine, args.theirs) {
        (true, _) => Some(TaskRole::Requester),
        (_, true) => Some(TaskRole::Worker),
        _ => None,
    };
    let query = TasksQuery { role, state: args.state, who: args.who, limit: args.limit };
    Ok(Tasks(context.client()?.tasks(&query).await?))
}

pub(super) async fn queue(_args: QueueArgs, context: &Context) -> Result<Queue, Error> {
    Ok(Queue(Tasks(context.client()?.task_queue().await?)))
}
