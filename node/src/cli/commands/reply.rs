//! `airway reply`: an answer to whoever sent a message.

use super::message::{Accepted, Content};
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway reply 3 'thank you'
  airway reply 0199f2c4-31a7 --type json < answer.json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Number of the message in the inbox, its id, or a unique beginning of that
    message: String,
    #[command(flatten)]
    content: Content,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Accepted, Error> {
    let payload = args.content.payload()?;
    let original = context.client()?.message(&args.message).await?;
    args.content.send(context, original.from, Some(original.id), payload).await
}
