//! `airway pair <ticket>`: use it.

use super::Args;
use crate::{
    api::UseRequest,
    cli::{Context, Error, commands::contact::Changed, input},
};

pub(super) async fn run(ticket: String, args: Args, context: &Context) -> Result<Changed, Error> {
    let request = UseRequest {
        ticket: input::ticket(ticket)?,
        alias: args.alias,
        scopes: args.grant.scopes(args.trust_expires),
        timeout_ms: args.wait.millis(),
    };
    Ok(Changed::new("now trusting", context.client()?.pair(&request).await?))
}
