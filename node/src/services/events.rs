//! Port 1002: events, one to many, as they happen and from where a subscriber left off.
//!
//! ```text
//! program ─► Node::publish ──────────────────────┐
//! contact ─► broker (publications, by its scope) ─┴─► own log ─┬─► broker: a cursor for each subscription of a contact
//!                                                             └─► Subscription of a program
//! program ─► Subscription to a contact ─► remote: a stream to its broker, and again after each loss
//! ```
//!
//! There are three logs, of one [epoch](Events::epoch). The *own* one is what we are the broker of; contacts read it within
//! their scopes. In the *mesh* log lies what came by gossip, in *news* what happens to the agent itself; both are for
//! programs of this machine alone.

mod broadcast;
mod broker;
mod error;
mod log;
mod publish;
mod remote;
mod subscription;

use airway_protocols::{
    agent::AgentId,
    events::{Position, Publication, Since, Subscribe},
};

pub(crate) use self::{
    broadcast::Broadcasts,
    broker::serve,
    log::{Log, New},
    publish::publish,
    remote::subscribe,
};
pub use self::{
    broadcast::Reached,
    error::{PublishError, SubscribeError},
    log::TopicInfo,
    subscription::{Delivery, Subscription},
};
use crate::{clock, metrics::Metrics};

/// Topics that one contact may have opened here, of those that are known; a further one hears `full`. It takes eight who
/// work together to make the topics of others be forgotten.
pub(crate) const TOPICS_PER_PUBLISHER: usize = 128;

/// The logs of an agent; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    /// What we are the broker of.
    pub(crate) own: Log,
    /// What members of our network have broadcast.
    pub(crate) mesh: Log,
    /// What happens to the agent.
    pub(crate) news: Log,
    me: AgentId,
    epoch: u64,
    metrics: Metrics,
}

impl Events {
    /// Empty logs of an epoch that has not been used before.
    pub(crate) fn new(me: AgentId, epoch: u64, metrics: Metrics) -> Self {
        let log = || Log::new(epoch);
        Self { own: log(), mesh: log(), news: log(), me, epoch, metrics }
    }

    /// How often the agent has started.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Publishes an event of our own to whoever subscribes to us.
    pub(crate) fn publish(&self, publication: Publication) -> Result<Position, PublishError> {
        publication.validate()?;
        let Publication { topic, payload } = publication;
        let new = New { topic, publisher: self.me, at: clock::unix_ms(), payload };
        // Our own programs may use all topics there are.
        let position = self.own.append(new, usize::MAX).map_err(PublishError::from)?;
        self.metrics.published.one("own");
        Ok(position)
    }

    /// Subscribes a program to one of the logs, which is called so in the metrics.
    pub(crate) fn follow(
        &self,
        log: &Log,
        what: &Subscribe,
        kind: &'static str,
    ) -> Result<Subscription, SubscribeError> {
        what.validate()?;
        let cursor = log.cursor(&what.since, vec![what.patterns.iter().collect()]);
        let position = match what.since {
            Since::Now => Some(cursor.begun()),
            Since::After(position) => Some(position),
            Since::Start | Since::Time(_) => None,
        };
        Ok(Subscription::of_log(cursor, position, self.metrics.subscriptions.enter(kind)))
    }

    /// Ends all subscriptions to the logs.
    pub(crate) fn close(&self) {
        [&self.own, &self.mesh, &self.news].into_iter().for_each(Log::close);
    }
}
