//! What every command gets besides its arguments.

use std::path::PathBuf;

use super::{error::Error, output::Printer, paths::Paths};
use crate::api::client::Client;

/// The agent to use, and the way to speak while a command runs.
#[derive(Debug)]
pub(super) struct Context {
    /// The `--home` flag, as given.
    pub(super) home: Option<PathBuf>,
    /// For commands that print as they go, and for talk.
    pub(super) printer: Printer,
}

impl Context {
    pub(super) fn new(home: Option<PathBuf>, printer: Printer) -> Self {
        Self { home, printer }
    }

    /// Where the agent's files lie.
    pub(super) fn paths(&self) -> Result<Paths, Error> {
        Paths::resolve(self.home.as_deref())
    }

    /// The daemon of that agent.
    pub(super) fn client(&self) -> Result<Client, Error> {
        Ok(Client::new(self.paths()?.home.socket()))
    }

    /// The command that starts the daemon of this agent.
    pub(super) fn up_command(&self) -> String {
        match &self.home {
            Some(home) => format!("airway --home {} up", quote(&home.to_string_lossy())),
            None => "airway up".into(),
        }
    }
}

/// One word for a shell.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_home_that_was_given() {
        let context = |home: Option<&str>| Context::new(home.map(PathBuf::from), Printer::new(false, false));
        assert_eq!(context(None).up_command(), "airway up");
        assert_eq!(context(Some("/srv/a")).up_command(), "airway --home /srv/a up");
        assert_eq!(context(Some("my agent's")).up_command(), r"airway --home 'my agent'\''s' up");
    }
}
