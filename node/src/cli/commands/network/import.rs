//! `airway network import`

use std::path::PathBuf;

use super::shown::Changed;
use crate::{
    api::ImportRequest,
    cli::{Context, Error, passphrase::Source, sealed},
};

const EXAMPLES: &str = "\
Examples:
  airway network import lab.age
  airway network import - --passphrase-file secret.txt < lab.age";

/// Most bytes read of an exported key, which takes less than one thousand.
const MAX_FILE: u64 = 16 * 1024;

const HINT: &str = "name a file that airway network export has written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The file that was exported, or - for stdin
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    passphrase: Source,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let client = context.client()?;
    let sealed = String::from_utf8(sealed::read(&args.file, MAX_FILE, HINT)?)
        .map_err(|_| Error::usage(format!("{} is no text", args.file.display()), HINT))?;
    let passphrase = args.passphrase.known()?.text().to_owned();
    let network = client.import_authority(&ImportRequest { sealed, passphrase }).await?;
    let next = "it can expel members now, and let others in: run it in one home at a time, since two authorities do not \
                know of each other's decisions";
    Ok(Changed::new("holding the key of the authority of", network, next))
}
