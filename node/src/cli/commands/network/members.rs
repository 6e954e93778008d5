//! `airway network members`

use serde::Serialize;

use super::shown::roles;
use crate::{
    api::{Member, Membership},
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway network members
  airway network members --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

/// Those that are known here.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Members(Vec<Member>);

impl Output for Members {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|member| {
            [
                member.name.clone().unwrap_or_default(),
                member.address.clone(),
                roles(&member.roles),
                standing(member, view),
                seen(member, view),
                if member.serves { "yes".into() } else { String::new() },
            ]
        });
        table(["NAME", "ADDRESS", "ROLES", "MEMBERSHIP", "SEEN", "DIRECTORY"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        let is_alone = self.0.iter().all(|member| member.own);
        is_alone.then(|| "no other member is known here yet: `airway invite` lets others in".into())
    }
}

/// When it last proved to be a member.
fn seen(member: &Member, view: &View) -> String {
    match member.seen {
        _ if member.own => "this agent".into(),
        _ if member.connected => "connected".into(),
        Some(seen) => human::ago(seen, view),
        None => "never".into(),
    }
}

/// How it stands, and until when.
fn standing(member: &Member, view: &View) -> String {
    let until = human::local(member.expires, view);
    match member.membership {
        Membership::Member | Membership::NotYet => format!("until {until}"),
        Membership::Expired => format!("expired {until}"),
        Membership::Left => "left".into(),
        Membership::Expelled => "expelled".into(),
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Members, Error> {
    Ok(Members(context.client()?.members().await?))
}
