//! `airway trust`: ask an agent to trust this one, and promise the same.

use std::time::Duration;

use serde::Serialize;

use super::{contact::Changed, request::Became};
use crate::{
    api::{Standing, TrustRequest},
    cli::{
        Context, Error, input,
        output::{Output, View},
        scopes::{Expiry, Grant},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway trust \"$(cat bob.card)\" --as bob -m 'alice here: we build together'
  ssh bob airway card | airway trust - --as bob
  airway trust \"$(cat bob.card)\" --ports 1001,5000-5010 --expires 30days

Its owner has to approve, unless it has asked you already. Of an agent that is trusted, this takes the newer card,
and the name and the limits that are given. With a ticket use `airway pair`: nobody has to approve anything.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The contact card, or - to read it from stdin
    card: String,
    /// Say why, for its owner to read
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Give the agent this name
    #[arg(long = "as", value_name = "ALIAS")]
    alias: Option<String>,
    /// Let the request wait this long for an answer, up to 7 days [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    lapse: Option<Duration>,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    grant: Grant,
}

/// How it stands now.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum Asked {
    Trusted { contact: Changed },
    Requested { request: Became },
}

impl Output for Asked {
    fn text(&self, view: &View) -> String {
        match self {
            Self::Trusted { contact } => contact.text(view),
            Self::Requested { request } => request.text(view),
        }
    }

    fn remark(&self, view: &View) -> Option<String> {
        match self {
            Self::Trusted { contact } => contact.remark(view),
            Self::Requested { request } => request.remark(view),
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Asked, Error> {
    let request = TrustRequest {
        card: input::card(args.card)?,
        message: args.message,
        alias: args.alias,
        scopes: args.grant.scopes(args.expiry.expires),
        lapse_ms: args.lapse.map(|lapse| u64::try_from(lapse.as_millis()).unwrap_or(u64::MAX)),
    };
    let trust = context.client()?.trust(&request).await?;
    match (trust.state, trust.contact, trust.request) {
        (Standing::Trusted, Some(contact), _) => {
            Ok(Asked::Trusted { contact: Changed::new("now trusting", contact) })
        }
        (_, _, Some(request)) => {
            let request = Became::new("asked", request).next(
                "its owner has to approve: tell them your fingerprint, from `airway me`, and compare theirs. \
                 See `airway pending --all`; `airway untrust <who>` takes it back",
            );
            Ok(Asked::Requested { request })
        }
        _ => Err(Error::internal("the daemon has not said whom it means")),
    }
}
