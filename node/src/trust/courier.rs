//! Brings what we have to say to whom it is for, until it is heard.
//!
//! A request goes to the door of strangers, and goes there again now and then for as long as it waits: each time there is
//! a connection over which the other can answer, even if it could not reach us by itself. Everything else goes to the
//! door of those who know us, and to that of strangers where it is shut.

use std::{collections::HashMap, sync::Arc, time::Duration};

use airway_protocols::{
    agent::AgentId,
    knock::{self, Knock, Proof},
    streams::Refusal,
    ticket::TicketId,
    trust::{self, Answer, Kind, Statement},
};
use libp2p::PeerId;
use rand::Rng as _;
use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

use super::{Trust, row::peer};
use crate::{
    clock,
    crash::{self, Place},
    door, store,
};

/// How long one attempt may take, dialling included.
const ATTEMPT: Duration = Duration::from_secs(20);

/// Wait after the first attempt that reached nobody; doubled each time.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// Wait before the first repetition of a request that was heard; doubled each time.
const FIRST_REMINDER: Duration = Duration::from_secs(5);

/// The longest wait of either kind. A connection of the other ends it.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The couriers under way, one for each agent to whom something is to be said.
#[derive(Debug, Clone, Default)]
pub(super) struct Courier(Arc<Mutex<HashMap<[u8; 32], Errand>>>);

#[derive(Debug)]
struct Errand {
    said: Vec<u8>,
    task: AbortHandle,
}

/// Why an attempt came to nothing: of interest to the log alone, and for a refusal in it.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What came of an attempt.
#[derive(Debug)]
enum Told {
    /// The other has heard it, and has nothing more to decide.
    Heard,
    /// It stands at the door of the other.
    Knocked,
    Away,
}

impl Courier {
    /// Sets out with what is to be said to an agent now; what was to be said before is not any more.
    pub(super) async fn wake(&self, trust: &Trust, agent: [u8; 32]) {
        let mut errands = self.0.lock().await;
        errands.retain(|_, errand| !errand.task.is_finished());
        // What the caller knows may be out of date.
        let Ok(Some(row)) = trust.store.relation(agent).await else { return };
        if errands.get(&agent).map(|errand| &errand.said) == row.said.as_ref() {
            return;
        }
        if let Some(former) = errands.remove(&agent) {
            former.task.abort();
        }
        let (Some(said), Some(peer)) = (row.said.clone(), peer(&row)) else { return };
        // Beside the network, and so it ends with it.
        let task = trust.net.spawn(run(trust.clone(), row, said.clone(), peer)).abort_handle();
        errands.insert(agent, Errand { said, task });
    }
}

/// Says it until it is heard, or it is too late.
async fn run(trust: Trust, row: store::Relation, said: Vec<u8>, peer: PeerId) {
    let statement = match Statement::from_bytes(&said) {
        Ok(statement) => statement,
        Err(error) => return tracing::error!(%error, "a statement in the database is damaged"),
    };
    let (mut retry, mut reminder, mut heard) = (FIRST_RETRY, FIRST_REMINDER, false);
    while row.said_until_ms.is_none_or(|until| clock::unix_ms() < until) {
        crash::point(Place::ToBeSaid);
        let begun = Instant::now();
        let wait = match timeout(ATTEMPT, attempt(&trust, &row, &statement, peer)).await {
            Ok(Told::Heard) => {
                heard = true;
                break;
            }
            Ok(Told::Knocked) => {
                retry = FIRST_RETRY;
                longer(&mut reminder)
            }
            Ok(Told::Away) | Err(_) => longer(&mut retry),
        };
        tracing::debug!(%peer, kind = ?statement.kind(), ?wait, "to be said again");
        // A request that stands at the door is answered on any connection; nothing else has to wait if there is one.
        let knocked = statement.kind() == Kind::Request && retry == FIRST_RETRY;
        let arrival = async {
            if knocked {
                std::future::pending::<()>().await;
            }
            // It may be our own connection, on which the other turned us away: then it is not tried again at once.
            sleep(FIRST_RETRY).await;
            trust.net.arrival(&peer, begun.into_std()).await;
        };
        tokio::select! {
            () = sleep(wait.mul_f64(rand::rng().random_range(0.75..1.25))) => {}
            () = arrival => {}
        }
    }
    if !heard && statement.kind() == Kind::Accept {
        // It stays unsaid, for the owner to see: the contact does not know that it is trusted.
        return;
    }
    crash::point(Place::Said);
    trust.said(&row, said).await;
    crash::point(Place::Acknowledged);
}

/// This wait; the next one is twice as long.
fn longer(wait: &mut Duration) -> Duration {
    let next = (*wait * 2).min(LONGEST);
    std::mem::replace(wait, next)
}

async fn attempt(trust: &Trust, row: &store::Relation, statement: &Statement, peer: PeerId) -> Told {
    if statement.kind() == Kind::Request {
        return knock(trust, row, statement, peer).await;
    }
    let told = async {
        let mut stream = trust.net.open(peer, trust::PROTOCOL).await?;
        Ok::<_, Failed>(trust::tell(&mut stream, statement).await?)
    };
    match told.await {
        Ok(Answer::Taken | Answer::Invalid) => Told::Heard,
        Ok(Answer::Failed) => Told::Away,
        Err(error) if matches!(door::refusal(&*error), Some(Refusal::Unsupported)) => {
            knock(trust, row, statement, peer).await
        }
        Err(error) => {
            tracing::debug!(%peer, %error, "not heard yet");
            Told::Away
        }
    }
}

async fn knock(trust: &Trust, row: &store::Relation, statement: &Statement, peer: PeerId) -> Told {
    let proof = |ticket: &[u8], proof: &[u8]| {
        Some(Proof { ticket: TicketId::from_bytes(ticket.try_into().ok()?), proof: proof.try_into().ok()? })
    };
    let ticket = row.said_ticket.as_ref().zip(row.said_proof.as_ref()).and_then(|(id, mac)| proof(id, mac));
    let knock = Knock { statement: statement.as_bytes().to_vec(), ticket };
    let knocked = async {
        let mut stream = trust.net.open(peer, knock::PROTOCOL).await?;
        Ok::<_, Failed>(knock::knock(&mut stream, &knock).await?)
    };
    match knocked.await {
        Ok(()) if statement.kind() == Kind::Request => Told::Knocked,
        Ok(()) => Told::Heard,
        Err(error) => {
            tracing::debug!(%peer, %error, "a knock was not heard");
            Told::Away
        }
    }
}

impl Trust {
    /// Notes that there is nothing more to say.
    async fn said(&self, row: &store::Relation, said: Vec<u8>) {
        // No turn in between: what is read here is what memory gets to hold.
        let _turning = self.0.turning.lock().await;
        match self.store.relation_acknowledged(row.agent, said).await {
            Ok(true) => self.contacts.confirm(&AgentId::from_bytes(row.agent)),
            // By now there is something else to say.
            Ok(false) => return,
            Err(store::Error::Closed) => return,
            Err(error) => tracing::warn!(%error, "it was not stored that a statement was heard"),
        }
        if let Ok(Some(row)) = self.store.relation(row.agent).await {
            self.settle_peer(&row);
        }
    }
}
