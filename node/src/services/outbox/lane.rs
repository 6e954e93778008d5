//! One task for each contact and lane in which something waits: it delivers, and when something is in the way it
//! waits and tries again.

use std::{sync::Arc, time::Instant};

use airway_protocols::agent::AgentId;

use super::{
    Outbox, SendError,
    bell::{Bell, Patience},
    files, messages,
};
use crate::store;

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
        let mut patience = Patience::default();
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
                patience.reset();
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
            self.bell.set_obstacle(Some(obstacle.clone()));
            self.outbox.board.tell_lane(&self.agent, self.lane, &obstacle);
            patience.rest(&self.bell, &self.outbox.reach.net, &contact.peer, begun, &obstacle).await;
        }
    }
}
