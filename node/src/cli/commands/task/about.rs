//! `airway task accept`, `decline` and `fail`: the word of the worker.

use super::item::Done;
use crate::{
    api::{FailRequest, ReasonRequest},
    cli::{Context, Error},
};

const ACCEPT: &str = "\
Examples:
  airway task accept 0199f2c1-7a";

const DECLINE: &str = "\
Examples:
  airway task decline 0199f2c1-7a 'not my field'";

const FAIL: &str = "\
Examples:
  airway task fail 0199f2c1-7a 'the log is empty'";

#[derive(Debug, clap::Args)]
#[command(after_help = ACCEPT)]
pub(super) struct AcceptArgs {
    /// Id of the task, or a unique beginning of that
    id: String,
}

#[derive(Debug, clap::Args)]
#[command(after_help = DECLINE)]
pub(super) struct DeclineArgs {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// Why, for the requester
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = FAIL)]
pub(super) struct FailArgs {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// Why, for the requester
    reason: String,
    /// Do so only if this attempt is the last: the number that it was taken with
    #[arg(long)]
    attempt: Option<u32>,
}

pub(super) async fn accept(args: AcceptArgs, context: &Context) -> Result<Done, Error> {
    Ok(Done(context.client()?.accept_task(&args.id).await?))
}

pub(super) async fn decline(args: DeclineArgs, context: &Context) -> Result<Done, Error> {
    let request = ReasonRequest { reason: args.reason };
    Ok(Done(context.client()?.decline_task(&args.id, &request).await?))
}

pub(super) async fn fail(args: FailArgs, context: &Context) -> Result<Done, Error> {
    let request = FailRequest { attempt: args.attempt, reason: args.reason };
    Ok(Done(context.client()?.fail_task(&args.id, &request).await?))
}
