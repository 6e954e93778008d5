//! `airway inbox`: what other agents have sent.

mod clear;
mod follow;
pub(super) mod item;
mod list;
mod save;
mod show;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway inbox show 3
  airway inbox save 4 ~/Downloads
  airway inbox follow --count 1 --json
  airway inbox clear --read";

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
    /// List received messages, oldest first
    List(list::Args),
    /// Show one message, which counts as read from then on
    Show(show::Args),
    /// Copy a received file to where you want it
    Save(save::Args),
    /// Print messages as they arrive
    Follow(follow::Args),
    /// Forget messages
    Clear(clear::Args),
}

impl Args {
    /// Runs the action; without one, lists.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action.unwrap_or(Action::List(self.list)) {
            Action::List(args) => finish(context, list::run(args, context).await),
            Action::Show(args) => finish(context, show::run(args, context).await),
            Action::Save(args) => finish(context, save::run(args, context).await),
            Action::Follow(args) => finish(context, follow::run(args, context).await),
            Action::Clear(args) => finish(context, clear::run(args, context).await),
        }
    }
}
