//! `airway polo import` and `airway polo pull`: receipts of others.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    api::{PoloImportRequest, PoloImported, PoloPullRequest},
    cli::{
        Context, Error, material,
        output::{Output, View},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway polo import bob.polo";

const PULL: &str = "\
Examples:
  airway polo pull bob

A contact shows its receipts only if its settings say so: polo.share = true.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A file that `airway polo export` has written
    #[arg(value_hint = clap::ValueHint::FilePath)]
    path: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = PULL)]
pub(super) struct PullArgs {
    /// Alias, name, address or card of the contact
    who: String,
    #[command(flatten)]
    wait: Wait,
}

/// What was taken in.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Taken(PoloImported);

impl Output for Taken {
    fn text(&self, _view: &View) -> String {
        let receipts = if self.0.receipts == 1 { "receipt" } else { "receipts" };
        format!("{} {receipts}, {} of them new", self.0.receipts, self.0.new)
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Taken, Error> {
    let path = material::absolute(&args.path)?;
    Ok(Taken(context.client()?.import_polo(&PoloImportRequest { path }).await?))
}

pub(super) async fn pull(args: PullArgs, context: &Context) -> Result<Taken, Error> {
    let request = PoloPullRequest { who: args.who, timeout_ms: args.wait.millis() };
    Ok(Taken(context.client()?.pull_polo(&request).await?))
}
