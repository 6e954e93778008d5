//! One task for each contact and lane in which something waits: it delivers, and when something is in the way it
//! waits and tries again.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use airway_protocols::agent::AgentId;
use rand::Rng as _;
use tokio::{sync::Notify, time::sleep};

use super::{Outbox, SendError, files, messages};
use crate::{services::DialError, store};

/// Wait before the next attempt when the stream broke, or the contact was busy or silent; doubled each time.
const FIRST_RETRY: Duration = Duration::from_millis(50);

/// The same when the contact is away or refuses: that does not change so soon.
const FIRST_RETURN: Duration = Duration::from_secs(1);

/// The longest wait. A contact that connects ends any wait.
const LONGEST: Duration = Duration::from_secs(60);

/// What goes out in order among itself; the lanes do not wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Lane {
    /// Text, JSON, binary.
    Messages = 0,
    /// What is too large for a message.
    Files = 1,
}

impl From<Lane> for u8 {
    fn from(lane: Lane) -> Self {
        lane as Self
    }
}

impl TryFrom<u8> for Lane {
    type Error = store::Error;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Messages),
            1 => Ok(Self::Files),
            _ => Err(store::Error::Corrupt),
        }
    }
}

/// Wakes the task of a lane, and shows what is in its way.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Notify,
    /// Something was put into the lane since the task last looked.
    news: AtomicBool,
    obstacle: Mutex<Option<SendError>>,
}

impl Bell {
    /// Something is new: the task looks at once. What was in the way of the last attempt need not be in that of this
    /// one.
    pub(super) fn ring(&self) {
        self.set_obstacle(None);
        self.news.store(true, Ordering::Release);
        self.rung.notify_one();
    }

    /// Whether it was rung since this was last asked.
    pub(super) fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::AcqRel)
    }

    /// What was in the way at the last attempt.
    pub(super) fn obstacle(&self) -> Option<SendError> {
        self.obstacle.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_obstacle(&self, obstacle: Option<SendError>) {
        *self.obstacle.lock().unwrap_or_else(PoisonError::into_inner) = obstacle;
    }
}

/// The task of a lane.
pub(super) struct Worker {
    pub(super) outbox: Outbox,
    pub(super) agent: AgentId,
    pub(super) lane: Lane,
    pub(super) bell: Arc<Bell>,
}

impl Worker {
    /// Runs until nothing waits any more, or the store closes.
    pub(super) async fn run(self) {
        let mut wait = Duration::ZERO;
        loop {
            self.bell.take_news();
            let Some(contact) = self.outbox.reach.contacts.get(&self.agent) else {
                // It was put there while the trust ended.
                self.outbox.disown().await;
                if self.outbox.retire(&self) {
                    return;
                }
                continue;
            };
            let begun = Instant::now();
            let mut moved = false;
            let delivered = match self.lane {
                Lane::Messages => messages::deliver(&self.outbox, &contact, &mut moved).await,
                Lane::Files => files::deliver(&self.outbox, &contact, &mut moved).await,
            };
            if moved {
                wait = Duration::ZERO;
            }
            let Err(obstacle) = delivered else {
                self.bell.set_obstacle(None);
                if self.outbox.retire(&self) {
                    return;
                }
                continue;
            };
            if matches!(obstacle, SendError::Store(store::Error::Closed)) {
                return;
            }
            tracing::debug!(to = %contact.label(), %obstacle, "not delivered yet");
            let longer = longer(wait, &obstacle);
            // A connection that came while the contact was still sought is as good as one that comes now. In all other
            // cases the attempt may have made it itself.
            let since = if obstacle.is_absence() { begun } else { Instant::now() };
            self.bell.set_obstacle(Some(obstacle.clone()));
            self.outbox.board.tell_lane(&self.agent, self.lane, &obstacle);
            tokio::select! {
                () = sleep(longer.mul_f64(rand::rng().random_range(0.75..1.25))) => wait = longer,
                // An attempt that comes early says nothing about how long to wait.
                () = self.bell.rung.notified() => {}
                () = self.outbox.reach.net.arrival(&contact.peer, since) => {}
            }
        }
    }
}

/// The wait after one more failure.
fn longer(wait: Duration, obstacle: &SendError) -> Duration {
    let passing = matches!(
        obstacle,
        SendError::Dial(DialError::Broken { .. } | DialError::Busy { .. } | DialError::Timeout { .. })
    );
    let first = if passing { FIRST_RETRY } else { FIRST_RETURN };
    (wait * 2).clamp(first, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_the_way_is_not_held_against_what_comes_later() {
        let bell = Bell::default();
        bell.set_obstacle(Some(SendError::Full));
        bell.ring();
        assert!(bell.obstacle().is_none());
        assert!(bell.take_news() && !bell.take_news());
    }

    #[test]
    fn waits_grow_to_a_limit_and_begin_longer_when_the_contact_is_away() {
        let who = || "bob".to_owned();
        let broken = SendError::Dial(DialError::Timeout { who: who() });
        let away = SendError::Dial(DialError::Unreachable { who: who(), reason: String::new() });
        assert_eq!(longer(Duration::ZERO, &broken), FIRST_RETRY);
        assert_eq!(longer(FIRST_RETRY, &broken), FIRST_RETRY * 2);
        assert_eq!(longer(FIRST_RETRY, &away), FIRST_RETURN);
        let mut wait = Duration::ZERO;
        for _ in 0..100 {
            wait = longer(wait, &away);
        }
        assert_eq!(wait, LONGEST);
    }
}
