//! What a command says on stderr: how far it is, and its last words.

use super::super::task::progress::thousandths;

/// Bytes of a line that are kept; the rest of it is not read by anybody.
const LINE: usize = 4096;

/// Bytes of a text about a task.
const TEXT: usize = 1024;

/// How a line begins that is meant for the worker.
const MARK: &str = "airway: progress ";

/// How far a command is, by its own word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Thousandths.
    pub(super) progress: Option<u16>,
    /// What it says about that.
    pub(super) text: Option<String>,
    /// Its last line that was not about that.
    pub(super) last: Option<String>,
}

impl Heard {
    /// Takes in a line; returns whether it was about progress.
    pub(super) fn take(&mut self, line: &str) -> bool {
        if let Some((progress, text)) = progress(line) {
            (self.progress, self.text) = (Some(progress), text);
            return true;
        }
        if !line.trim().is_empty() {
            self.last = Some(short(line.trim()));
        }
        false
    }
}

/// The progress that a line tells: `airway: progress 40`, with words behind it or without.
fn progress(line: &str) -> Option<(u16, Option<String>)> {
    let rest = line.strip_prefix(MARK)?.trim();
    let (number, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let text = text.trim();
    Some((thousandths(number).ok()?, (!text.is_empty()).then(|| short(text))))
}

/// As much of a text as may be said about a task.
pub(super) fn short(text: &str) -> String {
    let whole = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= TEXT).last();
    text[..whole.unwrap_or(0)].to_owned()
}

/// Bytes on their way to become lines.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// Takes in what has come; returns the lines that are whole.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut whole = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' => whole.extend(self.rest()),
                _ if self.0.len() < LINE => self.0.push(byte),
                _ => {}
            }
        }
        whole
    }

    /// What stands behind the last line end.
    pub(super) fn rest(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0);
        (!line.is_empty()).then(|| String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_and_are_bounded() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"one\ntw"), ["one"]);
        assert_eq!(lines.push(b"o\r\n\n\nthree"), ["two"]);
        assert_eq!(lines.rest().as_deref(), Some("three"));
        let long = lines.push(&[vec![b'x'; 3 * LINE], b"\nend\n".to_vec()].concat());
        assert_eq!((long[0].len(), long[1].as_str()), (LINE, "end"));
    }

    #[test]
    fn progress_is_what_is_marked_so() {
        let mut heard = Heard::default();
        assert!(heard.take("airway: progress 40"));
        assert_eq!((heard.progress, heard.text.as_deref()), (Some(400), None));
        assert!(heard.take("airway: progress 99.5% nearly there "));
        assert_eq!((heard.progress, heard.text.as_deref()), (Some(995), Some("nearly there")));
        for other in ["progress 50", "airway: progress", "airway: progress 101", "airway: progress half"] {
            assert!(!heard.take(other), "{other}");
            assert_eq!(heard.last.as_deref(), Some(other));
        }
        heard.take("  ");
        assert_eq!(heard.last.as_deref(), Some("airway: progress half"));
    }

    #[test]
    fn what_is_said_is_short() {
        let mut heard = Heard::default();
        heard.take(&"ü".repeat(TEXT));
        assert_eq!(heard.last.unwrap().len(), TEXT);
        assert_eq!(short(&format!("a{}", "ü".repeat(TEXT))).len(), TEXT - 1);
    }
}
