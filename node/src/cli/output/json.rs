//! Values as one line of JSON, safe to show on a terminal: what a terminal acts on or hides is escaped.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::clean;
use crate::{
    api::{self, Envelope},
    cli::error::Error,
};

/// The object alone.
pub(super) fn bare(value: &impl Serialize) -> Result<String, Error> {
    let mut line = Vec::new();
    value
        .serialize(&mut serde_json::Serializer::with_formatter(&mut line, Escaping))
        .map_err(|error| Error::internal(format!("cannot write as JSON: {error}")))?;
    String::from_utf8(line).map_err(|error| Error::internal(error.to_string()))
}

/// `{"status":"ok","data":…}`
pub(super) fn envelope(data: &impl Serialize) -> Result<String, Error> {
    bare(&Envelope::Ok { data })
}

/// `{"status":"error","code":…,"message":…,"hint":…}`
pub(super) fn error(error: &api::Error) -> Result<String, Error> {
    bare(&Envelope::<()>::Error(error.clone()))
}

/// The compact form, with hidden characters as `\u` escapes.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hidden)) = rest.char_indices().find(|&(_, c)| clean::hidden(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + hidden.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::Code;

    #[test]
    fn success_wraps_the_data() {
        assert_eq!(envelope(&json!({"id": 7})).unwrap(), r#"{"status":"ok","data":{"id":7}}"#);
        assert_eq!(envelope(&()).unwrap(), r#"{"status":"ok","data":null}"#);
    }

    #[test]
    fn an_error_says_code_message_and_hint() {
        let plain = api::Error::new(Code::NotRunning, "the daemon is not running");
        assert_eq!(
            error(&plain).unwrap(),
            r#"{"status":"error","code":"not_running","message":"the daemon is not running"}"#
        );
        let line = error(&plain.hint("run `airway up`")).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["hint"], "run `airway up`");
    }

    #[test]
    fn hidden_characters_are_escaped_and_survive() {
        let text = "a\u{1b}\u{9b}b\u{202e}c\u{e0041}\"\n\\ü€";
        let line = bare(&text).unwrap();
        assert_eq!(line, r#""a\u001b\u009bb\u202ec\udb40\udc41\"\n\\ü€""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
