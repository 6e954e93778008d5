//! `airway pair`: make a ticket, and wait until it is used.

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use super::{super::finish, Args};
use crate::{
    api::{PairRequest, Standing, Ticket, Trust, client::Client},
    cli::{
        Context, Error,
        commands::{contact::Changed, request::Became},
        output::{Form, Output, View, clean, human},
        wait::millis,
    },
};

/// A ticket that is good.
#[derive(Debug, Serialize)]
struct Made {
    #[serde(flatten)]
    ticket: Ticket,
    /// Whether the command goes on until it is used.
    #[serde(skip)]
    waits: bool,
}

impl Output for Made {
    fn text(&self, _view: &View) -> String {
        clean::line(&self.ticket.ticket)
    }

    fn remark(&self, view: &View) -> Option<String> {
        let until = human::local(self.ticket.expires, view);
        let waiting = if self.waits { ". Waiting for that; Ctrl-C takes the ticket back" } else { "" };
        Some(format!("good until {until} for one agent, whose owner runs: airway pair '<ticket>'{waiting}"))
    }
}

/// Who has used it.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Used {
    /// It is trusted.
    Trusted { contact: Changed },
    /// It waits for approval.
    Pending { request: Became },
    /// It was trusted or waited, and that is over already.
    Gone { request: Became },
}

impl Output for Used {
    const FORM: Form = Form::Bare;

    fn text(&self, view: &View) -> String {
        match self {
            Self::Trusted { contact } => contact.text(view),
            Self::Pending { request } | Self::Gone { request } => request.text(view),
        }
    }

    fn remark(&self, view: &View) -> Option<String> {
        match self {
            Self::Trusted { .. } => None,
            Self::Pending { request } | Self::Gone { request } => request.remark(view),
        }
    }
}

/// The ticket was taken back.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Withdrawn { id: String },
}

impl Output for Event {
    fn text(&self, _view: &View) -> String {
        "taken back: nobody can use the ticket any more".into()
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let client = context.client()?;
    let request = PairRequest {
        alias: args.alias,
        scopes: args.grant.scopes(args.trust_expires),
        expires_ms: args.expires.map(millis),
        confirm: args.confirm,
    };
    // Before the ticket is there: a signal never leaves it behind.
    let interrupted = interrupted()?;
    let ticket = client.ticket(&request).await?;
    let id = ticket.id.clone();
    let made = Made { ticket, waits: !args.no_wait };
    if args.no_wait {
        return context.printer.finish(&made);
    }
    context.printer.item(&made)?;
    tokio::select! {
        used = client.used(&id) => finish(context, used_by(used?)),
        () = interrupted => withdraw(&client, id, context).await,
    }
}

/// What to say about whoever has used it.
fn used_by(trust: Trust) -> Result<Used, Error> {
    match (trust.state, trust.contact, trust.request) {
        (_, Some(contact), _) => Ok(Used::Trusted { contact: Changed::new("used: now trusting", contact) }),
        (Standing::Pending, _, Some(request)) => {
            let next = "run `airway approve <who>`, or `airway reject <who>`";
            Ok(Used::Pending {
                request: Became::new("used, and waits for your approval:", request).next(next),
            })
        }
        (_, _, Some(request)) => {
            let next = "see what happened with `airway trusted --log`";
            Ok(Used::Gone { request: Became::new("used, but not trusted any more:", request).next(next) })
        }
        (_, None, None) => Err(Error::internal("the daemon has not said who used the ticket")),
    }
}

/// Nobody shall use a ticket that nobody waits for.
async fn withdraw(client: &Client, id: String, context: &Context) -> Result<(), Error> {
    client.withdraw(&id).await?;
    context.printer.notice(&Event::Withdrawn { id });
    Err(Error::Told)
}

/// Waits until somebody wants the command to end.
fn interrupted() -> Result<impl Future<Output = ()>, Error> {
    let handler = |error: std::io::Error| Error::internal(format!("signals cannot be heard: {error}"));
    let mut terminated = signal(SignalKind::terminate()).map_err(handler)?;
    let mut hung_up = signal(SignalKind::hangup()).map_err(handler)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(handler)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
        }
    })
}
