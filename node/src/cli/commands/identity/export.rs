//! `airway identity export`

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    api,
    bundle::Bundle,
    cli::{
        Context, Error,
        output::{Output, View, clean},
        passphrase::Source,
        sealed,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway identity export alice.age
  airway identity export - --passphrase-file secret.txt | ssh new airway identity import -";

/// The file that is written if none is named.
const FILE: &str = "airway-identity.age";

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

/// An agent that can be carried.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    /// Full address.
    address: String,
    /// How many go along.
    contacts: usize,
    /// The file; none if it went to stdout.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// What would be in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<String>,
}

impl Output for Exported {
    fn text(&self, _view: &View) -> String {
        let (address, file) = (clean::line(&self.address), clean::line(self.file.as_deref().unwrap_or("-")));
        let contacts = if self.contacts == 1 { "contact" } else { "contacts" };
        format!("exported {address} with {} {contacts} to {file}", self.contacts)
    }

    fn payload(&self) -> Option<&[u8]> {
        self.bundle.as_deref().map(str::as_bytes)
    }
}

/// What the owner has to know.
#[derive(Debug, Serialize)]
struct Advice {
    warning: &'static str,
}

impl Output for Advice {
    fn text(&self, _view: &View) -> String {
        format!("warning: {}", self.warning)
    }
}

const ADVICE: Advice = Advice {
    warning: "run one copy at a time: stop this daemon before the other starts. Whoever has the file and the \
              passphrase is the agent; inbox, outbox, tickets and invites stay here",
};

pub(super) fn run(args: Args, context: &Context) -> Result<Exported, Error> {
    let home = context.paths()?.home;
    sealed::check_room(&args.file, args.force)?;
    let bundle = Bundle::of(&home).map_err(api::Error::from)?;
    let passphrase = args.passphrase.new_one()?;
    let sealed = bundle.seal(&passphrase).map_err(api::Error::from)?;
    let address = bundle.identity.endpoint().map_err(crate::bundle::Error::from).map_err(api::Error::from)?;
    sealed::write(&args.file, args.force, &sealed)?;
    context.printer.notice(&ADVICE);
    let to_stdout = sealed::is_stdio(&args.file);
    Ok(Exported {
        address: address.to_string(),
        contacts: bundle.trust.contacts.len(),
        file: (!to_stdout).then(|| args.file.display().to_string()),
        bundle: to_stdout.then(|| String::from_utf8_lossy(&sealed).into_owned()),
    })
}
