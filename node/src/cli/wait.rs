//! How long to wait.

use std::{future::Future, time::Duration};

use clap::Args;

use super::error::Error;
use crate::api::{self, Code};

/// The flag of every command that waits for somebody else.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Wait {
    /// Give up after this long, as in 500ms, 10s or 2min
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(super) timeout: Option<Duration>,
}

/// A time as the API counts it.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How long something may wait in the outbox.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Expiry {
    /// Let it wait this long in the outbox for an agent that is away, up to 28 days [default: 7days]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires: Option<Duration>,
}

impl Expiry {
    /// As the API counts it: whole seconds, at least one.
    pub(super) fn seconds(self) -> Option<u64> {
        self.expires.map(|expires| expires.as_secs().max(1))
    }
}

impl Wait {
    /// As the API counts it.
    pub(super) fn millis(self) -> Option<u64> {
        self.timeout.map(millis)
    }

    /// Waits for `what` no longer than asked for.
    pub(super) async fn bound<T>(
        self,
        what: &str,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.bound_or(what, || "give it more time with --timeout".into(), future).await
    }

    /// The same, with another hint for who has not waited long enough.
    pub(super) async fn bound_or<T>(
        self,
        what: &str,
        hint: impl FnOnce() -> String,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(timeout) = self.timeout else {
            return future.await;
        };
        tokio::time::timeout(timeout, future).await.unwrap_or_else(|_| {
            let after = humantime::format_duration(timeout);
            let error = api::Error::new(Code::Timeout, format!("{what} took longer than {after}"));
            Err(error.hint(hint()).into())
        })
    }
}
