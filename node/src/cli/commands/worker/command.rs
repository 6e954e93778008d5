//! The command that does a task, and what it finds.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::{
    api::{Task, TaskContent},
    cli::Error,
    config::env as variables,
};

/// The id of the task.
const ID: &str = "AIRWAY_TASK_ID";
/// What is to be done, in the words of the requester.
const DESCRIPTION: &str = "AIRWAY_TASK_DESCRIPTION";
/// Full address of the requester.
const REQUESTER: &str = "AIRWAY_TASK_REQUESTER";
/// How often the task was taken: 1 at first.
const ATTEMPT: &str = "AIRWAY_TASK_ATTEMPT";
/// The path of the input, if that is a file.
const INPUT: &str = "AIRWAY_TASK_INPUT";

/// A program with its arguments.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    args: Vec<OsString>,
}

impl Program {
    /// The program of this name or at this path, which has to be there.
    pub(super) fn find(name: OsString, args: Vec<OsString>) -> Result<Self, Error> {
        let given = Path::new(&name);
        let path = if given.components().count() > 1 {
            is_program(given).then(|| std::path::absolute(given)).transpose().ok().flatten()
        } else {
            let places = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&places).map(|place| place.join(given)).find(|path| is_program(path))
        };
        let path = path.ok_or_else(|| {
            let message = format!("there is no program {}", given.display());
            Error::usage(message, "name one by its path, and make it executable; its arguments go behind --")
        })?;
        Ok(Self { path, args })
    }

    /// The command line, for people.
    pub(super) fn shown(&self) -> String {
        let args = self.args.iter().map(|arg| arg.to_string_lossy());
        [self.path.to_string_lossy()].into_iter().chain(args).collect::<Vec<_>>().join(" ")
    }

    /// The command for a task, in a process group of its own.
    pub(super) fn command(&self, task: &Task) -> io::Result<Command> {
        let mut command = Command::new(&self.path);
        command
            .args(&self.args)
            .env(ID, &task.id)
            .env(DESCRIPTION, without_nul(&task.description))
            .env(REQUESTER, &task.agent)
            .env(ATTEMPT, task.attempt.to_string())
            .env_remove(INPUT)
            // Secrets of the agent are not the command's business.
            .env_remove(variables::PASSPHRASE)
            .env_remove(variables::INVITE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        if let Some(path) = file(task) {
            command.env(INPUT, path).stdin(File::open(path)?);
        }
        Ok(command)
    }
}

/// Where the input lies, if it is a file.
pub(super) fn file(task: &Task) -> Option<&str> {
    match &task.input {
        Some(TaskContent::File(file)) => file.path.as_deref(),
        _ => None,
    }
}

/// The environment holds no NUL.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_and_by_path() {
        let found = Program::find("sh".into(), vec!["-c".into()]).unwrap();
        assert!(found.path.is_absolute() && found.shown().ends_with("/sh -c"), "{found:?}");
        assert!(Program::find(found.path.clone().into(), Vec::new()).is_ok());
        for missing in ["no-such-program-anywhere", "./no/such", "/", ""] {
            assert!(Program::find(missing.into(), Vec::new()).is_err(), "{missing:?}");
        }
    }

    #[test]
    fn a_description_fits_into_the_environment() {
        assert_eq!(without_nul("a\0b; rm -rf /"), "a\u{fffd}b; rm -rf /");
    }
}
