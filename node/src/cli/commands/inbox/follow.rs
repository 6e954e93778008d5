//! `airway inbox follow`

use serde::Serialize;

use super::item;
use crate::{
    api::{self, Code, InboxItem, InboxQuery},
    cli::{
        Context, Error,
        output::{Nothing, Output, View, clean, human},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway inbox follow
  airway inbox follow --from bob
  airway inbox follow --count 1 --timeout 30s --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// End after this many messages
    #[arg(long)]
    count: Option<u64>,
    /// Begin with the messages after this sequence number, instead of the next one to arrive
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Print only messages from this agent
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// Print only messages that answer this one
    #[arg(long, value_name = "ID")]
    reply_to: Option<String>,
    #[command(flatten)]
    wait: Wait,
}

/// A message that has just come.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Arrived(InboxItem);

/// Characters of a message that its line shows.
const PREVIEW: usize = 400;

impl Output for Arrived {
    fn text(&self, view: &View) -> String {
        let (seq, id, from) = (self.0.seq, clean::line(&self.0.id), clean::line(item::sender(&self.0)));
        let time = human::local(self.0.received_at, view);
        format!("{time}  {seq}  {id}  {from}: {}", item::preview(&self.0, PREVIEW))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    let Args { after, from, reply_to, .. } = args;
    let query = InboxQuery { after, from, reply_to, ..InboxQuery::default() };
    let follow = async {
        let mut arrivals = context.client()?.follow_inbox(&query).await?;
        let mut left = args.count;
        while left != Some(0) {
            let Some(message) = arrivals.next().await? else {
                return Err(api::Error::new(Code::NotRunning, "the daemon ended").into());
            };
            context.printer.item(&Arrived(message))?;
            left = left.map(|left| left - 1);
        }
        Ok(Nothing)
    };
    args.wait.bound("waiting for messages", follow).await
}
