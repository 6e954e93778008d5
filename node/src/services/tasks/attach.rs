//! What goes with a task, or comes of it: in it, or beside it as a file.

use std::path::PathBuf;

use airway_protocols::{
    files::FileName,
    tasks::{Attachment, Content, MAX_INLINE},
};

use super::{
    Task, TaskError, Tasks,
    copies::{Copied, Original},
};

/// Something that is to go with a task, or has come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// Bytes. More than 64 KiB of them go as a file.
    Inline(Vec<u8>),
    /// A file of this machine, which is copied at once.
    File {
        /// Where it lies.
        path: PathBuf,
        /// What it is to be called, if not as it is.
        name: Option<String>,
    },
}

impl Tasks {
    /// Turns material into what a task can name, and says whether it is a file, which has to be delivered first.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub(super) async fn attach(
        &self,
        material: Option<Material>,
    ) -> Result<(Option<Content>, bool), TaskError> {
        let (original, name) = match material {
            None => return Ok((None, false)),
            Some(Material::Inline(data)) if data.len() <= MAX_INLINE => {
                return Ok((Some(Content::Inline { data }), false));
            }
            Some(Material::Inline(data)) => (Original::Bytes(data), None),
            Some(Material::File { path, name }) => (Original::Path(path), name),
        };
        let name: Option<FileName> = name.map(|name| name.parse()).transpose()?;
        let Copied { id, name, size, digest } = self.0.copies.take(original, name).await?;
        Ok((Some(Content::File(Attachment { id, name: name.to_string(), size, digest })), true))
    }

    /// Deletes the copy of a file that was to go with a task, if nothing has come of it.
    pub(super) async fn drop_unnamed(&self, content: Option<Content>, done: &Result<Task, TaskError>) {
        let Some(Content::File(file)) = content else { return };
        let is_this =
            |named: &Option<Content>| matches!(named, Some(Content::File(named)) if named.id == file.id);
        let is_named = match done {
            Ok(task) => is_this(&task.input) || is_this(&task.output),
            // The row may be there all the same.
            Err(TaskError::Store(_)) => true,
            Err(_) => false,
        };
        if !is_named {
            self.0.copies.remove(file.id).await;
        }
    }
}
