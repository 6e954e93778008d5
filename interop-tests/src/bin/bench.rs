//! `bench`: Airway beside plain libp2p and raw quinn. See [`airway_interop_tests::bench`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway_interop_tests::bench::{self, Measurement, Ready, Runtime, Size, Stack, Transport};
use clap::{Parser, Subcommand, ValueEnum};

/// Measure Airway beside plain libp2p and raw quinn
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
    /// Measure this alone; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Measurement>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SizeName {
    /// Some seconds; the figures mean nothing
    Quick,
    /// About five minutes
    Standard,
    /// About two hours
    Full,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be the server of one client
    #[command(hide = true)]
    Serve {
        stack: Stack,
        #[arg(long)]
        transport: Transport,
        #[arg(long)]
        trust: Option<String>,
    },
    /// Be the server of clients that do nothing
    #[command(hide = true)]
    Hold { stack: Stack, connections: usize },
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
    match args.command {
        Some(Command::Serve { stack, transport, trust }) => {
            return runtime.block_on(bench::serve(stack, transport, trust, announce));
        }
        Some(Command::Hold { stack, connections }) => {
            return runtime.block_on(bench::hold(stack, connections, announce));
        }
        None => {}
    }
    let size = match args.size {
        _ if args.quick => Size::QUICK,
        SizeName::Quick => Size::QUICK,
        SizeName::Standard => Size::STANDARD,
        SizeName::Full => Size::FULL,
    };
    let measurements = if args.only.is_empty() { Measurement::value_variants() } else { &args.only };
    let report = runtime.block_on(bench::run(size, args.runtime, measurements))?;
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
