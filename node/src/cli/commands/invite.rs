//! `airway invite`: let others into the network.

mod list;
mod make;
mod withdraw;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway invite
  airway invite --uses 10 --expires 7days
  airway invite --reusable --ephemeral --certificate-life 1h
  airway invite | ssh worker airway join -

Whoever has an invite is let in: hand it over where nobody else reads it. To be a member is not to be trusted, unless
the network was created so.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    make: make::Args,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the invites of this agent
    List(list::Args),
    /// Take an invite back
    Withdraw(withdraw::Args),
}

impl Args {
    /// Runs the action; without one, makes an invite.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action {
            None => finish(context, make::run(self.make, context).await),
            Some(Action::List(args)) => finish(context, list::run(args, context).await),
            Some(Action::Withdraw(args)) => finish(context, withdraw::run(args, context).await),
        }
    }
}
