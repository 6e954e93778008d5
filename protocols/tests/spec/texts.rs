//! Lists that stand in the text of the document: words, characters and keys.

use airway_protocols::{agent::is_weak, hidden::is_hidden, name::Name};
use data_encoding::HEXLOWER;
use libp2p::identity::ed25519::PublicKey;

use super::{document::Example, source};

/// Columns of a line.
const WIDTH: usize = 110;

pub(crate) fn examples() -> Vec<Example> {
    vec![
        Example { name: "reserved-names", text: wrapped(&reserved_names()) },
        Example { name: "hidden", text: wrapped(&hidden()) },
        Example { name: "weak-keys", text: weak_keys().join("\n") },
    ]
}

/// Words with two blanks between them, in as many lines as it takes.
fn wrapped(words: &[String]) -> String {
    let mut lines = vec![String::new()];
    for word in words {
        let line = lines.last_mut().unwrap();
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + word.len() + 2 > WIDTH {
            lines.push(word.clone());
        } else {
            line.push_str("  ");
            line.push_str(word);
        }
    }
    lines.join("\n")
}

fn reserved_names() -> Vec<String> {
    let list = source::constant("protocols/src/name.rs", "RESERVED");
    let words = list.split('"').skip(1).step_by(2).map(ToOwned::to_owned);
    let words: Vec<_> = words.collect();
    assert!(!words.is_empty() && words.iter().all(|word| word.parse::<Name>().is_err()));
    words
}

/// Ranges of the characters that are hidden.
fn hidden() -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in ('\0'..=char::MAX).filter(|c| is_hidden(*c)).map(u32::from) {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == c => *end = c,
            _ => ranges.push((c, c)),
        }
    }
    let range = |(from, to): (u32, u32)| {
        if from == to { format!("U+{from:04X}") } else { format!("U+{from:04X}–U+{to:04X}") }
    };
    ranges.into_iter().map(range).collect()
}

/// The keys of small order, first those in their canonical encoding.
fn weak_keys() -> Vec<String> {
    let text = source::text("protocols/src/agent/weak.rs");
    let quoted = text.split('"').skip(1).step_by(2).map(ToOwned::to_owned);
    let keys: Vec<_> = quoted.filter(|word| word.len() == 64).collect();
    for key in &keys {
        let read = PublicKey::try_from_bytes(&HEXLOWER.decode(key.as_bytes()).unwrap());
        assert!(read.as_ref().map_or(true, is_weak), "{key}");
    }
    keys
}
