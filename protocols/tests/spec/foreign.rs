//! Formats of others, as far as they decide what is valid: multiaddrs, JSON, base32.

use airway_protocols::{
    agent::AgentId,
    data::{Kind, Message, MessageId},
};
use libp2p::Multiaddr;

use super::document::Table;
use crate::row;

/// The highest code that is looked for; those in use are below.
const CODES: u32 = 100_000;

/// The longest data of a fixed length that is looked for.
const FIXED: usize = 40;

pub(crate) fn tables() -> Vec<Table> {
    vec![multiaddrs(), json(), base32()]
}

/// All protocols that may stand in a multiaddr, found by trying.
fn multiaddrs() -> Table {
    let line = |code: u32| {
        let mut buffer = unsigned_varint::encode::u32_buffer();
        let prefix = unsigned_varint::encode::u32(code, &mut buffer).to_vec();
        let parse = |data: &[u8]| Multiaddr::try_from([&prefix, data].concat()).ok();
        let (address, form) = form(&parse)?;
        let name = address.to_string().split('/').nth(1).unwrap().to_owned();
        Some(row![code, name, form])
    };
    Table { name: "multiaddrs", rows: (1..CODES).filter_map(line).collect() }
}

/// What stands behind the code of a protocol, with an address of it.
fn form(parse: &dyn Fn(&[u8]) -> Option<Multiaddr>) -> Option<(Multiaddr, String)> {
    if let Some(address) = parse(&[]) {
        return Some((address, "nothing".into()));
    }
    // With a length of another size as well, or it is two bytes of a number.
    if let Some(address) = parse(&[2, b'a', b'a']).filter(|_| parse(&[1, b'a']).is_some()) {
        let is_text = parse(&[1, 0xFF]).is_none();
        return Some((address, if is_text { "length, UTF-8" } else { "length, bytes" }.into()));
    }
    if let Some(address) = parse(&[2, 0, 0]) {
        return Some((address, "length, multihash".into()));
    }
    let fixed = (1..=FIXED).find_map(|length| Some((parse(&vec![0; length])?, length)));
    fixed.map(|(address, length)| {
        (address, format!("{length} {}", if length == 1 { "byte" } else { "bytes" }))
    })
}

/// What is one JSON value.
fn json() -> Table {
    let nested = "[".repeat(100_000) + &"]".repeat(100_000);
    let cases: [(&str, &str); 12] = [
        ("`{\"a\": 1, \"a\": 2}`: a key twice", "{\"a\": 1, \"a\": 2}"),
        ("`\"\\ud800\"`: half a surrogate pair", "\"\\ud800\""),
        ("`1e999`: a number beyond what floats hold", "1e999"),
        ("`-0`", "-0"),
        ("100,000 lists in one another", &nested),
        ("blanks around the value: space, tab, CR, LF", " \t\r\n1 \t\r\n"),
        ("`01`, `+1`, `.5`, `1.`: each", "01"),
        ("`NaN`", "NaN"),
        ("a control character in a string", "\"\u{1}\""),
        ("a byte order mark", "\u{feff}1"),
        ("two values", "1 2"),
        ("nothing", ""),
    ];
    let verdict = |text: &str| {
        let payload = text.as_bytes().to_vec();
        let message = Message { id: MessageId::new(), kind: Kind::Json, reply_to: None, sent_at: 0, payload };
        if message.validate().is_ok() { "json" } else { "invalid" }
    };
    assert!(["+1", ".5", "1."].iter().all(|text| verdict(text) == "invalid"));
    Table { name: "json", rows: cases.map(|(what, text)| row![what, verdict(text)]).into() }
}

/// What is base32 of an agent id.
fn base32() -> Table {
    let id = AgentId::from_bytes([0; 32]).to_string();
    let cases = [
        ("in upper case", id.to_uppercase()),
        ("in both", id.replacen('a', "A", 1)),
        ("the last character `b` for `a`: bits that are not used", format!("{}b", &id[1..])),
        ("with padding", format!("{id}====")),
        ("51 characters", id[1..].to_owned()),
        ("with a blank", format!(" {id}")),
    ];
    let verdict = |text: &str| if text.parse::<AgentId>().is_ok() { "read" } else { "refused" };
    Table { name: "base32", rows: cases.map(|(what, text)| row![what, verdict(&text)]).into() }
}
