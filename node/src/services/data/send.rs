//! The sending side.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use airway_protocols::{
    data::{self, Answer, Invalid, Message},
    port::Port,
    wire,
};
use libp2p::PeerId;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use super::super::reach::{DialError, Reach};
use crate::contacts::Contact;

/// Messages under way to one peer; a further one waits. Half of what a receiver takes from us at once.
const SENDING_PER_PEER: usize = 8;

/// Wait before a message is sent again after the stream broke or the peer was busy; doubled each time.
const FIRST_RETRY: Duration = Duration::from_millis(50);

/// How long one attempt may take, besides the time for its size: a peer that crashed and is back leaves us a
/// connection that swallows everything until it times out, while a new one stands beside it.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Slowest path that a message is given time for, in bytes a second.
const SLOWEST: u64 = 64 * 1024;

/// Why a message was not delivered, or is not known to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The message breaks a rule; nothing was sent.
    #[error("the message cannot be sent: {0}")]
    Invalid(#[from] Invalid),
    /// The contact was not reached, or did not answer. The same message may be sent again: it is delivered once.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact did not take it.
    #[error("{who} did not take the message: {}", reason(*answer))]
    Rejected {
        /// Label of the contact.
        who: String,
        /// What it said.
        answer: Answer,
    },
}

fn reason(answer: Answer) -> &'static str {
    match answer {
        Answer::Stored | Answer::Duplicate => "it did",
        Answer::Conflict => "another message has this id",
        Answer::Quota => "its inbox is full",
        Answer::Invalid => "it finds it invalid",
        Answer::Failed => "it could not store it",
    }
}

/// Sends messages to contacts.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    reach: Reach,
    slots: Arc<Mutex<HashMap<PeerId, Arc<Semaphore>>>>,
}

impl Sender {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, slots: Arc::default() }
    }

    /// Sends a message and waits until the contact has it on disk; `true` if it had it already.
    ///
    /// A stream that breaks or stalls on the way, and a contact that is busy, are tried again until the time is
    /// over: the id makes a repeat harmless.
    pub(crate) async fn send(
        &self,
        to: &Contact,
        message: &Message,
        wait: Duration,
    ) -> Result<bool, SendError> {
        message.validate()?;
        let deadline = Instant::now() + wait;
        let late = || DialError::Timeout { who: to.label() };
        let slots = self.slots_of(to.peer);
        let _slot = timeout_at(deadline, slots.acquire()).await.map_err(|_| late())?;
        let mut retry = FIRST_RETRY;
        let patience = ATTEMPT + Duration::from_secs(message.payload.len() as u64 / SLOWEST);
        loop {
            let until = deadline.min(Instant::now() + patience);
            let attempt = timeout_at(until, self.attempt(to, message)).await;
            match attempt.unwrap_or_else(|_| Err(late())) {
                Ok(answer) => {
                    self.reach.contacts.used(to.agent);
                    return match answer {
                        Answer::Stored => Ok(false),
                        Answer::Duplicate => Ok(true),
                        answer => Err(SendError::Rejected { who: to.label(), answer }),
                    };
                }
                Err(DialError::Broken { source, .. }) => tracing::debug!(%source, "sending again"),
                Err(DialError::Busy { .. } | DialError::Timeout { .. }) => {
                    tracing::debug!("the peer is busy or silent; sending again");
                }
                Err(error) => return Err(error.into()),
            }
            timeout_at(deadline, sleep(retry)).await.map_err(|_| late())?;
            retry *= 2;
        }
    }

    fn slots_of(&self, peer: PeerId) -> Arc<Semaphore> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slots| Arc::strong_count(slots) > 1);
        slots.entry(peer).or_insert_with(|| Arc::new(Semaphore::new(SENDING_PER_PEER))).clone()
    }

    async fn attempt(&self, to: &Contact, message: &Message) -> Result<Answer, DialError> {
        let mut stream = self.reach.open(to, Port::DATA).await?;
        match data::send(&mut stream, message).await {
            Ok(answer) => Ok(answer),
            Err(data::Error::Wire(wire::Error::Io(error))) => {
                Err(self.reach.failed(to, Port::DATA, error).await)
            }
            Err(error) => Err(DialError::Broken { who: to.label(), source: std::io::Error::other(error) }),
        }
    }
}
