//! The `airway` command: daemon and command line in one.

use std::process::ExitCode;

fn main() -> ExitCode {
    airway::cli::main()
}
