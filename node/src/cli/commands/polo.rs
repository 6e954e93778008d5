//! `airway polo`: what receipts of tasks say about agents.

mod export;
mod import;
mod show;
mod verify;
mod why;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway polo
  airway polo why bob
  airway polo export receipts.polo
  airway polo verify receipts.polo theirs.polo";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Show only this agent: alias, name, address or card
    who: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show where the score of an agent comes from
    Why(why::Args),
    /// Write the receipts of this agent to a file that anybody can verify
    Export(export::Args),
    /// Check receipts that somebody has exported, without a daemon
    Verify(verify::Args),
    /// Take in receipts that another agent has exported
    Import(import::Args),
    /// Ask contacts for their receipts
    Pull(import::PullArgs),
}

impl Args {
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action {
            None => finish(context, show::run(self.who, context).await),
            Some(Action::Why(args)) => finish(context, why::run(args, context).await),
            Some(Action::Export(args)) => finish(context, export::run(args, context).await),
            Some(Action::Verify(args)) => verify::run(args, context),
            Some(Action::Import(args)) => finish(context, import::run(args, context).await),
            Some(Action::Pull(args)) => finish(context, import::pull(args, context).await),
        }
    }
}
