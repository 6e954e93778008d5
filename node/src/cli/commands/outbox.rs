//! `airway outbox`: what is on its way.

mod cancel;
mod clear;
pub(super) mod follow;
mod list;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway outbox
  airway outbox follow 3
  airway outbox cancel 3
  airway outbox clear --failed";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::Args,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what waits for its receiver and what was given up, in the order of queueing
    List(list::Args),
    /// Wait until something is delivered or given up
    Follow(follow::Args),
    /// Take something back that has not arrived yet
    Cancel(cancel::Args),
    /// Take several things back, or forget what was given up
    Clear(clear::Args),
}

impl Args {
    /// Runs the action; without one, lists.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action.unwrap_or(Action::List(self.list)) {
            Action::List(args) => finish(context, list::run(args, context).await),
            Action::Follow(args) => finish(context, follow::run(args, context).await),
            Action::Cancel(args) => finish(context, cancel::run(args, context).await),
            Action::Clear(args) => finish(context, clear::run(args, context).await),
        }
    }
}
