//! `airway identity`: take the agent elsewhere.

mod export;
mod import;

use clap::Subcommand;

use super::{finish, me};
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway identity
  airway identity export alice.age
  airway identity import alice.age";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the key, the name and the contacts to a file, sealed with a passphrase
    Export(export::Args),
    /// Make an empty home the home of the agent in such a file
    Import(import::Args),
}

impl Args {
    /// Runs the action; without one, shows who the agent is.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action {
            Some(Action::Export(args)) => finish(context, export::run(args, context)),
            Some(Action::Import(args)) => finish(context, import::run(args, context).await),
            None => me::Args::default().run(context).await,
        }
    }
}
