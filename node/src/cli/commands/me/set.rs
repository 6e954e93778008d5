//! `airway me set`

use clap::Subcommand;

use super::shown::Myself;
use crate::{
    api::ProfileRequest,
    cli::{Context, Error},
};

const EXAMPLES: &str = "\
Examples:
  airway me set name ocr-1
  airway me set name --clear
  airway me set tags ocr translate
  airway me set tags --clear";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Set the name on the contact card and in the network
    Name {
        /// The name: lower-case letters, digits and inner hyphens
        #[arg(required_unless_present = "clear")]
        name: Option<String>,
        /// Have no name
        #[arg(long, conflicts_with = "name")]
        clear: bool,
    },
    /// Say what this agent can do, for others who look for that
    Tags {
        /// One to three words of lower-case letters, digits and inner hyphens, in place of those before
        #[arg(required_unless_present = "clear")]
        tags: Vec<String>,
        /// Have no tags
        #[arg(long, conflicts_with = "tags")]
        clear: bool,
    },
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Myself, Error> {
    let request = match args.what {
        What::Name { name, .. } => ProfileRequest { name: Some(name), ..ProfileRequest::default() },
        What::Tags { tags, .. } => ProfileRequest { tags: Some(tags), ..ProfileRequest::default() },
    };
    Ok(Myself(context.client()?.set_profile(&request).await?))
}
