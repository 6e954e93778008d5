//! What a reader takes beside what a writer writes: types that stand for another.

use std::fmt::Debug;

use airway_protocols::{
    admit::Hello, data::Header, files::Offer, join::Request, knock::Knock, network::Policy, trust::Scopes,
    wire,
};
use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;

use super::document::Table;
use crate::row;

/// Whether a message is read.
fn reads<T: DeserializeOwned + Debug>(message: &str) -> &'static str {
    let bytes = HEXLOWER.decode(message.replace(' ', "").as_bytes()).unwrap();
    match wire::decode::<T>(&bytes) {
        Ok(_) => "read",
        Err(wire::cbor::Error::Mismatch(_)) => "refused",
        Err(error) => panic!("{message}: {error}"),
    }
}

pub(crate) fn tables() -> Vec<Table> {
    let id = "6269645001890a5d000070008000000000000001";
    let header = |rest: &str| format!("a4{id}{rest}");
    let offer = |name: &str| format!("a4{id}646e616d65{name}6473697a65016773656e745f617400");
    let scopes = |ports: &str| {
        format!("a465706f727473{ports}677075626c69736880697375627363726962658066 7375626d6974f4")
    };
    let policy = "a16d74727573745f6d656d62657273";
    let cases = [
        (
            "a list of numbers for bytes",
            "`statement: [1, 2]`",
            reads::<Knock>("a16973746174656d656e74820102"),
        ),
        ("a text for bytes", "`statement: \"ab\"`", reads::<Knock>("a16973746174656d656e74626162")),
        ("bytes for a text", "`name: h'6162'`", reads::<Offer>(&offer("426162"))),
        ("a number for a text", "`name: 1`", reads::<Offer>(&offer("01"))),
        ("null for what may be missing", "`ticket: null`", {
            reads::<Knock>("a26973746174656d656e744101667469636b6574f6")
        }),
        ("null for what has to be there", "`statement: null`", reads::<Knock>("a16973746174656d656e74f6")),
        ("a number for a boolean", "`trust_members: 1`", reads::<Policy>(&format!("{policy}01"))),
        ("a negative number", "`size: -1`", {
            reads::<Header>(&header("646b696e64006773656e745f6174006473697a6520"))
        }),
        ("a kind over 255", "`kind: 256`", {
            reads::<Header>(&header("646b696e641901006773656e745f6174006473697a6500"))
        }),
        ("a list for a map inside of a message", "`ticket: [h'…', h'…']`", {
            let (ticket, proof) = ("48".to_owned() + &"00".repeat(8), "5820".to_owned() + &"00".repeat(32));
            reads::<Knock>(&format!("a26973746174656d656e744101667469636b657482{ticket}{proof}"))
        }),
        ("bytes for the word all", "`ports: h'616c6c'`", reads::<Scopes>(&scopes("43616c6c"))),
        ("a port twice", "`ports: [7, 7]`", reads::<Scopes>(&scopes("820707"))),
        ("two keys where one says what the message is", "`{leave: {…}, x: 0}`", {
            reads::<Request>("a2656c65617665a16b63657274696669636174654101617800")
        }),
        ("a list for the contents of such a key", "`{leave: [h'01']}`", {
            reads::<Request>("a1656c65617665814101")
        }),
        ("a key that is missing", "`{}`", reads::<Hello>("a0")),
        ("a key that is not known", "`trust_members: true, x: 0`", {
            reads::<Policy>(&format!("a2{}f5617800", &policy[2..]))
        }),
    ];
    let rows = cases.map(|(what, example, verdict)| row![what, example, verdict]);
    vec![Table { name: "leniency", rows: rows.into() }]
}
