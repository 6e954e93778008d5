//! `airway outbox clear`

use serde::Serialize;

use crate::{
    api::{Cleared, OutboxClearQuery},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway outbox clear --failed
  airway outbox clear --to bob";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(required = true, multiple = false)]
pub(super) struct Args {
    /// Forget what was given up
    #[arg(long)]
    failed: bool,
    /// Take back what this agent is to get
    #[arg(long, value_name = "WHO")]
    to: Option<String>,
    /// Take back everything
    #[arg(long)]
    all: bool,
}

/// How much is gone.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Taken(Cleared);

impl Output for Taken {
    fn text(&self, _view: &View) -> String {
        format!("took {} out of the outbox", self.0.cleared)
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Taken, Error> {
    let query = OutboxClearQuery { to: args.to, failed: args.failed, all: args.all };
    Ok(Taken(context.client()?.clear_outbox(&query).await?))
}
