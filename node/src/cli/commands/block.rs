//! `airway block`: hear nothing of an agent any more.

use super::request::Became;
use crate::{
    api::WhoRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway block '0:0000.EB19.D348#foc5k3hjvu2rpbac'
  airway block \"$(cat mallory.card)\"

Whatever there is with it ends: trust, and requests of either side. It is not told.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address, alias, name or card of the agent
    who: String,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Became, Error> {
    let request = WhoRequest { who: args.who };
    Ok(Became::new("blocked", context.client()?.block(&request).await?))
}
