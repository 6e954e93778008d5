//! What each task is, by its number: both programs know it from that.

use airway::api::{CompleteRequest, Material, TaskExecution, TaskRequest};

/// More than goes as it is.
const LARGE: usize = 70 * 1024;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deed(pub(crate) usize);

impl Deed {
    /// As its description has it.
    pub(crate) fn of(description: &str) -> Self {
        Self(description.parse().unwrap_or_else(|error| panic!("{error}: {description}")))
    }

    /// The worker breaks it off, at its first attempt; one of those may be executed again, and the other not.
    pub(crate) fn is_dropped(self, attempt: u32) -> bool {
        matches!(self.0 % 16, 5 | 6) && attempt == 1
    }

    /// The worker fails in it.
    pub(crate) fn fails(self) -> bool {
        self.0 % 16 == 7
    }

    /// The requester takes it back soon.
    pub(crate) fn is_cancelled(self) -> bool {
        self.0 % 8 == 2
    }

    /// What is submitted under this id.
    pub(crate) fn request(self, to: &str, id: String) -> TaskRequest {
        let large = self.0 % 8 == 4;
        TaskRequest {
            to: to.to_owned(),
            description: self.0.to_string(),
            input: large.then(|| Material::Text("x".repeat(LARGE))),
            limit_ms: None,
            execution: self.execution(),
            max_reward: None,
            supersedes: None,
            id: Some(id),
            timeout_ms: None,
        }
    }

    pub(crate) fn execution(self) -> TaskExecution {
        if self.0 % 4 == 1 { TaskExecution::AtMostOnce } else { TaskExecution::AtLeastOnce }
    }

    /// What the worker hands in.
    pub(crate) fn result(self, attempt: u32) -> CompleteRequest {
        let text = self.text(attempt);
        let large = self.0 % 8 == 3;
        let output = if large { format!("{text}{}", " ".repeat(LARGE)) } else { text };
        CompleteRequest { attempt: Some(attempt), output: Some(Material::Text(output)) }
    }

    /// What a result begins with, unless it goes as a file.
    pub(crate) fn text(self, attempt: u32) -> String {
        format!("{}, attempt {attempt}", self.0)
    }
}
