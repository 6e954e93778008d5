//! What others find of us: a signed claim, laid in the DHT under our address, and under name and tags if we want to be
//! found by them.
//!
//! A claim is made anew when something in it changes, and before it expires; and soon after the start a few times more, and
//! whenever twice as many servers are known: a young network has few, and others take their places.

use std::time::Duration;

use airway_protocols::claim::{self, Claim, ClaimDraft, Key, set};
use futures::future::join_all;
use rand::Rng as _;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Mesh, MeshError, Published};
use crate::config::Visibility;

/// How long is waited for further changes: listeners report one address after the other.
const SETTLE: Duration = Duration::from_millis(200);

/// Between two publications of what has not changed. It is good for four times as long.
const RENEWAL: Duration = Duration::from_secs(12 * 3600);

/// After the first publication, these come first.
const EARLY: [Duration; 4] = [
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
];

/// Once a member is met, it is waited this long for others before they are counted.
const GROWTH: Duration = Duration::from_secs(2);

/// Wait after one that no server took; doubled each time, up to [`LONGEST`].
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// The longest of these waits.
const LONGEST: Duration = Duration::from_secs(60);

impl Mesh {
    /// Keeps others able to find us, as far as we want it.
    pub(super) async fn keep_published(self) {
        if self.visibility() == Visibility::Hidden {
            return std::future::pending().await;
        }
        let (mut me, mut listening) = (self.own.changes(), self.own.listening());
        let mut met = self.0.met.subscribe();
        let (mut early, mut retry) = (EARLY.into_iter(), FIRST_RETRY);
        let (mut due, mut is_due) = (Instant::now(), true);
        let mut last = None;
        loop {
            me.mark_unchanged();
            listening.mark_unchanged();
            met.mark_unchanged();
            let servers = self.net.servers().await.len();
            let stored = self.publish(&mut last).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "nobody can find this agent");
                0
            });
            if stored == 0 {
                (due, is_due) = (Instant::now() + retry, true);
                retry = (retry * 2).min(LONGEST);
            } else if std::mem::take(&mut is_due) {
                // What changes in between does not count: the network grows with time.
                retry = FIRST_RETRY;
                let next = early.next().unwrap_or(RENEWAL);
                due = Instant::now() + next.mul_f64(rand::rng().random_range(0.9..1.1));
            }
            tokio::select! {
                () = sleep_until(due) => is_due = true,
                _ = me.changed() => {}
                _ = listening.changed() => {}
                // The first server that is met gets it at once.
                Ok(()) = met.changed(), if stored == 0 => {}
                () = self.grown(servers) => {}
            }
            sleep(SETTLE).await;
        }
    }

    /// Returns when twice as many servers are known as there were: a claim is looked for at those nearest to its key among
    /// all, and may lie on none of them.
    async fn grown(&self, former: usize) {
        let mut met = self.0.met.subscribe();
        loop {
            sleep(GROWTH).await;
            if self.net.servers().await.len() >= (2 * former).max(1) || met.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lays a new claim in the DHT, and takes back the last one where the new one does not belong; returns on how many
    /// servers it lies, under the key that has it least.
    async fn publish(&self, last: &mut Option<Claim>) -> Result<usize, MeshError> {
        let claim = self.claim(true).await?;
        self.0.claim.send_replace(Some(claim.clone()));
        if let Some(last) = last.replace(claim.clone()) {
            let kept = claim.keys();
            let former: Vec<_> = last.keys().into_iter().filter(|key| !kept.contains(key)).collect();
            if !former.is_empty() {
                self.unprovide(&former).await;
                self.lay(&self.claim(false).await?, &former).await;
            }
        }
        let keys = claim.keys();
        let (laid, provided) = tokio::join!(self.lay(&claim, &keys), self.provide(&claim, &keys));
        let stored = laid.max(provided);
        self.0.published.send_replace(Some(Published { issued: claim.issued(), stored }));
        tracing::debug!(stored, "others can find this agent");
        Ok(stored)
    }

    async fn lay(&self, claim: &Claim, keys: &[Key]) -> usize {
        let Some(realm) = self.net.shared().members.realm() else { return 0 };
        let value = set::join(std::slice::from_ref(claim));
        // All at once: a handful, and a server that does not answer holds up each of them.
        let laid = keys.iter().map(|key| self.net.publish(key.bytes(&realm.id()), value.clone()));
        join_all(laid).await.into_iter().map(|published| published.stored).min().unwrap_or(0)
    }

    /// What we say of ourselves; `present` is not so once we do not want to be found any more.
    async fn claim(&self, present: bool) -> Result<Claim, MeshError> {
        let standing = self.standing();
        let realm = self.net.shared().members.realm().ok_or(MeshError::NotInNetwork)?;
        let named = present && self.visibility() == Visibility::Public;
        let card = self.own.listed_card(named, present)?;
        let issued = self.store.claim_time(crate::clock::unix_ms()).await?;
        let tags = if named { self.own.me().tags } else { Vec::new() };
        let draft = ClaimDraft {
            card: &card,
            tags: &tags,
            issued,
            // One that takes another back outlives it: nobody shall put that one back.
            expires: issued + claim::LIFE,
            certificate: standing.as_ref().map(|standing| &standing.certificate),
        };
        Ok(Claim::sign(&realm, &self.own.keypair(), draft)?)
    }

    /// Takes back what others find of us, as far as servers can be reached.
    pub(super) async fn withdraw(&self) {
        if self.0.published.borrow().is_none() {
            return;
        }
        self.0.claim.send_replace(None);
        let (Ok(last), Ok(withdrawn)) = (self.claim(true).await, self.claim(false).await) else { return };
        // Under the keys of what is there.
        let stored = timeout(WITHDRAWING, self.lay(&withdrawn, &last.keys())).await;
        tracing::debug!(?stored, "what others found of this agent is taken back");
    }
}

/// How long servers are told that we are not to be found any more.
const WITHDRAWING: Duration = Duration::from_secs(2);
