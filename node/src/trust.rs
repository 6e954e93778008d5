//! How agents come to trust each other, and cease to.
//!
//! ```text
//! owner ─► ask, approve, reject, revoke, block, pair ─┐
//! peer ──► knock, port 444 ─► doors ─► hear ──────────┼─► turn: relation, log, contact, what to say, in one commit
//! clock ─► lapse ─────────────────────────────────────┘     │
//!                                                           ├─► contacts, access list; streams cut
//!                                                           └─► courier: says it until the other has heard
//! ```
//!
//! What a turn makes of a relation is decided by [`Relation::step`](airway_protocols::trust::Relation::step), which is
//! pure. Here it meets the disk, the clock and the network, in this order: first the commit, then the access list, then
//! the open streams, then the peer. So whoever was revoked is served by nobody from the commit on, whatever crashes; and
//! what was approved is approved again after a crash, and said again until the other has it.

mod courier;
mod doors;
mod find;
mod hear;
mod lapse;
mod log;
mod owner;
mod pair;
mod pins;
mod row;
mod turn;

use std::{sync::Arc, time::Duration};

use courier::Courier;
pub use log::{Request, TrustEvent, What};
pub use owner::{Ask, Terms, Trusting};
pub use pair::{MAX_TICKET_LIFE, PairError, TICKET_LIFE};
pub use pins::{Conflict, Pin};
use tokio::sync::Mutex;
use turn::Turned;

use crate::{
    alarms::Alarms,
    contacts::Contacts,
    net::Net,
    own::Own,
    services::{outbox::Outbox, tasks::Tasks},
    store::{self, Store},
};

/// Agents that we may have asked and that have not answered: each is dialled now and then.
const MAX_REQUESTED: usize = 256;

/// How long a request of ours waits for an answer unless told otherwise.
pub const DEFAULT_LAPSE: Duration = Duration::from_secs(24 * 3600);

/// The longest that a request may wait, of whichever side.
pub const MAX_LAPSE: Duration = Duration::from_secs(7 * 24 * 3600);

/// What trust is made with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) own: Own,
    pub(crate) store: Store,
    pub(crate) contacts: Contacts,
    pub(crate) net: Net,
    pub(crate) outbox: Outbox,
    pub(crate) tasks: Tasks,
    pub(crate) alarms: Alarms,
}

/// See the module; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Trust(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    courier: Courier,
    /// Held from a commit until memory says the same.
    turning: Mutex<()>,
}

impl std::ops::Deref for Trust {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

impl Trust {
    /// Returns when memory says what the disk says.
    pub(crate) async fn settled(&self) {
        drop(self.0.turning.lock().await);
    }

    /// Opens the doors to other agents, and goes on with what was to be said.
    pub(crate) async fn start(parts: Parts) -> Result<Self, crate::StartError> {
        let trust = Self(Arc::new(Inner { parts, courier: Courier::default(), turning: Mutex::default() }));
        trust.recall_conflicts().await?;
        for relation in trust.store.relations_in(store::RelationState::Blocked).await? {
            trust.settle_peer(&relation);
        }
        for relation in trust.store.relations_with_said().await? {
            trust.settle_peer(&relation);
            trust.0.courier.wake(&trust, relation.agent).await;
        }
        // Nothing is heard before memory says what the disk says: it would be overwritten by what was read before.
        trust.open_doors()?;
        trust.net.spawn(lapse::watch(trust.clone()));
        Ok(trust)
    }
}
