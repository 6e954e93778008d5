//! `peer`: an agent for a driver. See [`airway_interop_tests::peer`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway_interop_tests::{contract::Flags, peer};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Be an agent that does what comes in by standard input
#[derive(Debug, Parser)]
struct Args {
    #[command(flatten)]
    flags: Flags,
    /// What to log on standard error
    #[arg(long, env = "AIRWAY_LOG", default_value = "info,airway=debug")]
    log: String,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_new(&args.log).unwrap_or_default();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(io::stderr).init();
    match peer::run(args.flags, tokio::io::stdin()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
