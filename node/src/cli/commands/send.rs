//! `airway send`: a message to a trusted agent.

use super::message::{Content, Delivered};
use crate::cli::{Context, Error};

const EXAMPLES: &str = "\
Examples:
  airway send bob 'hello'
  airway send bob --type json '{\"task\": 7}'
  airway send bob --type binary < image.png";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    #[command(flatten)]
    content: Content,
    /// Say that it answers the message with this id
    #[arg(long, value_name = "ID")]
    reply_to: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Delivered, Error> {
    let payload = args.content.payload()?;
    args.content.send(context, args.who, args.reply_to, payload).await
}
