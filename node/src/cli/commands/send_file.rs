//! `airway send-file`: a file to a trusted agent.

use std::{path::PathBuf, time::Instant};

use serde::Serialize;

use super::outbox::follow::{self, Progress};
use crate::{
    api::{FileRequest, OutboxItem, State},
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
        wait::{Expiry, Wait},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway send-file bob report.pdf
  airway send-file bob model.bin --detach --expires 2days

It goes on by itself after any break, of the connection or of either daemon: see airway outbox.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent
    who: String,
    /// The file; it has to stay where it is, unchanged, until it has arrived
    #[arg(value_hint = clap::ValueHint::FilePath)]
    path: PathBuf,
    /// Return at once, and leave it to the daemon
    #[arg(short, long)]
    detach: bool,
    #[command(flatten)]
    expiry: Expiry,
    /// Use this UUID, so that the same file sent again is delivered once
    #[arg(long, value_name = "UUID")]
    id: Option<uuid::Uuid>,
    #[command(flatten)]
    wait: Wait,
}

/// A file, and how far it is.
#[derive(Debug, Serialize)]
pub(super) struct File {
    #[serde(flatten)]
    item: OutboxItem,
    /// Milliseconds that it was waited for.
    took_ms: u64,
}

impl Output for File {
    fn text(&self, _view: &View) -> String {
        let OutboxItem { id, to, file, size, state, reason, .. } = &self.item;
        let what = format!("{} ({})", clean::line(file.as_deref().unwrap_or_default()), human::size(*size));
        let (id, to) = (clean::line(id), clean::line(to));
        match state {
            State::Delivered => {
                let rate = human::size(size.saturating_mul(1000) / self.took_ms.max(1));
                format!("delivered {id}, {what}, to {to} at {rate}/s")
            }
            _ => match reason {
                Some(reason) => format!("waiting {id}, {what}, for {to}: {}", clean::line(reason)),
                None => format!("waiting {id}, {what}, for {to}"),
            },
        }
    }

    fn remark(&self, _view: &View) -> Option<String> {
        (self.item.state != State::Delivered).then(|| "it goes on by itself: see airway outbox".into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<File, Error> {
    let path = std::path::absolute(&args.path).map_err(|error| {
        Error::usage(format!("cannot find {}: {error}", args.path.display()), "name a file that is there")
    })?;
    let Some(path) = path.to_str().map(ToOwned::to_owned) else {
        return Err(Error::usage("the path is not UTF-8", "rename the file, or link to it"));
    };
    let id = args.id.map(|id| id.to_string());
    let request = FileRequest { to: args.who, path, id, expires_s: args.expiry.seconds() };
    let start = Instant::now();
    let mut item = context.client()?.send_file(&request).await?;
    if !args.detach {
        let Progress { state, sent, reason } = follow::until_settled(context, &item, args.wait).await?;
        (item.state, item.sent, item.reason) = (state, sent, reason);
    }
    Ok(File { item, took_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX) })
}
