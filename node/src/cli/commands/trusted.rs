//! `airway trusted`: who may talk to this agent.

use serde::Serialize;

use crate::{
    api::Contact,
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway trusted
  airway trusted --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// The trust list.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Contacts(Vec<Contact>);

impl Output for Contacts {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|contact| {
            [
                contact.alias.clone().unwrap_or_default(),
                contact.name.clone().unwrap_or_default(),
                contact.address.clone(),
                human::ago(contact.trusted_at, view),
                match (contact.connected, contact.last_used) {
                    (true, _) => "connected".into(),
                    (false, Some(used)) => human::ago(used, view),
                    (false, None) => "never".into(),
                },
            ]
        });
        table(["ALIAS", "NAME", "ADDRESS", "TRUSTED", "SEEN"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "nobody is trusted yet: get a card and run `airway trust <card>`".into())
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Contacts, Error> {
    Ok(Contacts(context.client()?.contacts().await?))
}
