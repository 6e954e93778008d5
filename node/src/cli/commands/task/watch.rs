//! `airway task watch`: what happens with tasks, as it does.

use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

use super::item::{self, Happened};
use crate::{
    api::{self, Code, Task, TaskFollowQuery, TaskPathQuery, TaskRole, TaskState, client::Client},
    cli::{
        Context, Error,
        output::{Bar, Nothing, Output, View, clean},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task watch
  airway task watch 0199f2c1-7a
  airway task watch --count 1 --timeout 1h --json";

/// How often it is looked how far a task is: progress is no event.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Print only what happens with this task, until it is over: its id, or a unique beginning of that
    id: Option<String>,
    /// End after so many
    #[arg(long)]
    count: Option<u64>,
    /// Begin with what is after this sequence number, instead of what happens next
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    #[command(flatten)]
    wait: Wait,
}

/// Told on stderr while a task is waited for.
#[derive(Debug, Serialize)]
pub(super) struct Waiting {
    waiting: String,
    #[serde(skip)]
    who: String,
}

impl Waiting {
    pub(super) fn of(task: &Task) -> Self {
        Self { waiting: task.id.clone(), who: item::other(task).to_owned() }
    }
}

impl Output for Waiting {
    fn text(&self, _view: &View) -> String {
        format!("waiting for {} to do {}", clean::line(&self.who), clean::line(&self.waiting))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    let Args { id, count, after, wait } = args;
    let follow = async {
        let client = context.client()?;
        // From the beginning where it is one task, so that one that is over already is not waited for in vain.
        let after = after.or(id.is_some().then_some(0));
        let only = id.is_some();
        let mut events = client.follow_tasks(&TaskFollowQuery { after, task: id, accept: false }).await?;
        let mut left = count;
        while left != Some(0) {
            let Some(event) = events.next().await? else {
                return Err(api::Error::new(Code::NotRunning, "the daemon ended").into());
            };
            let over = event.state.is_some_and(TaskState::is_final);
            context.printer.item(&Happened(event))?;
            if only && over {
                break;
            }
            left = left.map(|left| left - 1);
        }
        Ok(Nothing)
    };
    wait.bound("waiting for something to happen", follow).await
}

/// Waits until a task of ours is over, and shows a person how far it is.
pub(super) async fn until_final(context: &Context, client: &Client, task: &Task) -> Result<Task, Error> {
    let query = TaskFollowQuery { after: Some(0), task: Some(task.id.clone()), accept: false };
    let mut events = client.follow_tasks(&query).await?;
    let (side, bar) = (TaskPathQuery { role: Some(TaskRole::Requester) }, context.printer.bar());
    loop {
        let now = client.task(&task.id, &side).await?;
        show(&bar, &now);
        if now.state.is_final() {
            return Ok(now);
        }
        if let Ok(event) = timeout(LOOK, events.next()).await
            && event?.is_none()
        {
            return Err(ended(task));
        }
    }
}

fn ended(task: &Task) -> Error {
    api::Error::new(Code::NotRunning, "the daemon ended")
        .hint(format!("the task goes on when it runs again: airway task show {}", task.id))
        .into()
}

fn show(bar: &Bar, task: &Task) {
    let progress = match task.state {
        TaskState::Completed | TaskState::Succeeded => 1000,
        _ => task.progress.unwrap_or(0),
    };
    let words = match &task.text {
        Some(text) => format!("{}: {}", item::state(task), clean::preview(text, 60)),
        None => item::state(task),
    };
    bar.show("task", u64::from(progress), 1000, words);
}
