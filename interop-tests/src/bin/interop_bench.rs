//! `interop_bench`: agents in Rust and in Go, in every pairing, measured in one run. See
//! [`airway_interop_tests::pairings`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway_interop_tests::{
    contract::Transport,
    pairings::{self, Size},
};
use clap::Parser;

/// Measure agents in Rust and in Go with each other
#[derive(Debug, Parser)]
struct Args {
    /// What they are connected by
    #[arg(long, default_value = "quic")]
    transport: Transport,
    /// Rounds, of which the medians are shown
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// MiB of a run and of a file
    #[arg(long, default_value_t = 256)]
    mib: u64,
    /// Round trips of one round
    #[arg(long, default_value_t = 3000)]
    trips: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Args { transport, rounds, mib, trips } = Args::parse();
    match pairings::measure(transport, Size { rounds, mib, trips }).await {
        Ok(table) => {
            let _ = write!(io::stdout(), "{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
