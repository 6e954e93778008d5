//! Sealed files: written for the owner alone and never over another one unasked; read up to a limit.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::error::Error;
use crate::{
    api::{self, Code},
    file::{self, Existing},
};

/// Whether a path stands for stdin or stdout.
pub(super) fn is_stdio(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses a path where something is already, before anybody types a passphrase for nothing.
pub(super) fn check_room(path: &Path, force: bool) -> Result<(), Error> {
    if !is_stdio(path) && !force && path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    Ok(())
}

/// Writes a file, unless it goes to stdout, where its bytes are the payload of the command.
pub(super) fn write(path: &Path, force: bool, sealed: &[u8]) -> Result<(), Error> {
    if is_stdio(path) {
        return Ok(());
    }
    let existing = if force { Existing::Replace } else { Existing::Keep };
    file::write_private(path, &[sealed], existing).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return exists(path);
        }
        let message = format!("cannot write {}: {error}", path.display());
        api::Error::new(Code::Home, message).hint("name another file").into()
    })
}

fn exists(path: &Path) -> Error {
    let message = format!("{} is there already", path.display());
    api::Error::new(Code::Conflict, message).hint("name another file, or replace it with --force").into()
}

/// All of a file, or of stdin, which is no longer than `max`; `hint` says what it should be.
pub(super) fn read(path: &Path, max: u64, hint: &str) -> Result<Vec<u8>, Error> {
    let unusable =
        |why: &dyn std::fmt::Display| Error::usage(format!("cannot read {}: {why}", path.display()), hint);
    let mut bytes = Vec::new();
    let done = if is_stdio(path) {
        io::stdin().take(max + 1).read_to_end(&mut bytes)
    } else {
        // Looked at before it is opened: opening a pipe would wait for a writer.
        if !fs::metadata(path).map_err(|error| unusable(&error))?.is_file() {
            return Err(unusable(&"it is not a regular file"));
        }
        File::open(path).and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
    };
    done.map_err(|error| unusable(&error))?;
    if bytes.len() as u64 > max {
        return Err(unusable(&"it is larger than anything that is exported"));
    }
    Ok(bytes)
}
