//! What a command writes to stdout: in memory while it is little, then in a file, and never without end.

use std::io::{self, Write as _};

use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::super::task::submit::material;
use crate::{api::Material, cli::Error};

/// Bytes that are held in memory, and that go to the requester as they are.
const MEMORY: usize = 64 * 1024;

/// What a file is called whose name nobody has given.
const NAME: &str = "output";

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
            let mut file = NamedTempFile::with_prefix("airway-output-")?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// As the result of a task. The file has to stay until the daemon has it.
    pub(super) fn material(&self) -> Result<Option<Material>, Error> {
        match &self.file {
            Some(file) => {
                let Material::File(file) = material::file(file.path())? else {
                    return Err(Error::internal("a file that is none"));
                };
                Ok(Some(Material::File(crate::api::MaterialFile { name: Some(NAME.into()), ..file })))
            }
            None if self.memory.is_empty() => Ok(None),
            None => Ok(Some(material::bytes(self.memory.clone()))),
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
        assert!(matches!(little.material().unwrap(), Some(Material::Text(text)) if text.len() == MEMORY));
        let bytes: Vec<u8> = (0..=MEMORY).map(|number| number as u8).collect();
        let Captured::Whole(more) = read(&bytes, MEMORY as u64 + 1).await else { panic!("it is whole") };
        let Some(Material::File(file)) = more.material().unwrap() else { panic!("a file") };
        assert_eq!(std::fs::read(&file.path).unwrap(), bytes);
        drop(more);
        assert!(!std::path::Path::new(&file.path).exists(), "it goes with it");
        let Captured::Whole(none) = read(b"", 0).await else { panic!("it is whole") };
        assert!(none.material().unwrap().is_none());
    }

    #[tokio::test]
    async fn there_is_a_limit() {
        assert!(matches!(read(&[0; 10], 9).await, Captured::TooMuch));
        assert!(matches!(Capture::read(tokio::io::repeat(0), 1 << 20).await.unwrap(), Captured::TooMuch));
    }
}
