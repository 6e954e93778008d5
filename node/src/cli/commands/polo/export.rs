//! `airway polo export`

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    api::PoloExportQuery,
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
        save,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway polo export receipts.polo
  airway polo export --with bob bob.polo

It names everybody that this agent has worked with: see who gets it. `airway polo verify` checks it anywhere.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The file to write; nothing is overwritten
    #[arg(value_hint = clap::ValueHint::FilePath)]
    path: PathBuf,
    /// Write only receipts of tasks with this agent: alias, name, address or card
    #[arg(long, value_name = "WHO")]
    with: Option<String>,
}

/// Where the receipts are.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    path: String,
    size: u64,
}

impl Output for Exported {
    fn text(&self, _view: &View) -> String {
        format!("exported {} ({})", clean::line(&self.path), human::size(self.size))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Exported, Error> {
    let Args { path, with } = args;
    let bytes = context.client()?.export_polo(&PoloExportQuery { with }).await?;
    let (size, shown) = (bytes.len() as u64, path.display().to_string());
    save::beside(move || save::write(&bytes, &path)).await?;
    Ok(Exported { path: shown, size })
}
