//! Events, as a program sees them.

use std::time::Duration;

use airway_protocols::events::{Position, Publication, Subscribe, Topic};

use super::Node;
use crate::{
    contacts::Contact,
    services::events::{self, PublishError, Reached, SubscribeError, Subscription, TopicInfo},
};

/// Where events come from.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one for each subscription, and dropped when that has begun")]
pub enum Source {
    /// Our own broker: what our programs publish, and contacts publish to us.
    Own,
    /// The broker of a contact.
    Contact(Contact),
    /// What members of our network broadcast, as far as it has reached us.
    Mesh,
    /// What happens to this agent.
    Node,
}

/// Whose topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicsOf {
    /// Our own broker's.
    Own,
    /// Those of what has come from our network.
    Mesh,
    /// Those of what happens to this agent.
    Node,
}

impl Node {
    /// Publishes an event at our own broker, for whoever subscribes to us; nobody need do so. It waits for no subscriber.
    ///
    /// # Errors
    /// [`PublishError::Invalid`] if the payload is too large.
    #[expect(clippy::unused_async, reason = "as all other ways to publish")]
    pub async fn publish(&self, topic: &Topic, payload: Vec<u8>) -> Result<Position, PublishError> {
        self.0.events.publish(Publication { topic: topic.clone(), payload })
    }

    /// Publishes an event at the broker of a contact, and returns its place there.
    ///
    /// # Errors
    /// See [`PublishError`]. After a timeout or a broken connection the contact may have it all the same.
    pub async fn publish_to(
        &self,
        to: &Contact,
        topic: &Topic,
        payload: Vec<u8>,
        wait: Duration,
    ) -> Result<Position, PublishError> {
        events::publish(&self.0.reach, to, Publication { topic: topic.clone(), payload }, wait).await
    }

    /// Broadcasts an event to the members of our network. It is for signals: members pass each one on to each other, and take
    /// a bounded number a second of anybody.
    ///
    /// # Errors
    /// See [`PublishError`]; [`PublishError::NobodyReached`] if no member was reached within `wait`.
    pub async fn broadcast(
        &self,
        topic: &Topic,
        payload: Vec<u8>,
        wait: Duration,
    ) -> Result<Reached, PublishError> {
        self.0.broadcasts.send(Publication { topic: topic.clone(), payload }, wait).await
    }

    /// Subscribes to events, and returns when that is live: what is published from then on comes.
    ///
    /// # Errors
    /// See [`SubscribeError`]. A contact that cannot be reached within `wait` is an error here, while a subscription that has
    /// begun goes on by itself.
    pub async fn subscribe(
        &self,
        from: &Source,
        what: Subscribe,
        wait: Duration,
    ) -> Result<Subscription, SubscribeError> {
        let events = &self.0.events;
        match from {
            Source::Own => events.follow(&events.own, &what, "own"),
            Source::Mesh => self.0.broadcasts.subscribe(&what, wait).await,
            Source::Node => events.follow(&events.news, &what, "node"),
            Source::Contact(contact) => {
                let counted = self.0.metrics.subscriptions.enter("remote");
                events::subscribe(self.0.reach.clone(), contact, what, wait, counted).await
            }
        }
    }

    /// The topics in which something is kept, by name.
    pub fn topics(&self, of: TopicsOf) -> Vec<TopicInfo> {
        let events = &self.0.events;
        match of {
            TopicsOf::Own => events.own.topics(),
            TopicsOf::Mesh => self.0.broadcasts.topics(),
            TopicsOf::Node => events.news.topics(),
        }
    }
}
