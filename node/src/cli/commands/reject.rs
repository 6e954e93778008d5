//! `airway reject`: turn down an agent that has asked.

use super::request::Became;
use crate::{
    api::RejectRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway reject bob
  airway reject bob --tell -m 'please use the address of our team'

Without --tell the other hears nothing, as if you were away. It may ask again: `airway block` ends that.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address, name or card of the agent
    who: String,
    /// Let it know
    #[arg(long)]
    tell: bool,
    /// Say why
    #[arg(short = 'm', long = "message", value_name = "TEXT", requires = "tell")]
    reason: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Became, Error> {
    let Args { who, tell, reason } = args;
    let done = if tell { "turned down, and told so:" } else { "turned down, without a word:" };
    let request = RejectRequest { who, tell, reason };
    Ok(Became::new(done, context.client()?.reject(&request).await?))
}
