//! `tasks_bench`: requesters and workers, measured in one run. See [`airway_interop_tests::taskload`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway_interop_tests::taskload::{self, Report, Size};
use clap::Parser;

/// Measure what tasks take from their submission to their result
#[derive(Debug, Parser)]
struct Args {
    /// Show that everything works; the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    let size = if args.quick { Size::QUICK } else { Size::STANDARD };
    let shown = match taskload::measure(size).await {
        Ok(report) => show(&report, args.json),
        Err(error) => Err(io::Error::other(error)),
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show(report: &Report, json: bool) -> io::Result<()> {
    if json {
        writeln!(io::stdout(), "{}", serde_json::to_string(report)?)
    } else {
        write!(io::stdout(), "{report}")
    }
}
