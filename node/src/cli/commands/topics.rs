//! `airway topics`: which topics have events that are kept.

use serde::Serialize;

use crate::{
    api::{EventSource, TopicItem, TopicsQuery},
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway topics
  airway topics --mesh --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// List those of the mesh: what members of the network publish to all
    #[arg(long, conflicts_with = "node")]
    mesh: bool,
    /// List those of what happens in this agent itself
    #[arg(long)]
    node: bool,
}

/// Topics of one log.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Topics {
    topics: Vec<TopicItem>,
    #[serde(skip)]
    source: EventSource,
}

impl Output for Topics {
    fn text(&self, view: &View) -> String {
        let rows = self.topics.iter().map(|topic| {
            [
                topic.topic.clone(),
                topic.events.to_string(),
                human::size(topic.bytes),
                topic.newest.clone(),
                human::ago(topic.at, view),
            ]
        });
        table(["TOPIC", "EVENTS", "SIZE", "NEWEST", "PUBLISHED"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        let hint = match self.source {
            EventSource::Own => "no events are kept here: `airway publish <topic> <data>` makes one",
            EventSource::Mesh => {
                "no events of the network are kept here: `airway subscribe <pattern> --mesh` hears them"
            }
            EventSource::Node => "nothing has happened in this agent since it started, or within the hour",
        };
        self.topics.is_empty().then(|| hint.into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Topics, Error> {
    let source = match (args.mesh, args.node) {
        (true, _) => EventSource::Mesh,
        (_, true) => EventSource::Node,
        _ => EventSource::Own,
    };
    let topics = context.client()?.topics(&TopicsQuery { source: Some(source) }).await?;
    Ok(Topics { topics, source })
}
