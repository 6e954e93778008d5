//! `airway trusted`: who may talk to this agent, and how that came about.

mod list;
mod log;

use super::finish;
use crate::cli::{Context, Error, follow};

const EXAMPLES: &str = "\
Examples:
  airway trusted
  airway trusted --json
  airway trusted --log --limit 20 bob
  airway trusted --log --follow --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show what happened between this agent and others instead, oldest first
    #[arg(long)]
    log: bool,
    /// Print what happens as it does
    #[arg(short, long, requires = "log")]
    follow: bool,
    /// Show at most this many events, the newest [default: 100]
    #[arg(long, value_name = "COUNT", requires = "log", conflicts_with = "follow")]
    limit: Option<u32>,
    /// Show only events after this sequence number
    #[arg(long, value_name = "SEQ", requires = "log")]
    after: Option<u64>,
    #[command(flatten)]
    limits: follow::Limits,
    /// Show only what happened with this agent: alias, name, address or card
    #[arg(requires = "log")]
    who: Option<String>,
}

impl Args {
    /// Lists, or shows the log.
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        if self.log { log::run(self, context).await } else { finish(context, list::run(context).await) }
    }
}
