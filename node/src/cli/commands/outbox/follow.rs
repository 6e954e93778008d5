//! `airway outbox follow`: waits for the end of something that is on its way.

use serde::Serialize;

use crate::{
    api::{self, Code, OutboxEvent, OutboxItem, State},
    cli::{
        Context, Error,
        output::{Bar, Output, View, clean, human},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway outbox follow 3 --timeout 10min";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Number in the outbox of what is on its way, its id, or a unique beginning of that
    id: String,
    #[command(flatten)]
    wait: Wait,
}

/// It has arrived.
#[derive(Debug, Serialize)]
pub(super) struct Arrived {
    id: String,
    state: State,
    size: u64,
}

impl Output for Arrived {
    fn text(&self, _view: &View) -> String {
        format!("delivered {} ({})", clean::line(&self.id), human::size(self.size))
    }
}

/// How far something is.
#[derive(Debug)]
pub(in crate::cli::commands) struct Progress {
    pub(in crate::cli::commands) state: State,
    pub(in crate::cli::commands) sent: u64,
    pub(in crate::cli::commands) reason: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Arrived, Error> {
    let Args { id, wait } = args;
    let following = async {
        let mut events = context.client()?.follow_outbox(&id).await?;
        let bar = context.printer.bar();
        loop {
            let event = next(&mut events).await?;
            show(&bar, &event);
            match event.state {
                State::Delivered => {
                    return Ok(Arrived { id: event.id, state: State::Delivered, size: event.size });
                }
                State::Failed => return Err(failure(event)),
                State::Waiting | State::Sending => {}
            }
        }
    };
    wait.bound("waiting for it to arrive", following).await
}

/// Follows a file that was just queued, until it has arrived, its receiver turns out to be away, or the time is over.
/// A receiver that refuses it ends the waiting, and takes the file out of the outbox.
pub(in crate::cli::commands) async fn until_settled(
    context: &Context,
    item: &OutboxItem,
    wait: Wait,
) -> Result<Progress, Error> {
    let client = context.client()?;
    // Its place: the same id may be on its way to somebody else as well.
    let place = item.seq.to_string();
    let mut events = match client.follow_outbox(&place).await {
        Ok(events) => events,
        // It was so small that it has arrived meanwhile.
        Err(error) if error.code == Code::NotFound => {
            return Ok(Progress { state: State::Delivered, sent: item.size, reason: None });
        }
        Err(error) => return Err(error.into()),
    };
    let bar = context.printer.bar();
    let mut last = Progress { state: item.state, sent: 0, reason: None };
    let following = async {
        loop {
            let event = next(&mut events).await?;
            show(&bar, &event);
            last = Progress {
                state: event.state,
                sent: event.sent,
                reason: event.reason.as_ref().map(|reason| reason.message.clone()),
            };
            match (event.state, event.reason.as_ref().map(|reason| reason.code)) {
                (State::Delivered, _) | (State::Waiting, Some(Code::Unreachable)) => return Ok(()),
                (State::Failed, _) => return Err(failure(event)),
                (State::Waiting, Some(Code::NotTrusted | Code::PortClosed | Code::Quota)) => {
                    client.cancel(&place).await?;
                    return Err(failure(event));
                }
                (State::Waiting | State::Sending, _) => {}
            }
        }
    };
    match wait.timeout {
        None => following.await?,
        // Not in time is no failure: it goes on.
        Some(limit) => tokio::time::timeout(limit, following).await.unwrap_or(Ok(()))?,
    }
    Ok(last)
}

async fn next(events: &mut api::client::Follow<OutboxEvent>) -> Result<OutboxEvent, Error> {
    let ended = || {
        api::Error::new(Code::NotRunning, "the daemon ended")
            .hint("what is in the outbox goes on when it runs again: see airway outbox")
    };
    Ok(events.next().await?.ok_or_else(ended)?)
}

fn show(bar: &Bar, event: &OutboxEvent) {
    let words = match (&event.state, &event.reason) {
        (State::Waiting, Some(reason)) => reason.message.clone(),
        _ => format!("{} of {}", human::size(event.sent), human::size(event.size)),
    };
    bar.show("sending", event.sent, event.size.max(1), words);
}

fn failure(event: OutboxEvent) -> Error {
    event.reason.unwrap_or_else(|| api::Error::new(Code::Conflict, "it was given up")).into()
}
