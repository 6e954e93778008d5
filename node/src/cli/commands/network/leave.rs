//! `airway network leave`

use super::shown::Changed;
use crate::{
    api::LeaveQuery,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway network leave
  airway network leave --abandon

The agent goes back to the backbone and to the address that it had there. Its contacts stay, and what it has stored.
It is a member no more, and takes a new invite to come back.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Leave although this home holds the key of the network's authority, which stays in it
    #[arg(long)]
    abandon: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let network = context.client()?.leave_network(&LeaveQuery { abandon: args.abandon }).await?;
    let mut next =
        "its contacts stay, and find it by themselves; whoever else has its old card or address does not. \
                    To come back takes a new invite"
            .to_owned();
    if network.authority {
        next.push_str(". The key of the authority stays in this home; whoever founds another network here needs it elsewhere");
    }
    Ok(Changed::new("left", network, next))
}
