//! `airway untrust`: shut an agent out, or take a request back.

use super::request::Became;
use crate::{
    api::UntrustQuery,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway untrust bob
  airway untrust bob -m 'this key is retired'

The other is told, and may ask again: `airway block` ends that.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// Say why, for its owner to read
    #[arg(short = 'm', long = "message", value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Became, Error> {
    let query = UntrustQuery { reason: args.reason };
    Ok(Became::new("no longer trusting", context.client()?.untrust(&args.who, &query).await?))
}
