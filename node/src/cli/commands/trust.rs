//! `airway trust`: let an agent in.

use std::io::{self, IsTerminal, Read};

use super::contact::Changed;
use crate::{
    api::TrustRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway trust \"$(cat bob.card)\" --as bob
  ssh bob airway card | airway trust - --as bob";

/// The longest text that is read in search of a card.
const CARD: u64 = 64 * 1024;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The contact card, or - to read it from stdin
    card: String,
    /// Give the agent this name
    #[arg(long = "as", value_name = "ALIAS")]
    alias: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let card = if args.card == "-" { read_card()? } else { args.card };
    let request = TrustRequest { card: card.trim().to_owned(), alias: args.alias };
    Ok(Changed::new("now trusting", context.client()?.trust(&request).await?))
}

fn read_card() -> Result<String, Error> {
    if io::stdin().is_terminal() {
        return Err(Error::usage("no card on stdin", "pipe a card into it, or give the card as argument"));
    }
    let mut card = String::new();
    io::stdin().take(CARD).read_to_string(&mut card).map_err(|error| {
        Error::usage(format!("cannot read a card from stdin: {error}"), "pipe a card into it")
    })?;
    Ok(card)
}
