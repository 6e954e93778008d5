//! `airway outbox cancel`

use serde::Serialize;

use crate::{
    api::OutboxItem,
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway outbox cancel 3

What was on its way may arrive all the same.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Number in the outbox of what is to be taken back, its id, or a unique beginning of that
    id: String,
}

/// What was taken back.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Cancelled(OutboxItem);

impl Output for Cancelled {
    fn text(&self, _view: &View) -> String {
        let (id, to) = (clean::line(&self.0.id), clean::line(self.0.name.as_ref().unwrap_or(&self.0.to)));
        format!("cancelled {id} to {to}")
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Cancelled, Error> {
    Ok(Cancelled(context.client()?.cancel(&args.id).await?))
}
