//! `airway pending`: who has asked to be trusted, and waits.

use serde::Serialize;

use super::{finish, request::Listed};
use crate::{
    api::{Request, RequestsQuery, Standing, Which},
    cli::{
        Context, Error, follow,
        output::{Output, View},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway pending
  airway pending --all
  airway pending --follow --count 1 --timeout 1h --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Show your own requests that wait, and who is blocked, as well
    #[arg(long)]
    all: bool,
    /// Print requests as they come, first those that wait already
    #[arg(short, long, conflicts_with = "all")]
    follow: bool,
    #[command(flatten)]
    limits: follow::Limits,
}

/// Who waits.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Waiting(Vec<Request>);

impl Output for Waiting {
    fn text(&self, view: &View) -> String {
        self.0.iter().map(|request| Listed(request.clone()).text(view)).collect::<Vec<_>>().join("\n")
    }

    fn remark(&self, _view: &View) -> Option<String> {
        if self.0.is_empty() {
            return Some("nobody waits for an answer".into());
        }
        self.0.iter().any(|request| request.state == Standing::Pending).then(|| {
            "names and words are those of strangers. Ask each owner for the fingerprint behind the #, then run \
             `airway approve <who>`, `airway reject <who>` or `airway block <who>`"
                .into()
        })
    }
}

impl Args {
    pub(super) async fn run(self, context: &Context) -> Result<(), Error> {
        let client = context.client()?;
        if self.follow {
            let begun = client.follow_requests();
            return finish(
                context,
                follow::print(context, self.limits, "waiting for requests", begun, Listed).await,
            );
        }
        let state = if self.all { Which::All } else { Which::Pending };
        let requests = client.requests(&RequestsQuery { state }).await?;
        finish(context, Ok(Waiting(requests)))
    }
}
