//! Input and results of tasks, from arguments, files and streams.

use std::{
    io::{self, Write as _},
    path::Path,
};

use data_encoding::BASE64;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::error::Error;
use crate::api::{Material, MaterialFile};

/// Bytes that are held in memory, and that go to the other agent as they are.
const MEMORY: usize = 64 * 1024;

/// The most that is read from stdin.
const STDIN: u64 = 1 << 30;

/// Bytes as they can stand in a call.
fn bytes(bytes: &[u8]) -> Material {
    match std::str::from_utf8(bytes) {
        Ok(text) => Material::Text(text.to_owned()),
        Err(_) => Material::Base64(BASE64.encode(bytes)),
    }
}

/// A file, which the daemon reads.
pub(super) fn file(path: &Path) -> Result<Material, Error> {
    named(path, None)
}

fn named(path: &Path, name: Option<String>) -> Result<Material, Error> {
    let path = absolute(path)?;
    Ok(Material::File(MaterialFile { path, name }))
}

/// A path as the daemon can use it, which has another working directory.
pub(super) fn absolute(path: &Path) -> Result<String, Error> {
    let absolute = std::path::absolute(path).map_err(|error| {
        Error::usage(format!("cannot find {}: {error}", path.display()), "name a file that is there")
    })?;
    let text = absolute.to_str().map(ToOwned::to_owned);
    text.ok_or_else(|| Error::usage("the path is not UTF-8", "rename the file, or link to it"))
}

/// What stdin has.
pub(super) async fn stdin(what: &str) -> Result<Capture, Error> {
    let hint = "write it to a file, and name that";
    match Capture::read(tokio::io::stdin(), STDIN).await {
        Ok(Captured::Whole(capture)) => Ok(capture),
        Ok(Captured::TooMuch) => Err(Error::usage(format!("the {what} on stdin is over 1 GiB"), hint)),
        Err(error) => Err(Error::usage(format!("cannot read stdin: {error}"), hint)),
    }
}

/// What came.
#[derive(Debug)]
pub(super) enum Captured {
    /// All of it.
    Whole(Capture),
    /// More than may come.
    TooMuch,
}

/// Bytes in memory, or in a file that goes when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Capture {
    memory: Vec<u8>,
    file: Option<NamedTempFile>,
    pub(super) size: u64,
}

impl Capture {
    /// Reads to the end, or to the limit.
    pub(super) async fn read(mut from: impl AsyncRead + Unpin, max: u64) -> io::Result<Captured> {
        let (mut capture, mut buffer) = (Self::default(), vec![0; MEMORY]);
        loop {
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return Ok(Captured::Whole(capture));
            }
            capture.size += read as u64;
            if capture.size > max {
                return Ok(Captured::TooMuch);
            }
            capture.keep(&buffer[..read])?;
        }
    }

    /// Writes of this size go to the page cache, and hold nobody up.
    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            return file.write_all(bytes);
        }
        self.memory.extend_from_slice(bytes);
        if self.memory.len() > MEMORY {
            let mut file = NamedTempFile::with_prefix("airway-")?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// As it can stand in a call; a file is called so. It has to be kept until the daemon has answered.
    pub(super) fn material(&self, name: &str) -> Result<Option<Material>, Error> {
        match &self.file {
            Some(file) => named(file.path(), Some(name.to_owned())).map(Some),
            None if self.memory.is_empty() => Ok(None),
            None => Ok(Some(bytes(&self.memory))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8], max: u64) -> Captured {
        Capture::read(bytes, max).await.unwrap()
    }

    #[tokio::test]
    async fn little_is_kept_in_memory_and_more_in_a_file() {
        let Captured::Whole(little) = read(&[7; MEMORY], u64::MAX).await else { panic!("it is whole") };
        assert!(little.file.is_none() && little.size == MEMORY as u64);
        assert!(
            matches!(little.material("output").unwrap(), Some(Material::Text(text)) if text.len() == MEMORY)
        );
        let bytes: Vec<u8> = (0..=MEMORY).map(|number| number as u8).collect();
        let Captured::Whole(more) = read(&bytes, MEMORY as u64 + 1).await else { panic!("it is whole") };
        let Some(Material::File(file)) = more.material("output").unwrap() else { panic!("a file") };
        assert_eq!(file.name.as_deref(), Some("output"));
        assert_eq!(std::fs::read(&file.path).unwrap(), bytes);
        drop(more);
        assert!(!Path::new(&file.path).exists(), "it goes with it");
        let Captured::Whole(none) = read(b"", 0).await else { panic!("it is whole") };
        assert!(none.material("output").unwrap().is_none());
    }

    #[test]
    fn bytes_are_text_where_they_can_be() {
        assert!(matches!(bytes("grüße\0".as_bytes()), Material::Text(text) if text == "grüße\0"));
        assert!(matches!(bytes(&[0, 255]), Material::Base64(text) if text == "AP8="));
    }

    #[test]
    fn a_path_is_absolute() {
        let Ok(Material::File(file)) = file(Path::new("a")) else { panic!("a file") };
        assert!(Path::new(&file.path).is_absolute() && file.name.is_none());
    }

    #[tokio::test]
    async fn there_is_a_limit() {
        assert!(matches!(read(&[0; 10], 9).await, Captured::TooMuch));
        assert!(matches!(Capture::read(tokio::io::repeat(0), 1 << 20).await.unwrap(), Captured::TooMuch));
    }
}
