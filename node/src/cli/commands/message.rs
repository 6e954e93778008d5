//! What is put into a message, for the commands that send one.

use std::io::{self, IsTerminal, Read};

use clap::ValueEnum;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    api::{Kind, SendQuery, Sent, State},
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
        wait::{Expiry, Wait},
    },
};

/// The most that is read from stdin: more than any message may hold, so that the daemon names the limit.
const STDIN: u64 = 64 << 20;

/// The part of `send` and `reply` that is the same.
#[derive(Debug, clap::Args)]
pub(super) struct Content {
    /// The message, or - to read it from stdin, as when it is left out
    text: Option<String>,
    /// Say what the message holds
    #[arg(long = "type", value_enum, value_name = "TYPE", default_value_t)]
    kind: Type,
    /// Use this UUID, so that the same message sent again is delivered once
    #[arg(long, value_name = "UUID")]
    id: Option<Uuid>,
    /// Deliver it in time or not at all, instead of leaving it in the outbox
    #[arg(long, conflicts_with = "expires")]
    now: bool,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    wait: Wait,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Type {
    /// UTF-8
    #[default]
    Text,
    /// One JSON value
    Json,
    /// Any bytes
    Binary,
}

impl From<Type> for Kind {
    fn from(kind: Type) -> Self {
        match kind {
            Type::Text => Self::Text,
            Type::Json => Self::Json,
            Type::Binary => Self::Binary,
        }
    }
}

/// A message that has arrived, or waits in the outbox.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Accepted(pub(super) Sent);

impl Output for Accepted {
    fn text(&self, _view: &View) -> String {
        let Sent { id, to, size, state, duplicate, reason } = &self.0;
        let (id, to, size) = (clean::line(id), clean::line(to), human::size(*size));
        match (state, reason) {
            (State::Delivered, _) => {
                let again = if *duplicate { ", which had it already" } else { "" };
                format!("delivered {id} ({size}) to {to}{again}")
            }
            (_, Some(reason)) => format!("waiting {id} ({size}) for {to}: {}", clean::line(&reason.message)),
            (_, None) => format!("waiting {id} ({size}) for {to}"),
        }
    }

    fn remark(&self, _view: &View) -> Option<String> {
        (self.0.state != State::Delivered)
            .then(|| "it goes out as soon as its receiver can be reached: see airway outbox".into())
    }
}

impl Content {
    /// The payload, checked for what it claims to be.
    pub(super) fn payload(&self) -> Result<Vec<u8>, Error> {
        let payload = match self.text.as_deref() {
            Some(text) if text != "-" => text.as_bytes().to_vec(),
            given => read_stdin(given.is_some(), "message")?,
        };
        check(self.kind.into(), &payload)?;
        Ok(payload)
    }

    /// How long to wait.
    pub(super) fn wait(&self) -> Wait {
        self.wait
    }

    /// Sends the payload and waits until it has arrived, or turns out to have to wait.
    pub(super) async fn send(
        self,
        context: &Context,
        to: String,
        reply_to: Option<String>,
        payload: Vec<u8>,
    ) -> Result<Accepted, Error> {
        let query = SendQuery {
            to,
            kind: self.kind.into(),
            reply_to,
            id: self.id.map(|id| id.to_string()),
            timeout_ms: self.wait.millis(),
            expires_s: if self.now { Some(0) } else { self.expiry.seconds() },
        };
        Ok(Accepted(context.client()?.send(&query, payload).await?))
    }
}

/// Whoever writes `-` may type the message, or whatever is to be read; whoever leaves it out may have forgotten it.
pub(super) fn read_stdin(asked: bool, what: &str) -> Result<Vec<u8>, Error> {
    let hint = format!("give the {what} as argument, or pipe it in");
    if !asked && io::stdin().is_terminal() {
        return Err(Error::usage(format!("no {what}"), hint));
    }
    let mut payload = Vec::new();
    io::stdin()
        .take(STDIN)
        .read_to_end(&mut payload)
        .map_err(|error| Error::usage(format!("cannot read stdin: {error}"), hint))?;
    Ok(payload)
}

fn check(kind: Kind, payload: &[u8]) -> Result<(), Error> {
    match kind {
        Kind::Text => std::str::from_utf8(payload)
            .map(drop)
            .map_err(|_| Error::usage("the message is not UTF-8", "send it with --type binary")),
        Kind::Json => serde_json::from_slice(payload).map(|serde::de::IgnoredAny| ()).map_err(|error| {
            Error::usage(format!("the message is not JSON: {error}"), "send it with --type text")
        }),
        Kind::Binary | Kind::File => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_it_claims_to_be() {
        assert!(check(Kind::Text, "grüße".as_bytes()).is_ok());
        assert!(check(Kind::Text, &[0xff]).is_err());
        assert!(check(Kind::Json, b"{\"a\": 1}").is_ok());
        assert!(check(Kind::Json, b"{} {}").is_err());
        assert!(check(Kind::Binary, &[0xff]).is_ok());
    }
}
