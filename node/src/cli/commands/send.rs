//! `airway send`: a message to a trusted agent.

use serde::Serialize;

use super::{
    inbox::item,
    message::{Accepted, Content},
};
use crate::{
    api::{self, Code, InboxItem, InboxQuery, Sent},
    cli::{
        Context, Error,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway send bob 'hello'
  airway send bob --type json '{\"task\": 7}'
  airway send bob --wait --timeout 5min 'which branch?'
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
    /// Wait for the reply, and print that
    #[arg(short, long = "wait")]
    reply: bool,
}

/// What was sent, or the reply to it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Outcome {
    Accepted(Accepted),
    Reply(Box<Reply>),
}

/// A message and the reply to it.
#[derive(Debug, Serialize)]
pub(super) struct Reply {
    #[serde(flatten)]
    sent: Sent,
    reply: InboxItem,
}

impl Output for Outcome {
    fn text(&self, view: &View) -> String {
        match self {
            Self::Accepted(sent) => sent.text(view),
            Self::Reply(reply) => item::body(&reply.reply),
        }
    }

    fn remark(&self, view: &View) -> Option<String> {
        match self {
            Self::Accepted(sent) => sent.remark(view),
            Self::Reply(_) => None,
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let payload = args.content.payload()?;
    let wait = args.content.wait();
    let sent = args.content.send(context, args.who, args.reply_to, payload);
    if !args.reply {
        return Ok(Outcome::Accepted(sent.await?));
    }
    let answered = async {
        let Accepted(sent) = sent.await?;
        context.printer.notice(&Accepted(sent.clone()));
        let reply = reply_to(context, &sent).await?;
        Ok(Outcome::Reply(Box::new(Reply { sent, reply })))
    };
    wait.bound("waiting for the reply", answered).await
}

/// The first reply to a message, from whom it was sent to; it counts as read.
async fn reply_to(context: &Context, sent: &Sent) -> Result<InboxItem, Error> {
    let client = context.client()?;
    let query = InboxQuery {
        after: Some(0),
        from: Some(sent.to.clone()),
        reply_to: Some(sent.id.clone()),
        ..InboxQuery::default()
    };
    let Some(reply) = client.follow_inbox(&query).await?.next().await? else {
        return Err(api::Error::new(Code::NotRunning, "the daemon ended while the reply was waited for")
            .hint("look for it with: airway inbox")
            .into());
    };
    Ok(client.message(&reply.seq.to_string()).await?)
}
