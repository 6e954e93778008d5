//! `airway network`: the private network that this agent is in.

mod create;
mod expel;
mod export;
mod import;
mod leave;
mod members;
pub(super) mod shown;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway network
  airway network create lab
  airway network members
  airway network expel ocr-1

A home is in one network at a time: in the open backbone, or in a private one that it has created or joined. Members
find each other and can ask each other for trust; nobody else sees that there is a network.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the network that this agent is in
    Show(shown::Args),
    /// Found a network, with this agent as its authority and first member
    Create(create::Args),
    /// List the members that are known here
    Members(members::Args),
    /// Leave the network
    Leave(leave::Args),
    /// End the membership of an agent, for good
    Expel(expel::Args),
    /// Write the key of the network's authority to a file, sealed with a passphrase
    Export(export::Args),
    /// Take in the key of the network's authority from such a file
    Import(import::Args),
}

impl Args {
    /// Runs the action; without one, shows.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action.unwrap_or(Action::Show(shown::Args {})) {
            Action::Show(args) => finish(context, shown::run(args, context).await),
            Action::Create(args) => finish(context, create::run(args, context).await),
            Action::Members(args) => finish(context, members::run(args, context).await),
            Action::Leave(args) => finish(context, leave::run(args, context).await),
            Action::Expel(args) => finish(context, expel::run(args, context).await),
            Action::Export(args) => finish(context, export::run(args, context).await),
            Action::Import(args) => finish(context, import::run(args, context).await),
        }
    }
}
