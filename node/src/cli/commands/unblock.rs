//! `airway unblock`: hear of a blocked agent again.

use super::request::Became;
use crate::{
    api::WhoRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway unblock '0:0000.EB19.D348#foc5k3hjvu2rpbac'

It is a stranger then, who may ask.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address, alias, name or card of the agent
    who: String,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Became, Error> {
    let request = WhoRequest { who: args.who };
    Ok(Became::new("unblocked", context.client()?.unblock(&request).await?))
}
