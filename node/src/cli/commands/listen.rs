//! `airway listen`: the receiving end of a raw stream.

use serde::Serialize;

use crate::{
    api::Accepted,
    cli::{
        Context, Error,
        output::{Nothing, Output, View, clean},
        pipe::Pipe,
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway listen 5000
  airway listen 5000 > file
  airway listen 5000 --keep >> journal";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The port to listen on
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Accept the next stream when one has ended
    #[arg(short, long)]
    keep: bool,
    #[command(flatten)]
    wait: Wait,
}

/// What goes on, told on stderr.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Listening { endpoint: String },
    Connected { from: String, name: Option<String> },
}

impl Output for Event {
    fn text(&self, _view: &View) -> String {
        match self {
            Self::Listening { endpoint } => {
                format!("listening: a trusted agent runs `airway dial '{}'`", clean::line(endpoint))
            }
            Self::Connected { from, name: Some(name) } => {
                format!("connected: {} ({})", clean::line(name), clean::line(from))
            }
            Self::Connected { from, name: None } => format!("connected: {}", clean::line(from)),
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    let client = context.client()?;
    let address = client.me().await?.address;
    let mut listening = client.listen(args.port).await?;
    context.printer.notice(&Event::Listening { endpoint: format!("{address}:{}", args.port) });
    // Not before somebody listens: what is piped in should not be read in vain.
    let mut pipe = Pipe::stdio()?;
    loop {
        let accept = async { Ok(listening.accept().await?) };
        let (Accepted { from, name }, stream) = args.wait.bound("waiting for a peer", accept).await?;
        context.printer.notice(&Event::Connected { from, name });
        pipe.carry(stream).await?;
        if !args.keep {
            return pipe.finish().await.map(|()| Nothing);
        }
        listening = client.listen(args.port).await?;
    }
}
