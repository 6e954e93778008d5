//! `airway outbox list`

use serde::Serialize;

use crate::{
    api::{Kind, OutboxItem, OutboxQuery, State},
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway outbox list --to bob --limit 10";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub(super) struct Args {
    /// List only what this agent is to get
    #[arg(long, value_name = "WHO")]
    to: Option<String>,
    /// List at most this many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// List only entries after this sequence number
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
}

/// What is on its way, in the order of queueing.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Items(Vec<OutboxItem>);

impl Output for Items {
    fn text(&self, view: &View) -> String {
        let rows = self.0.iter().map(|item| {
            [
                item.seq.to_string(),
                item.id.clone(),
                item.name.as_ref().unwrap_or(&item.to).clone(),
                human::ago(item.queued_at, view),
                what(item),
                human::size(item.size),
                state(item),
                item.reason.clone().unwrap_or_default(),
            ]
        });
        table(["SEQ", "ID", "TO", "QUEUED", "WHAT", "SIZE", "STATE", "REASON"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "nothing is on its way: all that was sent has arrived".into())
    }
}

fn what(item: &OutboxItem) -> String {
    match (&item.file, item.kind) {
        (Some(name), _) => name.clone(),
        (None, Kind::Text) => "text".into(),
        (None, Kind::Json) => "json".into(),
        (None, Kind::Binary | Kind::File) => "binary".into(),
    }
}

fn state(item: &OutboxItem) -> String {
    match item.state {
        State::Waiting => "waiting".into(),
        State::Sending if item.size > 0 => {
            format!("{} %", u128::from(item.sent) * 100 / u128::from(item.size))
        }
        State::Sending => "sending".into(),
        State::Delivered => "delivered".into(),
        State::Failed => "failed".into(),
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Items, Error> {
    let Args { to, limit, after } = args;
    Ok(Items(context.client()?.outbox(&OutboxQuery { after, limit, to }).await?))
}
