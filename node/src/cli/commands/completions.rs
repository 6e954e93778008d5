//! `airway completions`: for the shell, from the tree of commands.

use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use crate::cli::{
    Cli,
    output::{Output, View},
};

const EXAMPLES: &str = "\
Examples:
  airway completions bash > ~/.local/share/bash-completion/completions/airway
  airway completions fish > ~/.config/fish/completions/airway.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// A script for the shell to read.
#[derive(Debug, Serialize)]
pub(super) struct Completions {
    script: String,
}

impl Output for Completions {
    fn text(&self, _view: &View) -> String {
        self.script.trim_end().to_owned()
    }
}

pub(super) fn run(args: &Args) -> Completions {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "airway", &mut script);
    Completions { script: String::from_utf8_lossy(&script).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = run(&Args { shell }).script;
            for command in Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }
}
