//! A subscription, as a program holds it.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use airway_protocols::events::{Event, Gap, Position, Reason, Told, told};
use futures::{
    FutureExt as _, Stream, StreamExt,
    stream::{BoxStream, poll_fn, unfold},
};

use super::{
    error::SubscribeError,
    log::{Cursor, Item},
};
use crate::metrics::Counted;

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Something happened.
    Event(Event),
    /// Something is missing here.
    Gap(Gap),
}

/// Events as they come, from one source, until the program drops it.
///
/// One to a contact goes on by itself after a loss of the connection or a restart of either side, behind the last event that
/// was delivered: none comes twice, and where the contact does not have all any more, a [`Gap`] says so. It ends with an
/// error when the contact does not grant it any more, or the trust ends on either side; from then on nothing is delivered,
/// nor anything that has come in before.
///
/// It is read from while it is polled, and never ahead of the program by more than what the connection holds.
pub struct Subscription {
    deliveries: BoxStream<'static, Result<Delivery, SubscribeError>>,
    position: Option<Position>,
    _counted: Counted,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("position", &self.position).finish_non_exhaustive()
    }
}

impl Subscription {
    pub(super) fn new(
        deliveries: impl Stream<Item = Result<Delivery, SubscribeError>> + Send + 'static,
        position: Option<Position>,
        counted: Counted,
    ) -> Self {
        Self { deliveries: deliveries.boxed(), position, _counted: counted }
    }

    /// What a cursor reads, until its log is closed.
    pub(super) fn of_log(cursor: Cursor, position: Option<Position>, counted: Counted) -> Self {
        let read = unfold((cursor, VecDeque::<Item>::new()), |(mut cursor, mut batch)| async move {
            if batch.is_empty() {
                batch.extend(cursor.next().await);
            }
            // Nothing more comes: the agent shuts down.
            let item = batch.pop_front()?;
            Some((delivery(item).ok_or(SubscribeError::Closed), (cursor, batch)))
        });
        Self::new(read, position, counted)
    }

    /// The same until something happens, with which it ends: from then on nothing is delivered, nor anything that has come
    /// in before.
    pub(super) fn until(self, over: impl Future<Output = SubscribeError> + Send + 'static) -> Self {
        let Self { mut deliveries, position, _counted } = self;
        let mut over = Some(Box::pin(over));
        let deliveries = poll_fn(move |cx| {
            let Some(end) = &mut over else { return Poll::Ready(None) };
            if let Poll::Ready(why) = end.as_mut().poll(cx) {
                over = None;
                return Poll::Ready(Some(Err(why)));
            }
            deliveries.poll_next_unpin(cx)
        });
        Self::new(deliveries, position, _counted)
    }

    /// The next event or gap; `None` when the subscription is over, after an error too. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<Delivery, SubscribeError>> {
        StreamExt::next(self).await
    }

    /// Where it stands: a subscription [after](airway_protocols::events::Since::After) this one goes on from here. `None` as
    /// long as nothing has come of one that begins at the start or at a time.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

impl Stream for Subscription {
    type Item = Result<Delivery, SubscribeError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.deliveries.poll_next_unpin(cx));
        if let Some(Ok(delivery)) = &next {
            self.position = delivery.position().or(self.position);
        }
        Poll::Ready(next)
    }
}

impl Delivery {
    /// Where a reader stands that has got this; `None` if that is where it stood before.
    pub(super) fn position(&self) -> Option<Position> {
        match self {
            Self::Event(event) => Some(event.position),
            // All that the broker has since its start follows.
            Self::Gap(Gap { next, reason: Reason::Restarted, .. }) => Some(Position { seq: 0, ..*next }),
            // What lies between its ends and is still kept follows, too.
            Self::Gap(Gap { reason: Reason::Forgotten, .. }) => None,
        }
    }
}

/// What a log holds, as a program gets it: read like any subscriber reads it. Always there: what was encoded decodes.
fn delivery(item: Item) -> Option<Delivery> {
    match item {
        Item::Gap(gap) => Some(Delivery::Gap(gap)),
        Item::Event(entry) => match told(&mut &*entry.frame).now_or_never()? {
            Ok(Some(Told::Event(event))) => Some(Delivery::Event(event)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use airway_protocols::{
        agent::AgentId,
        events::{Pattern, Publication, Since, Subscribe},
    };

    use super::{super::Events, *};
    use crate::metrics::{Metrics, commit_seconds};

    const EPOCH: u64 = 3;

    fn at(seq: u64) -> Position {
        Position { epoch: EPOCH, seq }
    }

    #[tokio::test]
    async fn a_subscription_says_from_where_another_would_go_on() {
        let (metrics, _) = Metrics::new(commit_seconds());
        let logs = Events::new(AgentId::from_bytes([1; 32]), EPOCH, metrics);
        let publish = || logs.publish(Publication { topic: "a".parse().unwrap(), payload: vec![] }).unwrap();
        (0..3).for_each(|_| _ = publish());
        let other = Position { epoch: EPOCH - 1, seq: 77 };
        let cases = [
            (Since::Now, Some(at(3)), at(4)),
            (Since::Start, None, at(1)),
            (Since::Time(0), None, at(1)),
            (Since::After(at(2)), Some(at(2)), at(3)),
            // After the gap.
            (Since::After(other), Some(other), at(0)),
        ];
        let follow = |since| {
            let what = Subscribe { patterns: vec![Pattern::any()], since };
            logs.follow(&logs.own, &what, "own").unwrap()
        };
        let mut subscriptions = cases.map(|(since, begun, next)| (follow(since), begun, next));
        publish();
        for (subscription, begun, next) in &mut subscriptions {
            assert_eq!(subscription.position(), *begun);
            subscription.next().await.unwrap().unwrap();
            assert_eq!(subscription.position(), Some(*next));
        }
    }
}
