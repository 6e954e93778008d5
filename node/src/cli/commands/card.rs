//! `airway card`: what another agent needs to reach and trust this one.

use serde::Serialize;

use crate::{
    api::CardText,
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway card
  airway card > alice.card";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// The card alone on stdout, so that it can be piped.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Card(CardText);

impl Output for Card {
    fn text(&self, _view: &View) -> String {
        clean::line(&self.0.card)
    }

    fn remark(&self, view: &View) -> Option<String> {
        view.terminal.then(|| {
            "hand it to another agent, which runs `airway trust <card>`; then see `airway pending` here. Who it is \
             shows in its fingerprint: compare"
                .into()
        })
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Card, Error> {
    Ok(Card(context.client()?.card().await?))
}
