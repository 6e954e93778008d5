//! `airway task cancel`

use serde::Serialize;

use super::item;
use crate::{
    api::{CancelRequest, Task},
    cli::{
        Context, Error,
        output::{Output, View, clean},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway task cancel 0199f2c1-7a -m 'found it myself'
  airway task cancel 0199f2c1-7a --abandon

The worker is asked, and asked again until it has answered; if it is done by then, the result counts.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Id of the task, or a unique beginning of that
    id: String,
    /// Why, for the worker
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// End it here at once, whatever the worker does: a result that comes later is refused
    #[arg(long)]
    abandon: bool,
}

/// A task that is not wanted any more.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Cancelled(Task);

impl Output for Cancelled {
    fn text(&self, _view: &View) -> String {
        format!("{} {}", item::state(&self.0), clean::line(&self.0.id))
    }

    fn remark(&self, _view: &View) -> Option<String> {
        (!self.0.state.is_final())
            .then(|| "the worker is asked as soon as it can be reached: see airway task show".into())
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Cancelled, Error> {
    let request = CancelRequest { text: args.message, abandon: args.abandon };
    Ok(Cancelled(context.client()?.cancel_task(&args.id, &request).await?))
}
