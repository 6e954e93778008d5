//! The calls about events.

use hyper::{Method, body::Bytes};

use super::{
    Client, Follow, remote_limit,
    target::Target,
    transport::{self, Body},
};
use crate::api::{Error, EventItem, EventsQuery, Publication, PublishQuery, TopicItem, TopicsQuery};

impl Client {
    /// Publishes `payload` as an event.
    pub async fn publish(
        &self,
        query: &PublishQuery,
        payload: impl Into<Bytes>,
    ) -> Result<Publication, Error> {
        let limit = remote_limit(query.timeout_ms);
        let target = Target::new(["events"]).query(query)?;
        self.call(Method::POST, target, Body::Raw(payload.into()), limit).await
    }

    /// Events as they come, and where some are missing. None that comes after this has returned is left out without a word.
    pub async fn follow_events(&self, query: &EventsQuery) -> Result<Follow<EventItem>, Error> {
        let target = Target::new(["events", "follow"]).query(&query.pairs())?;
        let begun = self.open(Method::GET, target, Body::Empty);
        let response = transport::timed(remote_limit(query.timeout_ms), begun).await?;
        transport::accepted(response).await.map(Follow::new)
    }

    /// The topics of which events are kept.
    pub async fn topics(&self, query: &TopicsQuery) -> Result<Vec<TopicItem>, Error> {
        self.get(Target::new(["topics"]).query(query)?).await
    }
}
