//! `airway trusted --log`: what happened between this agent and others.

use serde::Serialize;

use super::{super::finish, Args};
use crate::{
    api::{LogQuery, TrustEvent, What},
    cli::{
        Context, Error, follow,
        output::{Output, View, clean, human},
    },
};

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Happened(TrustEvent);

impl Output for Happened {
    fn text(&self, view: &View) -> String {
        let event = &self.0;
        let address = clean::line(&event.address);
        let who = match &event.untrusted.name {
            Some(name) => format!("\"{}\" ({address})", clean::line(name)),
            None => address,
        };
        let mut line = format!("{}  {}  {}", human::local(event.at, view), event.seq, phrase(event, &who));
        if let Some(text) = &event.text {
            line.push_str(&format!(": \"{}\"", clean::line(text)));
        }
        if let Some(text) = &event.untrusted.text {
            line.push_str(&format!(", in its words: \"{}\"", clean::line(text)));
        }
        line
    }
}

/// What happened, as a sentence.
fn phrase(event: &TrustEvent, who: &str) -> String {
    match (event.what, event.by_us) {
        (What::Requested, true) => format!("you asked {who} for trust"),
        (What::Requested, false) => format!("{who} asked for trust"),
        (What::Trusted, true) => format!("you approved {who}"),
        (What::Trusted, false) => format!("{who} and you trust each other"),
        (What::Rejected, true) => format!("you turned {who} down"),
        (What::Rejected, false) => format!("{who} turned you down"),
        (What::Withdrawn, true) => format!("a request between you and {who} was taken back or lapsed"),
        (What::Withdrawn, false) => format!("{who} took its request back"),
        (What::Revoked, true) => format!("you trust {who} no longer"),
        (What::Revoked, false) => format!("{who} trusts you no longer"),
        (What::Blocked, _) => format!("you blocked {who}"),
        (What::Unblocked, _) => format!("you unblocked {who}"),
        (What::Scoped, true) => format!("you changed what {who} may do"),
        (What::Scoped, false) => format!("{who} changed what you may do"),
        (What::Evicted, _) => format!("the request of {who} made room for others"),
    }
}

/// What happened, oldest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Log(Vec<TrustEvent>);

impl Output for Log {
    fn text(&self, view: &View) -> String {
        self.0.iter().map(|event| Happened(event.clone()).text(view)).collect::<Vec<_>>().join("\n")
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| "nothing has happened".into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let client = context.client()?;
    let query = LogQuery { after: args.after, limit: args.limit, who: args.who };
    if args.follow {
        let begun = client.follow_trust_log(&query);
        let followed =
            follow::print(context, args.limits, "waiting for something to happen", begun, Happened).await;
        return finish(context, followed);
    }
    finish(context, Ok(Log(client.trust_log(&query).await?)))
}
