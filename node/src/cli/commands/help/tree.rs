//! The tree of commands as data.

use clap::{Arg, Command};
use serde::Serialize;

/// A command.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    name: String,
    about: String,
    usage: String,
    args: Vec<Argument>,
    examples: Vec<String>,
    commands: Vec<Self>,
}

/// An argument or a flag.
#[derive(Debug, Serialize)]
struct Argument {
    /// `<name>` or `--name`.
    name: String,
    short: Option<char>,
    help: String,
    /// Whether a value follows; a flag without one is a switch.
    takes_value: bool,
    required: bool,
    repeats: bool,
    values: Vec<String>,
    default: Option<String>,
}

impl Node {
    /// Of a command that is built, so that its usage names the whole path.
    pub(super) fn new(command: &Command) -> Self {
        let usage = command.clone().render_usage().to_string();
        Self {
            name: command.get_name().into(),
            about: text(command.get_about()),
            usage: usage.strip_prefix("Usage: ").unwrap_or(&usage).into(),
            args: command.get_arguments().filter(|arg| !arg.is_hide_set()).map(Argument::new).collect(),
            examples: examples(&text(command.get_after_help())),
            commands: command.get_subcommands().map(Self::new).collect(),
        }
    }
}

impl Argument {
    fn new(arg: &Arg) -> Self {
        let name = match arg.get_long() {
            Some(long) => format!("--{long}"),
            None => format!("<{}>", arg.get_id()),
        };
        let takes_value = arg.get_action().takes_values();
        let values = arg.get_possible_values();
        Self {
            name,
            short: arg.get_short(),
            help: text(arg.get_help()),
            takes_value,
            required: arg.is_required_set(),
            repeats: matches!(arg.get_action(), clap::ArgAction::Append),
            // A switch takes true and false in theory.
            values: values.iter().filter(|_| takes_value).map(|value| value.get_name().into()).collect(),
            default: arg
                .get_default_values()
                .first()
                .filter(|_| takes_value)
                .map(|value| value.to_string_lossy().into_owned()),
        }
    }
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

/// The commands below `Examples:`.
fn examples(after_help: &str) -> Vec<String> {
    after_help.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}
