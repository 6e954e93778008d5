//! `matrix`: runs the matrix and writes its table into the README. See [`airway_interop_tests::matrix`].

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Command, ExitCode, Stdio},
};

use airway_interop_tests::{driver, matrix::Table};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every cell is well.
fn run() -> io::Result<bool> {
    let mut table = Table::new(driver::versions().map_err(io::Error::other)?);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tests = Command::new(cargo);
    tests.args(["test", "--locked", "--package", env!("CARGO_PKG_NAME"), "--test", "interop", "matrix::"]);
    let mut tests = tests.stdout(Stdio::piped()).spawn()?;
    let output = tests.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(io::stdout(), "{line}")?;
        table.hear(&line);
    }
    let well = tests.wait()?.success();
    // Of tests that do not build nothing is known.
    if !table.is_empty() {
        table.write()?;
    }
    writeln!(io::stdout(), "\n{table}")?;
    Ok(well && table.is_whole())
}
