//! `airway down`: no daemon any more.

use std::time::Duration;

use serde::Serialize;

use crate::{
    api::{Code, client::Client},
    cli::{
        Context, Error,
        output::{Output, View},
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway down
  airway down --timeout 5s";

/// How long the daemon may take to end if no flag says otherwise.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How often to look whether it is gone.
const LOOK: Duration = Duration::from_millis(25);

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    wait: Wait,
}

/// A daemon that is gone.
#[derive(Debug, Serialize)]
pub(super) struct Stopped {
    /// The process it was, unless it was too confused to say.
    pid: Option<u32>,
}

impl Output for Stopped {
    fn text(&self, _view: &View) -> String {
        match self.pid {
            Some(pid) => format!("stopped the daemon, process {pid}"),
            None => "stopped the daemon".into(),
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Stopped, Error> {
    let client = context.client()?;
    // A daemon of another version is to be stopped all the same.
    let pid = client.status().await.ok().map(|status| status.pid);
    client.shutdown().await?;
    let wait = Wait { timeout: Some(args.wait.timeout.unwrap_or(TIMEOUT)) };
    wait.bound("the end of the daemon", gone(&client)).await?;
    Ok(Stopped { pid })
}

/// Waits until nobody answers on the socket. A daemon lets go of it last, when its files are closed.
async fn gone(client: &Client) -> Result<(), Error> {
    loop {
        match client.status().await {
            Err(error) if error.code == Code::NotRunning => return Ok(()),
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}
