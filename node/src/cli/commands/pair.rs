//! `airway pair`: two agents that trust each other at once, by a ticket.

mod make;
mod redeem;

use std::time::Duration;

use super::finish;
use crate::cli::{Context, Error, scopes::Grant, wait::Wait};

const EXAMPLES: &str = "\
Examples:
  airway pair --as laptop
  airway pair 'airway-pair:…' --as server
  airway pair --no-wait | ssh server airway pair -
  airway pair --confirm --expires 1day --ports 1001

A ticket is good for one agent. Whoever has it is let in: hand it over where nobody else reads it. With --confirm
the one who uses it still has to be approved.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The ticket to use, or - to read it from stdin; without it, make one and wait until it is used
    ticket: Option<String>,
    /// Give the other agent this name
    #[arg(long = "as", value_name = "ALIAS")]
    alias: Option<String>,
    /// Let the ticket be good for this long, up to 7 days [default: 10min]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, conflicts_with = "ticket")]
    expires: Option<Duration>,
    /// Have whoever uses the ticket wait for your approval
    #[arg(long, conflicts_with = "ticket")]
    confirm: bool,
    /// Print the ticket and leave it at that
    #[arg(long, conflicts_with = "ticket")]
    no_wait: bool,
    /// End the trust after this long, as in 12h or 30days
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    trust_expires: Option<Duration>,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    grant: Grant,
}

impl Args {
    /// Uses the ticket; without one, makes it.
    pub(super) async fn run(mut self, context: &Context) -> Result<(), Error> {
        match self.ticket.take() {
            Some(ticket) => finish(context, redeem::run(ticket, self, context).await),
            None if self.wait.timeout.is_some() => {
                let hint = "choose how long the ticket is good, and waited for, with --expires";
                Err(Error::usage("--timeout is for using a ticket", hint))
            }
            None => make::run(self, context).await,
        }
    }
}
