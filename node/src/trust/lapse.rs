//! What ends by itself: requests that nobody answered, and trust that was given for a time.

use std::time::Duration;

use airway_protocols::{agent::AgentId, trust::Event};
use libp2p::identity::ed25519;
use tokio::time::{MissedTickBehavior, interval};

use super::{Trust, turn::Move};
use crate::{clock, contacts::ChangeError, store};

/// How often it is looked. By the wall clock, which may jump, and so it is not slept until then.
const TICK: Duration = Duration::from_secs(1);

/// How often rows are deleted that nobody needs any more, in ticks.
const PRUNE: u64 = 3600;

/// Lets everything lapse in its time, until the store closes.
pub(super) async fn watch(trust: Trust) {
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 0_u64.. {
        tick.tick().await;
        let lapsed = match trust.store.lapsed(clock::unix_ms()).await {
            Ok(lapsed) => lapsed,
            Err(store::Error::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "it is not known what has lapsed");
                continue;
            }
        };
        for row in lapsed {
            if let Err(error) = trust.lapse(&row).await {
                tracing::warn!(%error, "what has lapsed could not be ended");
            }
        }
        if count % PRUNE == 0
            && let Err(error) = trust.store.trust_prune(clock::unix_ms()).await
        {
            tracing::warn!(%error, "old relations were not deleted");
        }
    }
}

impl Trust {
    async fn lapse(&self, row: &store::Relation) -> Result<(), ChangeError> {
        let key = ed25519::PublicKey::try_from_bytes(&row.public_key).map_err(|_| store::Error::Corrupt)?;
        let decide = |row: &mut store::Relation, _: &store::Look<'_>| {
            // It may have been renewed meanwhile.
            let due = row.expires_at_ms.is_some_and(|at| at <= clock::unix_ms());
            Ok(due.then(|| Move { event: Some(Event::Lapse), ..Move::default() }))
        };
        self.turn_at_once(AgentId::from_bytes(row.agent), &key, decide).await?;
        Ok(())
    }
}
