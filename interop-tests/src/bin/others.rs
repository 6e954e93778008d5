//! `others`: runs what peers on js-libp2p and py-libp2p do with a Rust agent, and writes the table of it into the README. See
//! [`airway_interop_tests::others`].

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use airway_interop_tests::{
    driver::{Error, Language},
    others::{self, Outcome, Row, Table},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every cell is well.
async fn run() -> io::Result<bool> {
    let languages = [Language::Js, Language::Python];
    let versions = languages.into_iter().map(others::version).collect::<Result<_, _>>()?;
    let mut table = Table::new(versions);
    for language in languages {
        let (outcome, said) = others::vectors(language)?;
        if outcome == Outcome::Fail {
            writeln!(io::stdout(), "{said}")?;
        }
        table.enter_vectors(language, outcome);
    }
    for row in Row::all() {
        go_through(row, &mut table).await?;
    }
    // Elsewhere it was.
    if table.is_installed() {
        table.write()?;
    }
    writeln!(io::stdout(), "\n{table}")?;
    Ok(table.is_whole())
}

/// Runs the cells of a row.
async fn go_through(row: Row, table: &mut Table) -> io::Result<()> {
    let ran = others::run(row, |cell, outcome| {
        let said = outcome.as_ref().map_or_else(|failure| format!("FAILED: {failure}"), |()| "ok".into());
        let _ = writeln!(io::stdout(), "{row}: {cell} ... {said}");
        table.enter(row, cell, if outcome.is_ok() { Outcome::Pass } else { Outcome::Fail });
    });
    let Err(error) = ran.await else { return Ok(()) };
    writeln!(io::stdout(), "{row}: {error}")?;
    let outcome = if matches!(error, Error::NotInstalled { .. }) { Outcome::Missing } else { Outcome::Fail };
    others::CELLS.iter().for_each(|cell| table.enter(row, cell, outcome));
    Ok(())
}
