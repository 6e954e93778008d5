//! How a received message looks. All of it but the times is text from a stranger.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{InboxItem, Kind},
    cli::output::{clean, human},
};

/// Who sent it, as short as we know it.
pub(super) fn sender(item: &InboxItem) -> &str {
    item.name.as_deref().unwrap_or(&item.from)
}

/// What it holds, in a word.
pub(super) fn kind(item: &InboxItem) -> &'static str {
    match item.kind {
        Kind::Text => "text",
        Kind::Json => "json",
        Kind::Binary => "binary",
        Kind::File => "file",
    }
}

/// The beginning of the payload, on one line.
pub(super) fn preview(item: &InboxItem, max: usize) -> String {
    match (item.kind, &item.body) {
        (Kind::Binary, _) => format!("({} bytes)", item.size),
        (Kind::File, _) => match file(item) {
            Some(file) => clean::preview(&format!("{}, {}", file.name, human::size(item.size)), max),
            None => format!("({} bytes)", item.size),
        },
        (_, Value::String(text)) if item.kind == Kind::Text => clean::preview(text, max),
        (_, value) => clean::preview(&value.to_string(), max),
    }
}

/// The payload for a terminal.
pub(in crate::cli::commands) fn body(message: &InboxItem) -> String {
    match (message.kind, message.body.as_str()) {
        (Kind::Text, Some(text)) => clean::block(text),
        (Kind::Binary, _) => "(binary: write it to a file with --raw)".into(),
        _ => clean::block(&format!("{:#}", message.body)),
    }
}

/// A file as the daemon describes it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) blake3: String,
}

/// The file that a message is.
pub(super) fn file(item: &InboxItem) -> Option<File> {
    if item.kind == Kind::File { File::deserialize(&item.body).ok() } else { None }
}

/// The payload as it was sent; JSON in the form that we received it from the daemon.
pub(super) fn payload(item: &InboxItem) -> Option<Vec<u8>> {
    match (item.kind, &item.body) {
        (Kind::Text, Value::String(text)) => Some(text.clone().into_bytes()),
        (Kind::Binary, Value::String(text)) => data_encoding::BASE64.decode(text.as_bytes()).ok(),
        (Kind::Json, value) => serde_json::to_vec(value).ok(),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn example(kind: Kind, body: Value) -> InboxItem {
    InboxItem {
        seq: 1,
        id: "0199f2".into(),
        from: "0:0000.EB19.D348#foc5k3hjvu2rpbac".into(),
        name: None,
        kind,
        reply_to: None,
        sent_at: 0,
        received_at: 0,
        read: false,
        size: 3,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_harmless_line() {
        let item = example(Kind::Text, "one\n\u{1b}[2Jtwo three".into());
        assert_eq!(preview(&item, 10), "one [2Jtw…");
        assert_eq!(preview(&example(Kind::Json, serde_json::json!({"a": 1})), 60), "{\"a\":1}");
        assert_eq!(preview(&example(Kind::Binary, "AAEC".into()), 60), "(3 bytes)");
        let file = serde_json::json!({"name": "a\u{1b}b", "path": "/x", "size": 3, "blake3": "00"});
        assert_eq!(preview(&example(Kind::File, file), 60), "ab, 3 B");
    }

    #[test]
    fn the_payload_is_what_was_sent() {
        assert_eq!(payload(&example(Kind::Binary, "AAEC".into())).unwrap(), [0, 1, 2]);
        assert_eq!(payload(&example(Kind::Text, "\u{1b}x".into())).unwrap(), b"\x1bx");
        assert_eq!(payload(&example(Kind::Json, "x".into())).unwrap(), b"\"x\"");
        assert!(payload(&example(Kind::Binary, "not base64!".into())).is_none());
    }
}
