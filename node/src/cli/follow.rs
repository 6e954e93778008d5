//! What a follow mode of the daemon yields, printed line by line.

use serde::de::DeserializeOwned;

use super::{
    context::Context,
    error::Error,
    output::{Nothing, Output},
    wait::Wait,
};
use crate::api::{self, Code, client::Follow};

/// When to stop following.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct Limits {
    /// End after this many, while following
    #[arg(long, requires = "follow")]
    count: Option<u64>,
    /// Give up after this long, as in 500ms, 10s or 2min, while following
    #[arg(long, requires = "follow", value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<std::time::Duration>,
}

/// Prints each object as it comes.
pub(super) async fn print<T: DeserializeOwned, O: Output>(
    context: &Context,
    limits: Limits,
    what: &str,
    begun: impl Future<Output = Result<Follow<T>, api::Error>>,
    show: impl Fn(T) -> O,
) -> Result<Nothing, Error> {
    let following = async {
        let mut follow = begun.await?;
        let mut left = limits.count;
        while left != Some(0) {
            let Some(item) = follow.next().await? else {
                return Err(api::Error::new(Code::NotRunning, "the daemon ended").into());
            };
            context.printer.item(&show(item))?;
            left = left.map(|left| left - 1);
        }
        Ok(Nothing)
    };
    Wait { timeout: limits.timeout }.bound(what, following).await
}
