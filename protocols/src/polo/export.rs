//! Exports: receipts in a file, for whoever wants to check them.
//!
//! ```text
//! airway-polo-v1
//! head <base64url of a head>
//! receipt <base64url of a receipt>
//! receipt <base64url of a receipt>
//! …
//! ```
//!
//! One object a line, without padding, each line ended by a line feed. The head comes first, so that a file which was cut
//! short shows it. A writer has receipts ascend, by requester, worker and number; a reader takes them in any order.

use std::io::{self, BufRead, Read as _, Write};

use data_encoding::BASE64URL_NOPAD as BASE64URL;

use super::{Finding, Head, Receipt, claim, head, receipt};
use crate::envelope;

/// The first line.
pub const MAGIC: &str = "airway-polo-v1";

/// Most receipts of one file, each of which is held in memory with what was found out about it: 100,000 of about 2 KiB.
pub const MAX_RECEIPTS: usize = 100_000;

/// Longest line, in bytes: a word, a blank, and the largest head. A longer one ends the reading.
pub const MAX_LINE: usize = "receipt ".len() + head::MAX_BYTES.div_ceil(3) * 4;

/// Most findings about lines that are kept; reading goes no further.
pub const MAX_FINDINGS: usize = 1_000;

/// A file of receipts, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct Export {
    /// What its author says that its chains are.
    pub head: Option<Head>,
    /// Receipts that are in order each by itself, in the order of the file.
    pub receipts: Vec<Receipt>,
    /// What is wrong with the other lines.
    pub findings: Vec<Finding>,
}

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
    /// The first line is another one.
    #[error("this is no export of receipts: its first line is not {MAGIC}")]
    Magic,
    /// There are more than [`MAX_RECEIPTS`].
    #[error("there are more than {MAX_RECEIPTS} receipts")]
    TooMany,
}

/// Writes the first two lines of a file. Receipts follow by [`write_receipt`].
///
/// # Errors
///
/// [`io::Error`] of the writer.
pub fn write_head(to: &mut impl Write, head: &Head) -> io::Result<()> {
    writeln!(to, "{MAGIC}\nhead {}", BASE64URL.encode(head.as_bytes()))
}

/// Writes the line of a receipt.
///
/// # Errors
///
/// [`io::Error`] of the writer.
pub fn write_receipt(to: &mut impl Write, receipt: &[u8]) -> io::Result<()> {
    writeln!(to, "receipt {}", BASE64URL.encode(receipt))
}

impl Export {
    /// Reads a file and verifies every object in it. What is wrong with a line is among its
    /// [findings](Self::findings), and ends the reading only when there are too many of them.
    ///
    /// # Errors
    ///
    /// [`Error`]; of a file that is an export only if it cannot be read, or is too large.
    pub fn read(from: impl BufRead) -> Result<Self, Error> {
        let mut lines = Lines { from, number: 0 };
        if lines.next()?.as_deref() != Some(MAGIC.as_bytes()) {
            return Err(Error::Magic);
        }
        let mut export = Self::default();
        while export.findings.len() < MAX_FINDINGS
            && let Some(line) = lines.next()?
        {
            if export.receipts.len() == MAX_RECEIPTS {
                return Err(Error::TooMany);
            }
            let is_cut = line.len() > MAX_LINE;
            if let Err(finding) = export.take(&line, lines.number) {
                export.findings.push(finding);
            }
            if is_cut {
                break;
            }
        }
        if export.head.is_none() {
            export.findings.push(Finding::Malformed { line: 2, why: "the file has no head".into() });
        }
        Ok(export)
    }

    /// Takes in one line.
    fn take(&mut self, bytes: &[u8], line: u64) -> Result<(), Finding> {
        let malformed = |why: &str| Finding::Malformed { line, why: why.to_owned() };
        if bytes.len() > MAX_LINE {
            return Err(malformed("the line is too long"));
        }
        let Some(at) = bytes.iter().position(|byte| *byte == b' ') else {
            return Err(malformed("the line is neither a head nor a receipt"));
        };
        let (word, text) = (&bytes[..at], &bytes[at + 1..]);
        let decode = || BASE64URL.decode(text).map_err(|_| malformed("the line is no base64url"));
        match word {
            b"head" if self.head.is_some() => return Err(malformed("the file has several heads")),
            b"head" => self.head = Some(Head::from_bytes(&decode()?).map_err(|e| of_head(line, &e))?),
            b"receipt" => {
                self.receipts.push(Receipt::from_bytes(&decode()?).map_err(|e| of_receipt(line, &e))?);
            }
            _ => return Err(malformed("the line is neither a head nor a receipt")),
        }
        Ok(())
    }
}

/// A reader of lines that none can make hold more than one.
struct Lines<R> {
    from: R,
    /// Lines so far.
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The next line without its end, or as much of it as shows that it is too long.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let most = MAX_LINE as u64 + 2;
        if self.from.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        Ok(Some(line))
    }
}

/// What is wrong with a head.
fn of_head(line: u64, error: &head::Error) -> Finding {
    match error {
        head::Error::Envelope(error) if is_of_signature(error) => {
            Finding::Signature { line, why: "the head is not validly signed".into() }
        }
        error => Finding::Malformed { line, why: error.to_string() },
    }
}

/// What is wrong with a receipt.
fn of_receipt(line: u64, error: &receipt::Error) -> Finding {
    let signature = |whose: &str| Finding::Signature { line, why: format!("the {whose} has not signed it") };
    match error {
        receipt::Error::Envelope(error) if is_of_signature(error) => signature("requester"),
        receipt::Error::Requester => signature("requester"),
        receipt::Error::Claim(claim::Error::Envelope(error)) if is_of_signature(error) => signature("worker"),
        receipt::Error::Reward { found, expected } => {
            Finding::Reward { line, found: *found, expected: *expected }
        }
        receipt::Error::Clamp => Finding::Clamp { line },
        error => Finding::Malformed { line, why: error.to_string() },
    }
}

/// Whether what is wrong with an envelope is who signed it, if anybody did.
const fn is_of_signature(error: &envelope::Error) -> bool {
    use envelope::Error;
    matches!(error, Error::Signature | Error::Signer | Error::WeakKey)
}
