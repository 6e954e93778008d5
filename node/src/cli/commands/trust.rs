//! `airway trust`: ask an agent to trust this one, and promise the same.

use std::time::Duration;

use serde::Serialize;

use super::{contact::Changed, request::Became};
use crate::{
    api::{Layer, Standing, TrustRequest},
    cli::{
        Context, Error, input,
        output::{Output, View},
        scopes::{Expiry, Grant},
        wait::{Wait, millis},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway trust \"$(cat bob.card)\" --as bob -m 'alice here: we build together'
  ssh bob airway card | airway trust - --as bob
  airway trust ocr-1 -m 'for the scans of today'
  airway trust \"$(cat bob.card)\" --ports 1001,5000-5010 --expires 30days

Its owner has to approve, unless it has asked you already. Of an agent that is trusted, this takes the newer card,
and the name and the limits that are given. With a ticket use `airway pair`: nobody has to approve anything.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The contact card, or - to read it from stdin; or the name or address of an agent that `airway find` finds
    who: String,
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
    wait: Wait,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    grant: Grant,
}

/// Who was asked, and how it stands now.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    #[serde(flatten)]
    outcome: Outcome,
    /// Whose word it is that this is the agent, if it was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<Layer>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Outcome {
    Trusted { contact: Changed },
    Requested { request: Became },
}

impl Output for Asked {
    fn text(&self, view: &View) -> String {
        match &self.outcome {
            Outcome::Trusted { contact } => contact.text(view),
            Outcome::Requested { request } => request.text(view),
        }
    }

    fn remark(&self, view: &View) -> Option<String> {
        let next = match &self.outcome {
            Outcome::Trusted { contact } => contact.remark(view),
            Outcome::Requested { request } => request.remark(view),
        };
        let parts: Vec<String> =
            self.layer.and_then(vouched).map(Into::into).into_iter().chain(next).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What the name is worth by which an agent was found; nothing has to be said of one that we know.
fn vouched(layer: Layer) -> Option<&'static str> {
    match layer {
        Layer::Network => Some("the network's authority says that it is called so"),
        Layer::Claim => Some("that it is called so is its own word alone"),
        Layer::Alias | Layer::Contact | Layer::Card => None,
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Asked, Error> {
    let request = TrustRequest {
        who: input::card(args.who)?,
        message: args.message,
        alias: args.alias,
        scopes: args.grant.scopes(args.expiry.expires),
        lapse_ms: args.lapse.map(millis),
        timeout_ms: args.wait.millis(),
    };
    let trust = context.client()?.trust(&request).await?;
    match (trust.state, trust.contact, trust.request) {
        (Standing::Trusted, Some(contact), _) => {
            let outcome = Outcome::Trusted { contact: Changed::new("now trusting", contact) };
            Ok(Asked { outcome, layer: trust.layer })
        }
        (_, _, Some(request)) => {
            let request = Became::new("asked", request).next(
                "its owner has to approve: tell them your fingerprint, from `airway me`, and compare theirs. \
                 See `airway pending --all`; `airway untrust <who>` takes it back",
            );
            Ok(Asked { outcome: Outcome::Requested { request }, layer: trust.layer })
        }
        _ => Err(Error::internal("the daemon has not said whom it means")),
    }
}
