//! `airway up`: the daemon, in this process or in one of its own.

pub(super) mod detach;

use libp2p::Multiaddr;

use super::status::Running;
use crate::{
    cli::{Context, Error, logging, output::Nothing, wait::Wait},
    daemon,
};

const EXAMPLES: &str = "\
Examples:
  airway up
  airway up --detach
  airway up --listen /ip4/0.0.0.0/udp/4001/quic-v1 --log airway=debug";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Leave the daemon running on its own and return once it answers
    #[arg(short, long)]
    pub(super) detach: bool,
    /// Listen on this address instead of the configured ones; may be repeated
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<Multiaddr>,
    /// Put this address on the contact card as well; may be repeated
    #[arg(long, value_name = "MULTIADDR")]
    announce: Vec<Multiaddr>,
    /// Put this name on the contact card
    #[arg(long)]
    name: Option<String>,
    /// Log what this filter lets through, as in warn,airway=debug
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Write the log in this form
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    log_format: logging::Format,
    #[command(flatten)]
    wait: Wait,
}

/// Runs the daemon in this process, and returns when it has ended.
pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    if args.wait.timeout.is_some() {
        return Err(Error::usage("--timeout is for --detach alone", "add --detach, or leave --timeout out"));
    }
    logging::start(args.log.as_deref(), args.log_format)?;
    let options = daemon::Options {
        home: context.paths()?.home().to_owned(),
        listen: args.listen,
        announce: args.announce,
        name: args.name,
    };
    let printer = context.printer;
    daemon::run(options, |status| {
        // A daemon outlives whoever read its first line.
        printer.item(&Running(status)).ok();
    })
    .await?;
    Ok(Nothing)
}
