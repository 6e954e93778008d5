//! A daemon that publishes, and may be killed.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    api::{PublishQuery, TopicsQuery, client::Client},
    protocols::events::Position,
};

use crate::process::Daemon;

/// See the module.
#[derive(Debug)]
pub(crate) struct Broker {
    daemon: Daemon,
    client: Client,
}

impl Broker {
    pub(crate) async fn new() -> Self {
        Self::of(Daemon::new("broker").await)
    }

    fn of(daemon: Daemon) -> Self {
        let client = Client::new(daemon.socket());
        Self { daemon, client }
    }

    /// Kills it, and starts it again.
    pub(crate) async fn restart(self) -> Self {
        Self::of(self.daemon.restart().await)
    }

    /// For an agent to pair with it.
    pub(crate) async fn ticket(&self) -> String {
        self.daemon.ticket(&[]).await
    }

    /// Publishes to its own broker.
    pub(crate) async fn publish(&self, topic: &str, text: String) -> Position {
        let query = PublishQuery { topic: topic.to_owned(), ..PublishQuery::default() };
        self.client.publish(&query, text).await.unwrap().position.parse().unwrap()
    }

    /// How many events of a topic are there.
    pub(crate) async fn kept(&self, topic: &str) -> usize {
        let topics = self.client.topics(&TopicsQuery::default()).await.unwrap();
        let found = topics.iter().find(|item| item.topic == topic);
        found.map_or(0, |item| item.events.try_into().unwrap())
    }
}
