//! `airway listen`: the receiving end of a raw stream.

use serde::Serialize;

use crate::{
    api::{self, Accepted, Code, Offered, client::Client},
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
    /// Accept the next stream when one has ended; whoever dials meanwhile waits
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
    let listening = Event::Listening { endpoint: format!("{address}:{}", args.port) };
    if args.keep {
        keep(&args, context, &client, &listening).await
    } else {
        once(&args, context, &client, &listening).await
    }
}

/// Serves one peer.
async fn once(args: &Args, context: &Context, client: &Client, event: &Event) -> Result<Nothing, Error> {
    let listening = client.listen(args.port).await?;
    context.printer.notice(event);
    // Not before somebody listens: what is piped in should not be read in vain.
    let mut pipe = Pipe::stdio()?;
    let accept = async { Ok(listening.accept().await?) };
    let (Accepted { from, name }, stream) = args.wait.bound("waiting for a peer", accept).await?;
    context.printer.notice(&Event::Connected { from, name });
    pipe.carry(stream).await?;
    pipe.finish().await.map(|()| Nothing)
}

/// Serves one peer after the other; whoever comes meanwhile waits.
async fn keep(args: &Args, context: &Context, client: &Client, event: &Event) -> Result<Nothing, Error> {
    let mut offers = client.keep(args.port).await?;
    context.printer.notice(event);
    let mut pipe = Pipe::stdio()?;
    loop {
        let next = async { Ok(offers.next().await?) };
        let Some(Offered { id, from, name }) = args.wait.bound("waiting for a peer", next).await? else {
            return Err(api::Error::new(Code::NotRunning, "the daemon ended").into());
        };
        let stream = client.accept(id).await?;
        context.printer.notice(&Event::Connected { from, name });
        pipe.carry(stream).await?;
    }
}
