//! NDJSON as it arrives.

use std::marker::PhantomData;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

use super::transport::{ANSWER, broken, nonsense};
use crate::api::{Envelope, Error};

/// Objects that the daemon sends one by one. Dropping it ends the call.
#[derive(Debug)]
pub struct Follow<T> {
    body: Incoming,
    lines: Lines,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Follow<T> {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body, lines: Lines::default(), item: PhantomData }
    }

    /// Waits for the next object; `None` when the daemon ends. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        loop {
            while let Some(line) = self.lines.take() {
                // An empty line only shows that the connection lives.
                if !line.trim_ascii().is_empty() {
                    return parse(&line).map(Some);
                }
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            if let Ok(data) = frame.map_err(broken)?.into_data() {
                self.lines.push(&data)?;
            }
        }
    }
}

/// One line: the object itself, or the error that ends the stream.
pub(super) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(line).map_err(|error| match serde_json::from_slice::<Envelope<()>>(line) {
        Ok(Envelope::Error(told)) => told,
        _ => nonsense(error),
    })
}

/// Bytes on their way to become lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// How many of them are known to hold no line end.
    searched: usize,
}

impl Lines {
    /// Adds what has arrived; refuses a line longer than any answer may be.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<(), Error> {
        if self.bytes.len().saturating_add(data.len()) > ANSWER {
            return Err(nonsense("a line without end"));
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    /// Takes the next whole line, without its end.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let Some(end) = self.bytes[self.searched..].iter().position(|&byte| byte == b'\n') else {
            self.searched = self.bytes.len();
            return None;
        };
        let rest = self.bytes.split_off(self.searched + end + 1);
        let mut line = std::mem::replace(&mut self.bytes, rest);
        self.searched = 0;
        line.pop();
        Some(line)
    }

    /// What follows the lines taken so far.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_the_bytes_are_cut() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for byte in b"one\n\ntwo\nrest" {
            lines.push(&[*byte]).unwrap();
            seen.extend(lines.take());
        }
        assert_eq!(seen, [b"one".to_vec(), Vec::new(), b"two".to_vec()]);
        assert_eq!(lines.into_rest(), b"rest");
    }

    #[test]
    fn several_lines_in_one_piece_come_one_by_one() {
        let mut lines = Lines::default();
        lines.push(b"one\ntwo\n").unwrap();
        assert_eq!(lines.take().as_deref(), Some(&b"one"[..]));
        assert_eq!(lines.take().as_deref(), Some(&b"two"[..]));
        assert_eq!(lines.take(), None);
    }
}
