//! `airway inbox clear`

use serde::Serialize;

use crate::{
    api::{ClearQuery, Cleared},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway inbox clear 3 4
  airway inbox clear --read

Received files go with their messages: keep one with airway inbox save.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(required = true, multiple = false)]
pub(super) struct Args {
    /// Forget the messages with these numbers, ids, or unique beginnings of ids
    ids: Vec<String>,
    /// Forget all that were read
    #[arg(long)]
    read: bool,
    /// Forget all, read or not
    #[arg(long)]
    all: bool,
}

/// What is gone.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Forgotten(Cleared);

impl Output for Forgotten {
    fn text(&self, _view: &View) -> String {
        match self.0.cleared {
            1 => "forgot 1 message".into(),
            count => format!("forgot {count} messages"),
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Forgotten, Error> {
    let ids = (!args.ids.is_empty()).then(|| args.ids.join(","));
    let query = ClearQuery { ids, read: args.read, all: args.all };
    Ok(Forgotten(context.client()?.clear(&query).await?))
}
