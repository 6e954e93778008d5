//! `airway task log`

use serde::Serialize;

use super::item;
use crate::{
    api::{TaskEntry, TaskLogQuery},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task log
  airway task log --limit 20 0199f2c1-7a";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Show only what happened with this task: its id, or a unique beginning of that
    id: Option<String>,
    /// Show at most so much, the last [default: 100]
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// Show only what is after this sequence number
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
}

/// What happened, oldest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Log(Vec<TaskEntry>);

impl Output for Log {
    fn text(&self, view: &View) -> String {
        self.0.iter().map(|event| item::event(event, view)).collect::<Vec<_>>().join("\n")
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "nothing has happened".into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Log, Error> {
    let query = TaskLogQuery { after: args.after, limit: args.limit, task: args.id };
    Ok(Log(context.client()?.task_log(&query).await?))
}
