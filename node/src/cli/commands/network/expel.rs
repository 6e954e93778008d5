//! `airway network expel`

use serde::Serialize;

use crate::{
    api::{Member, WhoRequest},
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway network expel ocr-1
  airway network expel '4242:1092.EB19.D348#foc5k3hjvu2rpbac'

It takes the key of the network's authority. An agent that was expelled does not come back.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Name in the network, alias or address of the member
    who: String,
}

/// Who is a member no more.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Expelled(Member);

impl Output for Expelled {
    fn text(&self, _view: &View) -> String {
        let address = clean::line(&self.0.address);
        match &self.0.name {
            Some(name) => format!("expelled {} ({address})", clean::line(name)),
            None => format!("expelled {address}"),
        }
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(
            "members that are connected hear of it at once and cut it off, the others from the next member that they \
             meet. Whoever trusts it goes on doing so: see `airway untrust <who>`"
                .into(),
        )
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Expelled, Error> {
    Ok(Expelled(context.client()?.expel(&WhoRequest { who: args.who }).await?))
}
