//! `airway pins settle`

use serde::Serialize;

use crate::{
    api::{Pin, WhoRequest},
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway pins settle '0:0000.EB19.D348#foc5k3hjvu2rpbac'";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The address with the fingerprint of the agent that it belongs to
    #[arg(value_name = "ADDRESS#FINGERPRINT")]
    who: String,
}

/// Whose it is now.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Settled(Pin);

impl Output for Settled {
    fn text(&self, _view: &View) -> String {
        format!("settled: the address is that of {}", clean::line(&self.0.address))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Settled, Error> {
    Ok(Settled(context.client()?.settle_pin(&WhoRequest { who: args.who }).await?))
}
