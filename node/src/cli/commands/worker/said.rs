//! What a worker says of what it does.

use serde::Serialize;

use super::job::End;
use crate::{
    api::Task,
    cli::output::{Form, Output, View, clean, human},
};

/// Characters of a description, and of a line of a command, that are shown.
const PREVIEW: usize = 200;

/// Something that a worker tells: what begins and ends on stdout, the rest on stderr.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Said {
    Ready { command: String, jobs: u16 },
    Away { reason: String },
    Finishing,
    Started { task: String, agent: String, attempt: u32, description: String },
    Line { task: String, line: String },
    Completed { task: String, agent: String, size: u64 },
    Failed { task: String, agent: String, reason: String },
    Lost { task: String, agent: String, reason: String },
    GivenBack { task: String, agent: String },
}

impl Said {
    pub(super) fn started(task: &Task) -> Self {
        Self::Started {
            task: task.id.clone(),
            agent: task.agent.clone(),
            attempt: task.attempt,
            description: task.description.clone(),
        }
    }

    pub(super) fn ended(task: String, agent: String, end: End) -> Self {
        match end {
            End::Completed { size } => Self::Completed { task, agent, size },
            End::Failed { reason } => Self::Failed { task, agent, reason },
            End::Lost { reason } => Self::Lost { task, agent, reason },
            End::GivenBack => Self::GivenBack { task, agent },
        }
    }
}

impl Output for Said {
    fn text(&self, _view: &View) -> String {
        match self {
            Self::Ready { command, jobs } => {
                let at_once = if *jobs == 1 { String::new() } else { format!(", {jobs} at once") };
                format!("ready: tasks are done by {}{at_once}", clean::line(command))
            }
            Self::Away { reason } => format!("the daemon is away, and waited for: {}", clean::line(reason)),
            Self::Finishing => "no more tasks are taken; once more gives back what is being done".into(),
            Self::Started { task, agent, attempt, description } => {
                let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
                let words = clean::preview(description, PREVIEW);
                format!("started {} of {}{again}: {words}", clean::line(task), clean::line(agent))
            }
            Self::Line { task, line } => format!("{}: {}", clean::line(task), clean::preview(line, PREVIEW)),
            Self::Completed { task, size, .. } => {
                format!("completed {} ({})", clean::line(task), human::size(*size))
            }
            Self::Failed { task, reason, .. } => {
                format!("failed {}: {}", clean::line(task), clean::preview(reason, PREVIEW))
            }
            Self::Lost { task, reason, .. } => {
                format!("gave up {}: {}", clean::line(task), clean::preview(reason, PREVIEW))
            }
            Self::GivenBack { task, .. } => {
                format!("gave back {}: its lease ends within two minutes", clean::line(task))
            }
        }
    }
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(in crate::cli::commands) struct Summary {
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) lost: u64,
    pub(super) given_back: u64,
}

impl Output for Summary {
    const FORM: Form = Form::Bare;

    fn text(&self, _view: &View) -> String {
        let Self { completed, failed, lost, given_back } = self;
        format!("{completed} completed, {failed} failed, {lost} given up, {given_back} given back")
    }
}
