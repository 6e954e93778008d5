//! `airway network export`

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    api::PassphraseRequest,
    cli::{
        Context, Error,
        output::{Output, View, clean},
        passphrase::Source,
        sealed,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway network export lab.age
  airway network export - --passphrase-file secret.txt > lab.age

Whoever has the file and the passphrase can let in and expel whom they like. The agent itself goes with
`airway identity export`.";

/// The file that is written if none is named.
const FILE: &str = "airway-network.age";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The file to write, or - for stdout
    #[arg(default_value = FILE, value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Write it even if there is such a file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    passphrase: Source,
}

/// The key of an authority, in a file.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    /// What the network is called.
    network: String,
    /// The file; none if it went to stdout.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// What would be in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

impl Output for Exported {
    fn text(&self, _view: &View) -> String {
        let (network, file) = (clean::line(&self.network), clean::line(self.file.as_deref().unwrap_or("-")));
        format!("exported the key of the authority of {network} to {file}")
    }

    fn payload(&self) -> Option<&[u8]> {
        self.sealed.as_deref().map(str::as_bytes)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(
            "keep it where no agent runs; `airway network import` on a member makes that the authority"
                .into(),
        )
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Exported, Error> {
    let client = context.client()?;
    sealed::check_room(&args.file, args.force)?;
    let passphrase = args.passphrase.new_one()?.text().to_owned();
    let exported = client.export_authority(&PassphraseRequest { passphrase }).await?;
    sealed::write(&args.file, args.force, exported.sealed.as_bytes())?;
    let to_stdout = sealed::is_stdio(&args.file);
    Ok(Exported {
        network: exported.network,
        file: (!to_stdout).then(|| args.file.display().to_string()),
        sealed: to_stdout.then_some(exported.sealed),
    })
}
