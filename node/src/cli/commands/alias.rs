//! `airway alias`: a name of our own for another agent.

use super::contact::Changed;
use crate::{
    api::AliasRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway alias '0:0000.EB19.D348#foc5k3hjvu2rpbac' bob
  airway alias bob --clear";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// The new name
    #[arg(required_unless_present = "clear", conflicts_with = "clear")]
    alias: Option<String>,
    /// Remove the alias
    #[arg(long)]
    clear: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let done = if args.alias.is_some() { "renamed to" } else { "removed the alias of" };
    let request = AliasRequest { alias: args.alias };
    Ok(Changed::new(done, context.client()?.alias(&args.who, &request).await?))
}
