//! Wakes a task that delivers, and keeps it from trying too often.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use libp2p::PeerId;
use rand::Rng as _;
use tokio::{sync::Notify, time::sleep};

use super::SendError;
use crate::{net::Net, services::DialError};

/// Wait before the next attempt when the stream broke, or the contact was busy or silent; doubled each time.
const FIRST_RETRY: Duration = Duration::from_millis(50);

/// The same when the contact is away or refuses: that does not change so soon.
const FIRST_RETURN: Duration = Duration::from_secs(1);

/// The longest wait. A contact that connects ends any wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Wakes a task, and shows what is in its way.
#[derive(Debug, Default)]
pub(in crate::services) struct Bell {
    rung: Notify,
    /// Something is new since the task last looked.
    news: AtomicBool,
    obstacle: Mutex<Option<SendError>>,
}

impl Bell {
    /// Something is new: the task looks at once. What was in the way of the last attempt need not be in that of this
    /// one.
    pub(in crate::services) fn ring(&self) {
        self.set_obstacle(None);
        self.news.store(true, Ordering::Release);
        self.rung.notify_one();
    }

    /// Returns when it is rung, or was and nobody waited. Cancel-safe.
    pub(in crate::services) async fn rung(&self) {
        self.rung.notified().await;
    }

    /// Whether it was rung since this was last asked.
    pub(in crate::services) fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::AcqRel)
    }

    /// What was in the way at the last attempt.
    pub(in crate::services) fn obstacle(&self) -> Option<SendError> {
        self.obstacle.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::services) fn set_obstacle(&self, obstacle: Option<SendError>) {
        *self.obstacle.lock().unwrap_or_else(PoisonError::into_inner) = obstacle;
    }
}

/// How long a task waits after attempts that failed.
#[derive(Debug, Default)]
pub(in crate::services) struct Patience(Duration);

impl Patience {
    /// Something came through: the next wait is short again.
    pub(in crate::services) fn reset(&mut self) {
        self.0 = Duration::ZERO;
    }

    /// Waits after an attempt that began at `begun` and met with this: for longer than the last time, or until the bell
    /// rings or the peer connects.
    pub(in crate::services) async fn rest(
        &mut self,
        bell: &Bell,
        net: &Net,
        peer: &PeerId,
        begun: Instant,
        obstacle: &SendError,
    ) {
        let longer = longer(self.0, obstacle);
        // A connection that came while the contact was still sought is as good as one that comes now. In all other
        // cases the attempt may have made it itself.
        let since = if obstacle.is_absence() { begun } else { Instant::now() };
        tokio::select! {
            () = sleep(longer.mul_f64(rand::rng().random_range(0.75..1.25))) => self.0 = longer,
            // An attempt that comes early says nothing about how long to wait.
            () = bell.rung() => {}
            () = net.arrival(peer, since) => {}
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
