//! `airway scope`: change what a trusted agent may do.

use super::contact::Changed;
use crate::{
    api::Scopes,
    cli::{
        Context, Error,
        scopes::{Expiry, Grant},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway scope bob --ports 1001,5000-5010
  airway scope bob --everything --expires 30days
  airway scope bob --ports none --publish 'builds/**'

What is not named it may not do from now on. What it has open is closed, and may be opened again within the new limits.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// Let it do everything
    #[arg(long, conflicts_with_all = ["ports", "publish", "subscribe", "submit"])]
    everything: bool,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    grant: Grant,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    // An end alone would let it do everything until then.
    if !args.everything && !args.grant.is_given() {
        let hint = "name it with --ports, --publish, --subscribe and --submit, or say --everything";
        return Err(Error::usage("it is not said what the agent may do", hint));
    }
    let scopes = args.grant.scopes(args.expiry.expires).unwrap_or_else(Scopes::everything);
    Ok(Changed::new("changed what is granted to", context.client()?.set_scopes(&args.who, &scopes).await?))
}
