//! `airway help`: the tree of commands, for people and for programs.

mod tree;

use clap::CommandFactory;
use serde::Serialize;

use self::tree::Node;
use crate::cli::{
    Cli, Error, exit,
    output::{Output, View},
};

const EXAMPLES: &str = "\
Examples:
  airway help
  airway help inbox show
  airway help --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The command to explain
    command: Vec<String>,
}

/// A command with all below it.
#[derive(Debug, Serialize)]
pub(super) struct Help {
    #[serde(flatten)]
    node: Node,
    exit_codes: Vec<ExitCode>,
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Serialize)]
struct ExitCode {
    code: u8,
    meaning: &'static str,
}

impl Output for Help {
    fn text(&self, _view: &View) -> String {
        self.text.trim_end().to_owned()
    }
}

pub(super) fn run(args: &Args) -> Result<Help, Error> {
    let mut command = Cli::command();
    command.build();
    for name in &args.command {
        let Some(below) = command.find_subcommand(name).cloned() else {
            return Err(Error::usage(format!("no command `{name}`"), "see `airway help`"));
        };
        command = below;
    }
    let exit_codes = exit::all().map(|(code, meaning)| ExitCode { code, meaning }).collect();
    Ok(Help { node: Node::new(&command), exit_codes, text: command.render_long_help().ansi().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(command: &[&str]) -> Result<Help, Error> {
        run(&Args { command: command.iter().map(ToString::to_string).collect() })
    }

    #[test]
    fn a_program_learns_every_command() {
        let help = serde_json::to_value(help(&[]).unwrap()).unwrap();
        let listed: Vec<&str> = help["commands"]
            .as_array()
            .unwrap()
            .iter()
            .map(|command| command["name"].as_str().unwrap())
            .collect();
        let tree = Cli::command();
        let expected: Vec<&str> = tree.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(listed, expected);
        assert_eq!(help["exit_codes"].as_array().unwrap().len(), exit::all().count());
    }

    #[test]
    fn a_command_below_a_command_is_found() {
        let help = help(&["inbox", "show"]).unwrap();
        assert!(help.text.contains("--raw"));
        let node = serde_json::to_value(&help).unwrap();
        assert!(node["usage"].as_str().unwrap().starts_with("airway inbox show"));
        assert_eq!(node["examples"][0], "airway inbox show 3");
        assert!(node["args"].as_array().unwrap().iter().any(|arg| arg["name"] == "--raw"));
    }

    #[test]
    fn an_unknown_command_is_wrong_usage() {
        assert!(help(&["nothing"]).is_err());
    }

    #[test]
    fn the_long_help_has_the_exit_codes() {
        let help = help(&[]).unwrap();
        assert!(anstream::adapter::strip_str(&help.text).to_string().contains(&exit::table()));
    }
}
