//! Where a passphrase comes from: a file, the environment, or a person at a terminal. Never an argument, which
//! every user of the machine could read.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use super::error::Error;
use crate::{bundle::Passphrase, config::env};

/// The shortest that seals anything, in characters.
const SHORTEST: usize = 8;

/// Most bytes read of a file with a passphrase.
const MAX_FILE: u64 = 4096;

const HOW: &str = "give it with --passphrase-file or in AIRWAY_PASSPHRASE, or run this at a terminal";

/// The flag of commands that seal or open.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read the passphrase from this file instead of asking for it [env: AIRWAY_PASSPHRASE, the passphrase itself]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
}

impl Source {
    /// A passphrase to seal with: long enough, and typed twice if it is typed.
    pub(super) fn new_one(&self) -> Result<Passphrase, Error> {
        let passphrase = match self.given()? {
            Some(given) => given,
            None => {
                let first = prompt("Passphrase to seal it with: ")?;
                long_enough(&first)?;
                if prompt("The same once more: ")? != first {
                    return Err(Error::usage("the two passphrases differ", "try again"));
                }
                first
            }
        };
        long_enough(&passphrase)?;
        Ok(passphrase)
    }

    /// The passphrase to open with.
    pub(super) fn known(&self) -> Result<Passphrase, Error> {
        let passphrase = match self.given()? {
            Some(given) => given,
            None => prompt("Passphrase that it was sealed with: ")?,
        };
        if passphrase.length() == 0 {
            return Err(Error::usage("the passphrase is empty", HOW));
        }
        Ok(passphrase)
    }

    fn given(&self) -> Result<Option<Passphrase>, Error> {
        if let Some(path) = &self.passphrase_file {
            return read(path).map(Some);
        }
        let variable = env::system(env::PASSPHRASE).map(Zeroizing::new);
        Ok(variable.filter(|text| !text.is_empty()).map(Passphrase::new))
    }
}

/// The first line of a file.
fn read(path: &Path) -> Result<Passphrase, Error> {
    let unusable = |why: &dyn std::fmt::Display| {
        Error::usage(format!("cannot read a passphrase from {}: {why}", path.display()), HOW)
    };
    let file = File::open(path).map_err(|error| unusable(&error))?;
    // Reserved at once, since a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize));
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|error| unusable(&error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable(&"it is no text"))?;
    Ok(Passphrase::new(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}

fn long_enough(passphrase: &Passphrase) -> Result<(), Error> {
    if passphrase.length() >= SHORTEST {
        return Ok(());
    }
    let what =
        if passphrase.length() == 0 { "the passphrase is empty" } else { "the passphrase is too short" };
    Err(Error::usage(what, format!("take {SHORTEST} characters at least; whoever guesses it has the key")))
}

/// Asks at the terminal, without showing what is typed. Where nobody would see the question, nothing is asked.
fn prompt(question: &str) -> Result<Passphrase, Error> {
    if !io::stderr().is_terminal() {
        return Err(Error::usage("a passphrase is needed, and nobody is there to ask", HOW));
    }
    let typed = rpassword::prompt_password(question);
    typed
        .map(|text| Passphrase::new(Zeroizing::new(text)))
        .map_err(|error| Error::usage(format!("cannot ask for a passphrase: {error}"), HOW))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_a_passphrase_in_its_first_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("passphrase");
        let source = Source { passphrase_file: Some(path.clone()) };
        for (text, length) in [("correct horse\n", 13), ("correct horse", 13), ("zwölf€ßäöü\r\nx", 10)]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(source.new_one().unwrap().length(), length, "{text:?}");
        }
        for short in ["", "\n", "1234567\n", "\nlong enough"] {
            std::fs::write(&path, short).unwrap();
            assert!(source.new_one().is_err(), "{short:?}");
        }
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(source.known().is_err());
        assert!(Source { passphrase_file: Some(dir.path().join("none")) }.known().is_err());
    }
}
