//! `airway inbox save`

use std::path::PathBuf;

use serde::Serialize;

use super::item;
use crate::cli::{
    Context, Error,
    output::{Output, View, clean, human},
    save::{Source, beside, copy},
};

const EXAMPLES: &str = "\
Examples:
  airway inbox save 3
  airway inbox save 3 ~/Downloads
  airway inbox save 3 report.pdf";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Number of the message in the inbox, its id, or a unique beginning of that
    id: String,
    /// A directory, or the name of the copy; the current directory if left out
    #[arg(value_name = "DEST", default_value = ".")]
    to: PathBuf,
}

/// Where the copy lies.
#[derive(Debug, Serialize)]
pub(super) struct Saved {
    path: String,
    size: u64,
}

impl Output for Saved {
    fn text(&self, _view: &View) -> String {
        format!("saved {} ({})", clean::line(&self.path), human::size(self.size))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Saved, Error> {
    let message = context.client()?.message(&args.id).await?;
    let Some(file) = item::file(&message) else {
        let hint = format!("airway inbox show {} --raw writes it out", clean::line(&args.id));
        return Err(Error::usage("the message is not a file", hint));
    };
    let to = if args.to.is_dir() { args.to.join(&file.name) } else { args.to };
    let source = Source { path: file.path, blake3: file.blake3 };
    let (size, to) = beside(move || copy(&source, &to).map(|size| (size, to))).await?;
    Ok(Saved { path: to.display().to_string(), size })
}
