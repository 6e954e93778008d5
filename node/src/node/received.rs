//! Where files lie that were received.

use std::path::PathBuf;

use airway_protocols::{agent::AgentId, tasks::Attachment};

use super::Node;

impl Node {
    /// Where a file of a task lies that this agent has sent us; `None` if it is not here any more, or has never been.
    pub fn received_file(&self, from: &AgentId, file: &Attachment) -> Option<PathBuf> {
        let name = file.file_name().ok()?;
        Some(self.0.files.path(from, &file.id, name.as_str())).filter(|path| path.is_file())
    }
}
