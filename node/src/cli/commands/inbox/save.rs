//! `airway inbox save`

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use airway_protocols::files::Hasher;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::item;
use crate::{
    api::{self, Code},
    cli::{
        Context, Error,
        output::{Output, View, clean, human},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway inbox save 3
  airway inbox save 3 ~/Downloads
  airway inbox save 3 report.pdf";

/// Bytes that are copied at a time.
const BUFFER: usize = 256 * 1024;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Number of the message in the inbox, its id, or a unique beginning of that
    id: String,
    /// A directory, or the name of the copy; the current directory if left out
    #[arg(value_name = "DEST", default_value = ".")]
    to: PathBuf,
}

/// Where the copy lies.
#[derive(Debug, Serialize)]
pub(super) struct Saved {
    path: String,
    size: u64,
}

impl Output for Saved {
    fn text(&self, _view: &View) -> String {
        format!("saved {} ({})", clean::line(&self.path), human::size(self.size))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Saved, Error> {
    let message = context.client()?.message(&args.id).await?;
    let Some(file) = item::file(&message) else {
        let hint = format!("airway inbox show {} --raw writes it out", clean::line(&args.id));
        return Err(Error::usage("the message is not a file", hint));
    };
    let to = if args.to.is_dir() { args.to.join(&file.name) } else { args.to };
    let copied = tokio::task::spawn_blocking(move || copy(&file, &to).map(|size| (size, to)));
    let (size, to) = copied.await.map_err(|panicked| Error::internal(panicked.to_string()))??;
    Ok(Saved { path: to.display().to_string(), size })
}

/// Copies a file to a path where nothing is yet; returns its bytes. Nothing is there until all of it is.
fn copy(file: &item::File, to: &Path) -> Result<u64, Error> {
    let unreadable =
        |error| failed("read", &file.path, &error, "it may be damaged: ask its sender to send it again");
    let unwritable =
        |error: io::Error| failed("write", to, &error, "choose another place: airway inbox save <ID> <DEST>");
    if to.symlink_metadata().is_ok() {
        return Err(exists(to));
    }
    let mut source = File::open(&file.path).map_err(unreadable)?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut target = NamedTempFile::new_in(directory).map_err(unwritable)?;
    let (mut buffer, mut hasher, mut size) = (vec![0; BUFFER], Hasher::default(), 0);
    loop {
        let read = source.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        target.write_all(&buffer[..read]).map_err(unwritable)?;
        size += read as u64;
    }
    if hasher.digest().to_string() != file.blake3 {
        return Err(unreadable(io::Error::other("it is not what was received")));
    }
    target.as_file().sync_all().map_err(unwritable)?;
    match target.persist_noclobber(to) {
        Ok(_) => Ok(size),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(to)),
        Err(refused) => Err(unwritable(refused.error)),
    }
}

fn exists(to: &Path) -> Error {
    let message = format!("{} exists already", to.display());
    api::Error::new(Code::Conflict, message).hint("nothing is overwritten: give another name").into()
}

fn failed(what: &str, path: &Path, error: &io::Error, hint: &str) -> Error {
    let code = if error.kind() == io::ErrorKind::StorageFull { Code::Quota } else { Code::NotFound };
    api::Error::new(code, format!("cannot {what} {}: {error}", path.display())).hint(hint).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use airway_protocols::files::Digest;

    use super::*;

    fn received(dir: &Path, bytes: &[u8]) -> item::File {
        let path = dir.join("received");
        fs::write(&path, bytes).unwrap();
        item::File { name: "a".into(), path, blake3: Digest::of(bytes).to_string() }
    }

    fn code(error: Error) -> Code {
        match error {
            Error::Api(error) => error.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_copy_is_whole_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, to) = (received(dir.path(), b"bytes"), dir.path().join("copy"));
        assert_eq!(copy(&file, &to).unwrap(), 5);
        assert_eq!(fs::read(&to).unwrap(), b"bytes");
        fs::write(&to, b"mine").unwrap();
        assert_eq!(code(copy(&file, &to).unwrap_err()), Code::Conflict);
        assert_eq!(fs::read(&to).unwrap(), b"mine");
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        assert_eq!(code(copy(&file, &dir.path().join("link")).unwrap_err()), Code::Conflict);
        assert_eq!(code(copy(&file, &dir.path().join("no/such/place")).unwrap_err()), Code::NotFound);
    }

    #[test]
    fn a_damaged_file_is_not_copied() {
        let dir = tempfile::tempdir().unwrap();
        let file = item::File { blake3: Digest::of(b"other").to_string(), ..received(dir.path(), b"bytes") };
        let to = dir.path().join("copy");
        assert!(copy(&file, &to).is_err());
        assert!(!to.exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
