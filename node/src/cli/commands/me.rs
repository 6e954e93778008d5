//! `airway me`: who this agent is.

use serde::Serialize;

use crate::{
    api::Me,
    cli::{
        Context, Error,
        output::{Output, View, layout::Fields},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway me
  airway me --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Our names, from the shortest to the longest.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Myself(Me);

impl Output for Myself {
    fn text(&self, _view: &View) -> String {
        Fields::default()
            .add_some("name", self.0.name.as_ref())
            .add("address", &self.0.address)
            .add("agent id", &self.0.agent_id)
            .add("peer id", &self.0.peer_id)
            .text()
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Myself, Error> {
    Ok(Myself(context.client()?.me().await?))
}
