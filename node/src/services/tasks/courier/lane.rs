//! The task of a contact: it says what is to be said, and when something is in the way it waits and tries again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use airway_protocols::agent::AgentId;
use tokio::time::sleep_until;

use super::{Courier, deliveries::Deliveries, holds::Holds, pass};
use crate::{
    contacts::Contact,
    services::outbox::{Bell, Patience, SendError},
    store,
};

pub(super) struct Lane {
    pub(super) courier: Courier,
    pub(super) agent: AgentId,
    pub(super) bell: Arc<Bell>,
    holds: Mutex<Holds>,
    deliveries: tokio::sync::Mutex<Deliveries>,
}

impl Lane {
    pub(super) fn new(courier: Courier, agent: AgentId, bell: Arc<Bell>) -> Self {
        Self { courier, agent, bell, holds: Mutex::default(), deliveries: tokio::sync::Mutex::default() }
    }

    pub(super) fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until nothing is to be said any more, or the store closes.
    pub(super) async fn run(self) {
        let mut patience = Patience::default();
        loop {
            self.take_news();
            let Some(contact) = self.courier.0.reach.contacts.get(&self.agent) else {
                // It was put there while the trust ended.
                self.courier.0.tasks.disown().await;
                if self.courier.retire(&self.agent, &self.bell) {
                    return;
                }
                continue;
            };
            let (begun, mut moved) = (Instant::now(), false);
            let said = self.say(&contact, &mut moved).await;
            if moved {
                patience.reset();
            }
            let obstacle = match said {
                Ok(has_said) => {
                    self.bell.set_obstacle(None);
                    if !has_said && self.rest().await {
                        return;
                    }
                    continue;
                }
                Err(SendError::Store(store::Error::Closed)) => return,
                Err(obstacle) => obstacle,
            };
            tracing::debug!(to = %contact.label(), %obstacle, "not heard yet what is new of tasks");
            self.bell.set_obstacle(Some(obstacle.clone()));
            patience.rest(&self.bell, &self.courier.0.reach.net, &contact.peer, begun, &obstacle).await;
        }
    }

    /// Whether something is new, which may be that the contact has room again.
    pub(super) fn take_news(&self) -> bool {
        let is_rung = self.bell.take_news();
        if is_rung {
            self.holds().may_have_room(Instant::now());
        }
        is_rung
    }

    /// Sees to the files that are to be there first, and says all that can be said now. Returns whether that was anything.
    async fn say(&self, contact: &Contact, moved: &mut bool) -> Result<bool, SendError> {
        self.tend().await?;
        pass::say(self, contact, moved).await
    }

    /// Sees to the files that are to be there first. Whoever takes the news of the bell does so behind it: what is new may be
    /// a result that waits for its file.
    pub(super) async fn tend(&self) -> Result<(), store::Error> {
        self.deliveries.lock().await.tend(&self.courier, &self.agent).await
    }

    /// All is said that can be: waits for something new, or for what was denied to be said again. Says whether there is
    /// nothing to wait for, and the lane has ended.
    async fn rest(&self) -> bool {
        let next = self.holds().next();
        if next.is_none() && self.deliveries.lock().await.is_empty() {
            return self.courier.retire(&self.agent, &self.bell);
        }
        let again = async {
            match next {
                Some(next) => sleep_until(next.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = again => {}
            () = self.bell.rung() => {}
        }
        false
    }
}
