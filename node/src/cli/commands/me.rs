//! `airway me`: who this agent is.

mod set;
mod shown;

use clap::Subcommand;

use super::finish;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway me
  airway me --json
  airway me set name ocr-1
  airway me set tags ocr translate";

#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Change what others find of this agent
    Set(set::Args),
}

impl Args {
    /// Runs the action; without one, shows.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action {
            Some(Action::Set(args)) => finish(context, set::run(args, context).await),
            None => finish(context, shown::run(context).await),
        }
    }
}
