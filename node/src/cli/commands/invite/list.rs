//! `airway invite list`

use serde::Serialize;

use crate::{
    api::{InviteItem, InviteState},
    cli::{
        Context, Error,
        commands::network::shown::roles,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway invite list
  airway invite list --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

/// Those that are good, and those that ended within the last day.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Invites(Vec<InviteItem>);

impl Output for Invites {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|invite| {
            let kind = roles(&invite.roles);
            [
                invite.id.clone(),
                state(invite.state).into(),
                invite.uses_left.map_or_else(|| "any".into(), |left| left.to_string()),
                if invite.ephemeral { format!("{kind}, comes and goes") } else { kind },
                human::ago(invite.created, view),
                human::local(invite.expires, view),
            ]
        });
        table(["ID", "STATE", "USES LEFT", "FOR", "MADE", "EXPIRES"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0
            .is_empty()
            .then(|| "this agent has made no invite that counts: `airway invite` makes one".into())
    }
}

fn state(state: InviteState) -> &'static str {
    match state {
        InviteState::Good => "good",
        InviteState::Used => "used up",
        InviteState::Expired => "expired",
        InviteState::Withdrawn => "withdrawn",
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Invites, Error> {
    Ok(Invites(context.client()?.invites().await?))
}
