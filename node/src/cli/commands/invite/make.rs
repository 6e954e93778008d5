//! `airway invite`: make one.

use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    api::{Invite, InviteRequest, Role},
    cli::{
        Context, Error,
        commands::network::shown::roles,
        output::{Output, View, clean, human},
        wait::millis,
    },
};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// Let this many agents use it [default: 1]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    uses: Option<u32>,
    /// Let any number of agents use it
    #[arg(long, conflicts_with = "uses")]
    reusable: bool,
    /// Let it be good for this long, up to 365 days [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires: Option<Duration>,
    /// Let those who join be this besides; may be repeated
    #[arg(long = "role", value_name = "ROLE", value_enum)]
    roles: Vec<RoleArg>,
    /// Let their certificates be good for this long between renewals [default: 30days, 1h with --ephemeral]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    certificate_life: Option<Duration>,
    /// Let those who join leave when their daemon ends
    #[arg(long)]
    ephemeral: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleArg {
    /// A relay for the other members
    Relay,
    /// Lets others in, too
    Inviter,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Relay => Self::Relay,
            RoleArg::Inviter => Self::Inviter,
        }
    }
}

/// An invite that is good.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Made(Invite);

impl Output for Made {
    fn text(&self, _view: &View) -> String {
        clean::line(&self.0.invite)
    }

    fn remark(&self, view: &View) -> Option<String> {
        let Invite { network, expires, uses, ephemeral, id, .. } = &self.0;
        let until = human::local(*expires, view);
        let many = match uses {
            Some(1) => "one agent".into(),
            Some(uses) => format!("{uses} agents"),
            None => "any number of agents".into(),
        };
        let roles = match self.0.roles.as_slice() {
            [] => String::new(),
            some => format!(" as {}", roles(some)),
        };
        let leaves = if *ephemeral { ", until its daemon ends" } else { "" };
        Some(format!(
            "good until {until} for {many} to join {}{roles}{leaves}, by: airway join '<invite>'. Take it back with: \
             airway invite withdraw {}",
            clean::line(network),
            clean::line(id),
        ))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Made, Error> {
    let request = InviteRequest {
        uses: args.uses,
        reusable: args.reusable,
        expires_ms: args.expires.map(millis),
        roles: args.roles.into_iter().map(Into::into).collect(),
        certificate_life_ms: args.certificate_life.map(millis),
        ephemeral: args.ephemeral,
    };
    Ok(Made(context.client()?.invite(&request).await?))
}
