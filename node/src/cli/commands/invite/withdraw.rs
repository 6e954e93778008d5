//! `airway invite withdraw`

use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use crate::cli::{
    Context, Error,
    output::{Output, View, clean},
};

const EXAMPLES: &str = "\
Examples:
  airway invite withdraw 5f0c6f7e9d2b41c88e3f1a2b3c4d5e6f

Who has joined by it stays a member: see `airway network expel`.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The id of the invite, from `airway invite list`
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    id: String,
}

/// What nobody can use any more.
#[derive(Debug, Serialize)]
pub(super) struct Withdrawn {
    id: String,
}

impl Output for Withdrawn {
    fn text(&self, _view: &View) -> String {
        format!("withdrawn {}: nobody can join by it any more", clean::line(&self.id))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Withdrawn, Error> {
    context.client()?.withdraw_invite(&args.id).await?;
    Ok(Withdrawn { id: args.id })
}
