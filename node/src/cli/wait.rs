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

impl Wait {
    /// As the API counts it.
    pub(super) fn millis(self) -> Option<u64> {
        self.timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX))
    }

    /// Waits for `what` no longer than asked for.
    pub(super) async fn bound<T>(
        self,
        what: &str,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(timeout) = self.timeout else {
            return future.await;
        };
        tokio::time::timeout(timeout, future).await.unwrap_or_else(|_| {
            let after = humantime::format_duration(timeout);
            let error = api::Error::new(Code::Timeout, format!("{what} took longer than {after}"));
            Err(error.hint("give it more time with --timeout").into())
        })
    }
}
