//! The yardstick: changes that such a store commits to the same disk, and nothing else.

use std::{error::Error, time::Instant};

use airway::store::Store;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use tempfile::TempDir;

use super::AT_ONCE;

/// A store that nobody else uses, and where it lies.
#[derive(Debug)]
pub(super) struct Commits {
    store: Store,
    _dir: TempDir,
}

/// Changes a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rate {
    /// Each waits for the one before.
    pub single: f64,
    /// As many at once as a requester has tasks under way: they share commits.
    pub shared: f64,
}

impl Commits {
    pub(super) fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let dir = TempDir::with_prefix("airway-")?;
        Ok(Self { store: Store::open(&dir.path().join("store.db"))?, _dir: dir })
    }

    /// Changes one small row so often.
    pub(super) async fn measure(&self, count: usize) -> Result<Rate, Box<dyn Error + Send + Sync>> {
        Ok(Rate { single: self.rate(count, 1).await?, shared: self.rate(count, AT_ONCE).await? })
    }

    async fn rate(&self, count: usize, at_once: usize) -> Result<f64, Box<dyn Error + Send + Sync>> {
        let start = Instant::now();
        let changes = stream::iter((1..=u16::MAX).cycle().take(count));
        let changes = changes.map(|port| self.store.set_listen_port(port)).buffer_unordered(at_once);
        changes.try_for_each(async |()| Ok(())).await?;
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        Ok(count as f64 / start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE))
    }
}
