//! `airway untrust`: shut an agent out.

use super::contact::Changed;
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway untrust bob";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    Ok(Changed::new("no longer trusting", context.client()?.untrust(&args.who).await?))
}
