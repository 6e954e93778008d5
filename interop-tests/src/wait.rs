//! Waiting for what another process does: for a condition, never for a time.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Between two looks at a condition.
const PACE: Duration = Duration::from_millis(20);

/// Waits until a condition holds.
///
/// # Panics
/// If it does not within `patience`; says `what` was waited for.
pub async fn until(what: &str, patience: Duration, mut condition: impl AsyncFnMut() -> bool) {
    let holds = async {
        while !condition().await {
            sleep(PACE).await;
        }
    };
    timeout(patience, holds).await.unwrap_or_else(|_| panic!("not within {patience:?}: {what}"));
}
