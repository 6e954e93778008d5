//! `airway network create`

use super::shown::Changed;
use crate::{
    api::CreateRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway network create lab
  airway network create fleet --trust-members
  airway network create test --number 77

The agent's address begins with another number from then on; its key, its contacts and what it has stored stay.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What to call it: lower-case letters, digits and inner hyphens
    name: String,
    /// Let members trust each other because they are members; it cannot be changed later
    #[arg(long)]
    trust_members: bool,
    /// Begin the addresses of its members with this number [default: drawn at random]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=65_534))]
    number: Option<u16>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Changed, Error> {
    let Args { name, trust_members, number } = args;
    let network = context.client()?.create_network(&CreateRequest { name, trust_members, number }).await?;
    let next = "let others in with `airway invite`. The key of the network's authority is in this home alone: keep a \
                copy, with `airway network export`";
    Ok(Changed::new("created", network, next))
}
