//! `airway publish`: an event for whoever has subscribed to it.

use serde::Serialize;

use super::message::read_stdin;
use crate::{
    api::{Publication, PublishQuery},
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway publish builds/main 'passed'
  airway publish builds/main - < report.json
  airway publish sensors/door '{\"open\": true}' --to hub
  airway publish team/lunch 'in ten minutes' --mesh

Topics are segments between /. What is published here can be subscribed to by contacts that may: airway scope.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the event is about, as in builds/main
    topic: String,
    /// The event, at most 60 KiB, or - to read it from stdin, as when it is left out
    data: Option<String>,
    /// Publish it at this contact's broker: alias, name, address or card
    #[arg(long, value_name = "WHO", conflicts_with = "mesh")]
    to: Option<String>,
    /// Publish it to the members of the network
    #[arg(long)]
    mesh: bool,
    #[command(flatten)]
    wait: Wait,
}

/// Where the event is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Published(Publication);

impl Output for Published {
    fn text(&self, _view: &View) -> String {
        let Publication { topic, size, position, to, peers } = &self.0;
        let (topic, position, size) = (clean::line(topic), clean::line(position), human::size(*size));
        let whereto = match (to, peers) {
            (Some(to), _) => format!(" at {}", clean::line(to)),
            (None, Some(1)) => " to 1 member".into(),
            (None, Some(peers)) => format!(" to {peers} members"),
            (None, None) => String::new(),
        };
        format!("published {topic} {position} ({size}){whereto}")
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Published, Error> {
    let payload = match args.data.as_deref() {
        Some(text) if text != "-" => text.as_bytes().to_vec(),
        given => read_stdin(given.is_some(), "event")?,
    };
    let query =
        PublishQuery { topic: args.topic, to: args.to, mesh: args.mesh, timeout_ms: args.wait.millis() };
    Ok(Published(context.client()?.publish(&query, payload).await?))
}
