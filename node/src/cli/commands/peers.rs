//! `airway peers`: who is connected, and how.

use serde::Serialize;

use crate::{
    api::{Direction, Path, Peer},
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway peers
  airway peers --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// The open connections.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Peers(Vec<Peer>);

impl Output for Peers {
    fn text(&self, _view: &View) -> String {
        let rows = self.0.iter().map(|peer| {
            [
                peer.name.clone().unwrap_or_default(),
                peer.address.clone(),
                format!("{}, {}", path(peer.path), peer.transport),
                match peer.direction {
                    Direction::In => "in".into(),
                    Direction::Out => "out".into(),
                },
                human::duration(peer.open_s),
                peer.multiaddr.clone(),
            ]
        });
        table(["NAME", "ADDRESS", "PATH", "DIALLED", "OPEN", "MULTIADDR"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0
            .is_empty()
            .then(|| "nobody is connected: `airway ping <who>` connects to a trusted agent".into())
    }
}

/// How the bytes travel, in a word.
pub(super) fn path(path: Path) -> &'static str {
    match path {
        Path::Direct => "direct",
        Path::Relayed => "relayed",
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Peers, Error> {
    Ok(Peers(context.client()?.peers().await?))
}
