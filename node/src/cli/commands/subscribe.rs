//! `airway subscribe`: events as they come.

use serde::Serialize;
use serde_json::Value;

use crate::{
    api::{self, Code, Event, EventItem, EventSource, EventsQuery, Gap, GapReason, Kind},
    cli::{
        Context, Error,
        output::{Nothing, Output, View, clean, human},
        wait::{Wait, millis},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway subscribe 'builds/**' --from ci
  airway subscribe 'sensors/*/door' --count 1 --timeout 30s --json
  airway subscribe '**' --mesh --since 10m
  airway subscribe 'trust/*' 'message/*' --node --json

In a pattern * is one segment and ** at the end one or more; * or ** alone is every topic. Quote it for the shell.";

/// The word for our own broker in place of a contact.
const OWN: &str = "me";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Topics to subscribe to, as in 'builds/**'
    #[arg(required = true, value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Whose broker to ask: alias, name, address or card of a contact, or me, which is what it is when left out
    #[arg(long, value_name = "WHO", conflicts_with_all = ["mesh", "node"])]
    from: Option<String>,
    /// Print what members of the network publish to all
    #[arg(long, conflicts_with = "node")]
    mesh: bool,
    /// Print what happens in this agent itself
    #[arg(long)]
    node: bool,
    /// Begin at: now, start (with all that is kept), so long ago as in 10m, or behind a position as in 17.1042
    #[arg(long, value_name = "SINCE", default_value = "now")]
    since: String,
    /// End after this many events
    #[arg(long)]
    count: Option<u64>,
    #[command(flatten)]
    wait: Wait,
}

/// Told on stderr once no event is missed any more.
#[derive(Debug, Serialize)]
struct Subscribed {
    subscribed: Vec<String>,
}

impl Output for Subscribed {
    fn text(&self, _view: &View) -> String {
        format!("subscribed to {}", clean::line(&self.subscribed.join(" ")))
    }
}

/// An event that has just come, or a place where some are missing.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Come(EventItem);

/// Characters of an event that its line shows.
const PREVIEW: usize = 400;

impl Output for Come {
    fn text(&self, view: &View) -> String {
        match &self.0 {
            EventItem::Event(event) => {
                let time = human::local(event.at, view);
                let who = clean::line(event.name.as_deref().unwrap_or(&event.publisher));
                let (position, topic) = (clean::line(&event.position), clean::line(&event.topic));
                format!("{time}  {position}  {topic}  {who}: {}", preview(event))
            }
            EventItem::Gap(missing) => {
                let Gap { after, next, reason } = &missing.gap;
                let (after, next) = (clean::line(after), clean::line(next));
                let why = match reason {
                    GapReason::Forgotten => "the broker keeps them no more",
                    GapReason::Restarted => "the broker has started anew",
                };
                format!("gap: events after {after} and before {next} are missing: {why}")
            }
        }
    }
}

/// The beginning of the payload, on one line.
fn preview(event: &Event) -> String {
    match (event.kind, &event.body) {
        (Kind::Text, Value::String(text)) => clean::preview(text, PREVIEW),
        (Kind::Json, value) => clean::preview(&value.to_string(), PREVIEW),
        _ => format!("({} bytes)", event.size),
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    let source = match (args.mesh, args.node, args.from.as_deref()) {
        (true, ..) => Some(EventSource::Mesh),
        (_, true, _) => Some(EventSource::Node),
        (_, _, None | Some(OWN)) => Some(EventSource::Own),
        _ => None,
    };
    let query = EventsQuery {
        pattern: args.patterns,
        from: args.from.filter(|_| source.is_none()),
        source,
        since: Some(args.since),
        timeout_ms: args.wait.timeout.map(millis),
    };
    let follow = async {
        let mut events = context.client()?.follow_events(&query).await?;
        context.printer.notice(&Subscribed { subscribed: query.pattern.clone() });
        let mut left = args.count;
        while left != Some(0) {
            let Some(item) = events.next().await? else {
                return Err(api::Error::new(Code::NotRunning, "the daemon ended").into());
            };
            if let EventItem::Event(_) = item {
                left = left.map(|left| left - 1);
            }
            context.printer.item(&Come(item))?;
        }
        Ok(Nothing)
    };
    args.wait.bound("waiting for events", follow).await
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use serde_json::json;

    use super::*;

    fn text(item: Value) -> String {
        let view = View { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, terminal: false };
        Come(serde_json::from_value(item).unwrap()).text(&view)
    }

    #[test]
    fn an_event_is_one_harmless_line() {
        let event = |kind: &str, body: Value| {
            json!({
                "topic": "a/b", "publisher": "0:0000.EB19.D348#foc5", "name": null, "position": "3.17", "at": 0,
                "type": kind, "size": 3, "body": body,
            })
        };
        let head = "1970-01-01 00:00:00  3.17  a/b  0:0000.EB19.D348#foc5: ";
        assert_eq!(text(event("text", json!("one\n\u{1b}[2Jtwo"))), format!("{head}one [2Jtwo"));
        assert_eq!(text(event("json", json!({"a": "\u{9b}1m"}))), format!("{head}{{\"a\":\"1m\"}}"));
        assert_eq!(text(event("binary", json!("AAEC"))), format!("{head}(3 bytes)"));
    }

    #[test]
    fn a_gap_says_what_is_missing_and_why() {
        let gap = json!({"gap": {"after": "3.10", "next": "3.15", "reason": "forgotten"}});
        assert_eq!(
            text(gap),
            "gap: events after 3.10 and before 3.15 are missing: the broker keeps them no more"
        );
        let gap = json!({"gap": {"after": "3.10", "next": "4.1", "reason": "restarted"}});
        assert_eq!(
            text(gap),
            "gap: events after 3.10 and before 4.1 are missing: the broker has started anew"
        );
    }
}
