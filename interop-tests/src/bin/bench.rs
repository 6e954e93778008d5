//! `bench`: Airway beside plain libp2p. See [`airway_interop_tests::bench`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway::protocols::card::Card;
use airway_interop_tests::bench::{self, Ready, Runtime, Size};
use clap::{Parser, Subcommand, ValueEnum};

/// Measure Airway beside plain libp2p
#[derive(Debug, Parser)]
struct Args {
    /// How much to measure
    #[arg(long, value_enum, default_value_t = SizeName::Standard)]
    size: SizeName,
    /// Short for `--size quick`
    #[arg(long, conflicts_with = "size")]
    quick: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// What the measuring tasks run on
    #[arg(long, value_enum, default_value_t = Runtime::MultiThread)]
    runtime: Runtime,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SizeName {
    /// A second or two; the figures mean nothing
    Quick,
    /// About two minutes
    Standard,
    /// About an hour
    Full,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be the server: an Airway node, or without `--trust` plain libp2p
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        trust: Option<Card>,
    },
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> io::Result<()> {
    let runtime = args.runtime.build()?;
    if let Some(Command::Serve { trust }) = args.command {
        return runtime.block_on(bench::serve(trust, announce));
    }
    let size = match args.size {
        _ if args.quick => Size::QUICK,
        SizeName::Quick => Size::QUICK,
        SizeName::Standard => Size::STANDARD,
        SizeName::Full => Size::FULL,
    };
    let report = runtime.block_on(bench::run(size, args.runtime))?;
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::to_string(&report)?)
    } else {
        write!(io::stdout(), "{report}")
    }
}

/// Tells the client that the server is ready. A client that is gone does not read it; the server then ends by itself.
fn announce(ready: &Ready) {
    if let Ok(line) = serde_json::to_string(ready) {
        let _ = writeln!(io::stdout(), "{line}");
    }
}
