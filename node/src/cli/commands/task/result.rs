//! `airway task result`: what came of a task.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use serde::Serialize;

use super::{item, show::Side};
use crate::{
    api::{self, Code, Task, TaskContent, TaskPathQuery, TaskRole, TaskState, client::Client},
    cli::{
        Context, Error,
        output::{Output, View, clean},
        save,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task result 0199f2c1-7a
  airway task result 0199f2c1-7a -o summary.txt

A result that is a file goes to the current directory, under its own name, unless -o says where to.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// Write it to this file, or into this directory; nothing is overwritten
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    side: Side,
}

/// What came of a task.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    #[serde(flatten)]
    task: Task,
    /// The bytes of a result that is no file and was not written to one.
    #[serde(skip)]
    bytes: Option<Vec<u8>>,
    /// Where it was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<String>,
}

impl Outcome {
    /// What came of a task that is over; an error if that is no result.
    pub(super) async fn of(client: &Client, task: Task) -> Result<Self, Error> {
        let bytes = match (&task.output, task.state) {
            (None, TaskState::Succeeded | TaskState::Completed) => None,
            (None, _) => return Err(without(&task)),
            (Some(TaskContent::File(_)), _) => None,
            (Some(_), _) => {
                let side = TaskPathQuery { role: Some(task.role) };
                Some(client.task_output(&task.id, &side).await?.into())
            }
        };
        Ok(Self { task, bytes, saved: None })
    }
}

impl Output for Outcome {
    fn text(&self, _view: &View) -> String {
        match (&self.saved, &self.bytes, &self.task.output) {
            (Some(path), ..) => format!("saved {}", clean::line(path)),
            (None, Some(_), Some(output)) => {
                item::block(output).unwrap_or_else(|| "(binary: write it to a file with -o)".into())
            }
            (None, None, Some(output)) => clean::line(&item::content(output)),
            (None, _, None) => String::new(),
        }
    }

    fn payload(&self) -> Option<&[u8]> {
        // What another agent has written reaches a terminal only when it is clean.
        self.bytes.as_deref().filter(|_| self.saved.is_none() && !io::stdout().is_terminal())
    }

    fn remark(&self, _view: &View) -> Option<String> {
        match (&self.task.output, &self.saved) {
            (None, _) => Some("it is done, without a result".into()),
            (Some(TaskContent::File(_)), None) => {
                Some(format!("copy it with: airway task result {}", clean::line(&self.task.id)))
            }
            _ => None,
        }
    }
}

/// Why there is no result.
fn without(task: &Task) -> Error {
    let who = item::other(task);
    let (code, what) = match task.state {
        TaskState::Declined => (Code::Conflict, format!("{who} declined the task")),
        TaskState::Failed => (Code::Conflict, "the task has failed".into()),
        TaskState::Cancelled => (Code::Conflict, "the task was cancelled".into()),
        TaskState::Expired => (Code::Conflict, "the task has expired".into()),
        state => (Code::NotFound, format!("there is no result yet: the task is {}", item::word(state))),
    };
    let said = task.text.as_deref().or(item::reason(task));
    let message = said.map_or_else(|| what.clone(), |said| format!("{what}: {said}"));
    let hint = match task.role {
        TaskRole::Requester if task.state.is_final() => {
            format!("see what happened with: airway task show {}; to try again, submit it anew", task.id)
        }
        _ => format!("see how it goes with: airway task watch {}", task.id),
    };
    api::Error::new(code, message).hint(hint).into()
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let client = context.client()?;
    let task = client.task(&args.id, &args.side.query()).await?;
    let mut outcome = Outcome::of(&client, task).await?;
    let saved = match (&outcome.task.output, &outcome.bytes, args.output) {
        (Some(TaskContent::File(file)), _, to) => {
            let Some(path) = &file.path else {
                let error = api::Error::new(Code::NotFound, "the file is not here any more");
                return Err(error.hint("it is kept until its message is cleared from the inbox").into());
            };
            let to = to.unwrap_or_else(|| ".".into());
            let to = if to.is_dir() { to.join(&file.name) } else { to };
            let source = save::Source { path: path.into(), blake3: file.digest.clone() };
            Some(save::beside(move || save::copy(&source, &to).map(|_| to)).await?)
        }
        (_, Some(bytes), Some(to)) => {
            let to = if to.is_dir() { to.join(format!("{}.result", outcome.task.id)) } else { to };
            let bytes = bytes.clone();
            Some(save::beside(move || save::write(&bytes, &to).map(|()| to)).await?)
        }
        _ => None,
    };
    outcome.saved = saved.map(|to| to.display().to_string());
    Ok(outcome)
}
