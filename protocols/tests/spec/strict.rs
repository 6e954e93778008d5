//! What strict readers refuse, each rule with bytes that break it.

use super::{document::Table, golden::cases};
use crate::row;

/// One line for each reason that the vectors of a file know: all bytes that are refused for it.
fn refusals(name: &'static str, file: &str) -> Table {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for case in cases(file, "negative") {
        let (why, bytes) = (case["why"].as_str().unwrap(), case["bytes"].as_str().unwrap());
        let why = why.split(" at byte ").next().unwrap();
        let under = case["max"].as_u64().map_or(String::new(), |max| format!(" ({max})"));
        let shown = if bytes.is_empty() { "nothing".into() } else { format!("`{bytes}`{under}") };
        match rows.iter_mut().find(|row| row[0] == why) {
            None => rows.push(row![why, shown]),
            Some(row) => {
                let bytes = &mut row[1];
                *bytes = format!("{bytes} {shown}");
            }
        }
    }
    Table { name, rows }
}

pub(crate) fn tables() -> Vec<Table> {
    vec![refusals("cbor-refused", "cbor.json"), refusals("frame-refused", "frame.json")]
}
