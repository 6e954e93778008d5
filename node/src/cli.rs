//! The command line: parse, ask the daemon, print.
//!
//! ```text
//! main ─► commands::<command>::run(args, context) ─► api::client ─► daemon
//!   └───► output::Printer ◄── a value, or an error
//! ```
//!
//! A command returns a value and never prints; `output` decides how it looks, as text or as JSON, and
//! `exit` which number the process ends with.

mod commands;
mod context;
mod error;
mod exit;
mod follow;
mod input;
mod material;
mod output;
mod passphrase;
mod paths;
mod pipe;
mod save;
mod scopes;
mod sealed;
mod size;
mod wait;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, error::ErrorKind};

use self::{commands::Command, context::Context, error::Error, exit::Exit, output::Printer};

const EXAMPLES: &str = "\
Examples:
  airway up --detach
  airway pair --as bob
  airway send bob 'hello'";

/// Talk to other agents: permanent addresses, a way through NATs, mutual trust and ports
#[derive(Debug, Parser)]
#[command(
    name = "airway",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{}", exit::table()),
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Use the agent whose files lie in this directory [env: AIRWAY_HOME]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    home: Option<PathBuf>,
    /// Print JSON: one object, or one per line while following
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    run(&args).into()
}

fn run(args: &[OsString]) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(refusal) => return not_run(args, &refusal),
    };
    let context = Context::new(cli.global.home, Printer::new(cli.global.json, cli.global.quiet));
    let done = runtime(&cli.command).and_then(|runtime| runtime.block_on(cli.command.run(&context)));
    match done {
        Ok(()) => Exit::Done,
        Err(error) => context.printer.error(error.explain(&context)),
    }
}

/// Help and version, which clap hands over as errors, and wrong usage.
fn not_run(args: &[OsString], refusal: &clap::Error) -> Exit {
    let json = args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    let printer = Printer::new(json, false);
    match refusal.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printer.help(&refusal.render()) {
            Ok(()) => Exit::Done,
            Err(error) => printer.error(error),
        },
        _ => printer.error(Error::from_clap(refusal)),
    }
}

/// Two workers for the daemon; a command that only asks is quicker without.
fn runtime(command: &Command) -> Result<tokio::runtime::Runtime, Error> {
    let mut builder = if command.is_daemon() {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(DAEMON_WORKERS);
        builder
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build().map_err(|error| Error::internal(format!("cannot start a runtime: {error}")))
}

/// One for the swarm, one for everything else.
const DAEMON_WORKERS: usize = 2;
