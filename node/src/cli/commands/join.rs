//! `airway join`: become a member of a network.

use super::network::shown::Changed;
use crate::{
    api::JoinRequest,
    cli::{Context, Error, input, wait::Wait},
};

const EXAMPLES: &str = "\
Examples:
  airway join 'airway-net:…'
  airway join - --name ocr-1 < invite.txt
  ssh founder airway invite | airway join -

With - the invite does not stand in the history of the shell. In AIRWAY_INVITE, `airway up` uses it by itself.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The invite, or - to read it from stdin
    invite: String,
    /// Be called this in the network [default: the name of this agent]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    wait: Wait,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let request =
        JoinRequest { invite: input::invite(args.invite)?, name: args.name, timeout_ms: args.wait.millis() };
    let network = context.client()?.join(&request).await?;
    let called = match &network.member_name {
        Some(name) => format!("the others call it \"{name}\""),
        None => "it has no name there: `airway me set name <name>` gives it one".into(),
    };
    let trust = if network.trust_members {
        "; members trust each other, as soon as one looks for the other"
    } else {
        "; ask members for trust with `airway trust <name>`"
    };
    Ok(Changed::new("joined", network, called + trust))
}
