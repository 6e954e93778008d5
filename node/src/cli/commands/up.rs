//! `airway up`: the daemon, in this process or in one of its own.

pub(super) mod detach;

use std::path::PathBuf;

use super::status::Running;
use crate::{
    cli::{Context, Error, output::Nothing, wait::Wait},
    config::Overrides,
    daemon,
};

const EXAMPLES: &str = "\
Examples:
  airway up --detach
  airway up --relay-server --announce /ip4/198.51.100.7/udp/4001/quic-v1
  airway up --stealth --relay 'airway:CiQIARIg…'
  AIRWAY_INVITE='airway-net:pGRj…' airway up --detach
  airway up --swarm-key ~/.ipfs/swarm.key --dht-prefix /ipfs";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Leave the daemon running on its own and return once it answers
    #[arg(short, long)]
    pub(super) detach: bool,
    /// Listen on this address instead of the configured ones; may be repeated
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// Put this address on the contact card as well; may be repeated
    #[arg(long, value_name = "MULTIADDR")]
    announce: Vec<String>,
    /// Be reached through this relay, given by its card or by a multiaddr with /p2p/<id>; may be repeated
    #[arg(long, value_name = "RELAY")]
    relay: Vec<String>,
    /// Be a relay for others
    #[arg(long)]
    relay_server: bool,
    /// Answer nobody who comes from an IP address where no contact is expected
    #[arg(long)]
    stealth: bool,
    /// With --stealth, answer who comes from this network as well; may be repeated
    #[arg(long, value_name = "NETWORK")]
    expect: Vec<String>,
    /// Let these find the agent: nobody, who knows its address, or who knows its name or looks for its tags
    #[arg(long, value_name = "WHO", value_parser = ["hidden", "listed", "public"])]
    visibility: Option<String>,
    /// Take this part in the DHT of the network
    #[arg(long, value_name = "MODE", value_parser = ["auto", "off", "client", "server"])]
    dht: Option<String>,
    /// Find others through this host, given by its card or by a multiaddr with /p2p/<id>; may be repeated
    #[arg(long, value_name = "HOST")]
    bootstrap: Vec<String>,
    /// Join this network if the home is in none; AIRWAY_INVITE keeps the invite out of the list of processes
    #[arg(long, value_name = "INVITE")]
    invite: Option<String>,
    /// Be in the private libp2p network whose key is in this file, by TCP alone
    #[arg(long, value_name = "FILE")]
    swarm_key: Option<PathBuf>,
    /// With --swarm-key, speak the DHT whose protocol is <PREFIX>/kad/1.0.0
    #[arg(long, value_name = "PREFIX")]
    dht_prefix: Option<String>,
    /// Put this name on the contact card
    #[arg(long)]
    name: Option<String>,
    /// Log what this filter lets through, as in warn,airway=debug
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Write the log in this form
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"])]
    log_format: Option<String>,
    #[command(flatten)]
    wait: Wait,
}

impl Args {
    /// What the flags say about the settings. A flag that is not there has no opinion.
    fn overrides(self) -> Overrides {
        let list = |addresses: Vec<String>| (!addresses.is_empty()).then_some(addresses);
        Overrides {
            name: self.name,
            listen: list(self.listen),
            announce: list(self.announce),
            relays: list(self.relay),
            relay_server: self.relay_server.then_some(true),
            stealth: self.stealth.then_some(true),
            expect: list(self.expect),
            visibility: self.visibility,
            dht: self.dht,
            bootstrap: list(self.bootstrap),
            invite: self.invite,
            swarm_key: self.swarm_key,
            dht_prefix: self.dht_prefix,
            log_filter: self.log,
            log_format: self.log_format,
            ..Overrides::default()
        }
    }
}

/// Runs the daemon in this process, and returns when it has ended.
pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    if args.wait.timeout.is_some() {
        return Err(Error::usage("--timeout is for --detach alone", "add --detach, or leave --timeout out"));
    }
    let home = context.paths()?.home;
    let printer = context.printer;
    daemon::run(home.root(), args.overrides(), |status| {
        // A daemon outlives whoever read its first line.
        printer.item(&Running(status)).ok();
    })
    .await?;
    Ok(Nothing)
}
