//! `airway task complete`

use std::path::PathBuf;

use super::item::Done;
use crate::{
    api::{CompleteRequest, Material},
    cli::{Context, Error, material},
};

const EXAMPLES: &str = "\
Examples:
  airway task complete 0199f2c1-7a --result 'all green'
  airway task complete 0199f2c1-7a --file report.pdf
  make report | airway task complete 0199f2c1-7a --result -";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// The result, or - to read it from stdin
    #[arg(long, value_name = "TEXT", conflicts_with = "file", allow_hyphen_values = true)]
    result: Option<String>,
    /// A file that is the result; it is copied
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Do so only if this attempt is the last: the number that it was taken with
    #[arg(long)]
    attempt: Option<u32>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Done, Error> {
    // What was read from stdin may lie in a file, which goes with this.
    let mut read = None;
    let output = match (args.result, args.file) {
        (_, Some(path)) => Some(material::file(&path)?),
        (Some(text), None) if text == "-" => {
            read.insert(material::stdin("result").await?).material("result")?
        }
        (Some(text), None) => Some(Material::Text(text)),
        (None, None) => None,
    };
    let request = CompleteRequest { attempt: args.attempt, output };
    let done = context.client()?.complete_task(&args.id, &request).await?;
    drop(read);
    Ok(Done(done))
}
