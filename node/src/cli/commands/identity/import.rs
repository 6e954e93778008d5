//! `airway identity import`

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    api,
    bundle::{self, Bundle, MAX_FILE},
    cli::{
        Context, Error,
        output::{Output, View, clean},
        passphrase::Source,
        sealed,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway identity import alice.age
  airway --home /srv/alice identity import - --passphrase-file secret.txt < alice.age";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The file that was exported, or - for stdin
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    passphrase: Source,
}

/// An agent in its new home.
#[derive(Debug, Serialize)]
pub(super) struct Imported {
    /// Full address, the same as before.
    address: String,
    /// What it calls itself.
    name: Option<String>,
    /// How many came along.
    contacts: usize,
    /// Where it lives now.
    home: String,
    #[serde(skip)]
    up: String,
}

impl Output for Imported {
    fn text(&self, _view: &View) -> String {
        let (address, home) = (clean::line(&self.address), clean::line(&self.home));
        let contacts = if self.contacts == 1 { "contact" } else { "contacts" };
        format!("imported {address} with {} {contacts} into {home}", self.contacts)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(format!("stop the agent where it came from, then run `{}`", clean::line(&self.up)))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Imported, Error> {
    let home = context.paths()?.home;
    // Told before anybody types a passphrase for nothing; looked at again under the lock.
    Bundle::check_room(&home).map_err(api::Error::from)?;
    let sealed = sealed::read(&args.file, MAX_FILE, "name a file that airway identity export has written")?;
    let passphrase = args.passphrase.known()?;
    let bundle = Bundle::open(&sealed, &passphrase).map_err(api::Error::from)?;
    bundle.install(&home).await.map_err(api::Error::from)?;
    let address = bundle.identity.endpoint().map_err(bundle::Error::from).map_err(api::Error::from)?;
    Ok(Imported {
        address: address.to_string(),
        name: bundle.name,
        contacts: bundle.trust.contacts.len(),
        home: home.root().display().to_string(),
        up: context.up_command(),
    })
}
