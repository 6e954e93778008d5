//! `airway inbox list`

use serde::Serialize;

use super::item;
use crate::{
    api::{InboxItem, InboxQuery},
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway inbox list --from bob --limit 10";

/// Characters of a message that the list shows.
const PREVIEW: usize = 48;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub(super) struct Args {
    /// List only messages that nobody has read
    #[arg(long)]
    unread: bool,
    /// List only messages from this agent
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// List only messages that answer this one
    #[arg(long, value_name = "ID")]
    reply_to: Option<String>,
    /// List at most this many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// List only messages after this sequence number
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
}

/// Received messages, in the order of arrival.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Messages(Vec<InboxItem>);

impl Output for Messages {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|message| {
            [
                if message.read { "" } else { "*" }.into(),
                message.seq.to_string(),
                message.id.clone(),
                item::sender(message).to_owned(),
                human::ago(message.received_at, view),
                item::kind(message).into(),
                human::size(message.size),
                item::preview(message, PREVIEW),
            ]
        });
        table(["", "SEQ", "ID", "FROM", "RECEIVED", "TYPE", "SIZE", "MESSAGE"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "no messages: `airway inbox follow` waits for the next".into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Messages, Error> {
    let Args { unread, from, reply_to, limit, after } = args;
    let query = InboxQuery { after, limit, unread, from, reply_to };
    Ok(Messages(context.client()?.inbox(&query).await?))
}
