//! `airway pins`: which agent each address belongs to.

mod settle;

use clap::Subcommand;
use serde::Serialize;

use super::finish;
use crate::{
    api::Pin,
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway pins
  airway pins settle '0:0000.EB19.D348#foc5k3hjvu2rpbac'

An address belongs to the agent that was trusted there first. Another one that claims it is refused, until you settle
whose it is: ask both owners for their fingerprints.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give an address to the agent with this fingerprint
    Settle(settle::Args),
}

/// All of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Pins(Vec<Pin>);

impl Output for Pins {
    fn text(&self, view: &View) -> String {
        let mut lines = Vec::new();
        for pin in &self.0 {
            lines.push(format!("{}  since {}", clean::line(&pin.address), human::local(pin.since, view)));
            lines.extend(pin.claims.iter().map(|claim| {
                let name = claim.untrusted.name.as_ref();
                let name = name.map_or_else(String::new, |name| {
                    format!(", which calls itself \"{}\"", clean::line(name))
                });
                format!(
                    "  claimed by {}{name}, {}",
                    clean::line(&claim.address),
                    human::ago(claim.seen_at, view)
                )
            }));
        }
        lines.join("\n")
    }

    fn remark(&self, _view: &View) -> Option<String> {
        if self.0.is_empty() {
            return Some("no address belongs to anybody yet".into());
        }
        self.0.iter().any(|pin| !pin.claims.is_empty()).then(|| {
            "ask the owners for their fingerprints, then run `airway pins settle <address#fingerprint>` with that of the \
             right one"
                .into()
        })
    }
}

impl Args {
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        match self.action {
            Some(Action::Settle(args)) => finish(context, settle::run(args, context).await),
            None => finish(context, Ok(Pins(context.client()?.pins().await?))),
        }
    }
}
