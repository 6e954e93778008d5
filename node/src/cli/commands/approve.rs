//! `airway approve`: trust an agent that has asked.

use super::contact::Changed;
use crate::{
    api::ApproveRequest,
    cli::{
        Context, Error,
        scopes::{Expiry, Grant},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway approve '0:0000.EB19.D348#foc5k3hjvu2rpbac' --as bob
  airway approve bob --ports 1001 --expires 30days";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address, name or card of the agent; names are strangers' words, fingerprints are not
    who: String,
    /// Give the agent this name
    #[arg(long = "as", value_name = "ALIAS")]
    alias: Option<String>,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    grant: Grant,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let scopes = args.grant.scopes(args.expiry.expires);
    let request = ApproveRequest { who: args.who, alias: args.alias, scopes };
    Ok(Changed::new("now trusting", context.client()?.approve(&request).await?))
}
