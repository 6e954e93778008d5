use airway_protocols::{
    agent::AgentId,
    data::MessageId,
    files,
    tasks::{Attachment, Content, Reason, State, TaskId},
    wire,
};
use serde::Serialize;
use serde_cbor::Value;

use super::support::{RefusedBytes, RefusedText, golden, hex, refused_texts, why};

mod said;
mod things;
mod walks;

const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";
const OTHER_ID: &str = "018f4d2e-7c3b-7000-bfff-ffffffffffff";

const AT: u64 = 1_700_000_000_000;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    states: Vec<Named>,
    reasons: Vec<Named>,
    refused_ids: Vec<RefusedText>,
    contents: Vec<things::Hashed>,
    refused_contents: Vec<RefusedBytes>,
    invalid_contents: Vec<RefusedBytes>,
    bodies: Vec<things::Hashed>,
    refused_bodies: Vec<RefusedBytes>,
    requests: Vec<said::Says>,
    refused_requests: Vec<RefusedBytes>,
    invalid_requests: Vec<RefusedBytes>,
    answers: Vec<said::Says>,
    refused_answers: Vec<RefusedBytes>,
    invalid_answers: Vec<RefusedBytes>,
    works: Vec<walks::Walk>,
    orders: Vec<walks::Walk>,
}

/// A number that stands for something.
#[derive(Serialize)]
struct Named {
    number: u8,
    name: &'static str,
    a2a: Option<&'static str>,
    is_final: Option<bool>,
}

fn states() -> Vec<Named> {
    let named = |state: State| Named {
        number: state.into(),
        name: state.name(),
        a2a: Some(state.a2a()),
        is_final: Some(state.is_final()),
    };
    State::ALL.map(named).into()
}

fn reasons() -> Vec<Named> {
    let named =
        |reason: Reason| Named { number: reason.into(), name: reason.name(), a2a: None, is_final: None };
    Reason::ALL.map(named).into()
}

fn id() -> TaskId {
    ID.parse().unwrap()
}

fn agent(byte: u8) -> AgentId {
    AgentId::from_bytes([byte; 32])
}

/// A file that somebody has sent.
fn file(name: &str, size: u64) -> Content {
    let id: MessageId = OTHER_ID.parse().unwrap();
    Content::File(Attachment { id, name: name.into(), size, digest: files::Digest::of(b"hello") })
}

fn inline(data: &[u8]) -> Content {
    Content::Inline { data: data.into() }
}

/// A message as JSON: what is bytes in it is hexadecimal digits.
fn shown(message: &impl Serialize) -> serde_json::Value {
    of_cbor(serde_cbor::value::to_value(message).unwrap())
}

fn of_cbor(value: Value) -> serde_json::Value {
    match value {
        Value::Integer(number) => u64::try_from(number).unwrap().into(),
        Value::Bytes(bytes) => hex(bytes).into(),
        Value::Text(text) => text.into(),
        Value::Array(items) => items.into_iter().map(of_cbor).collect(),
        Value::Map(entries) => {
            let entry = |(key, value)| match key {
                Value::Text(key) => (key, of_cbor(value)),
                other => panic!("{other:?} is no key"),
            };
            entries.into_iter().map(entry).collect::<serde_json::Map<_, _>>().into()
        }
        other => panic!("{other:?} is not in any message"),
    }
}

/// A map of these entries, free to break the rules.
fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (Value::Text(key.into()), value)).collect())
}

/// The same message with other entries.
fn with<const N: usize>(message: &impl Serialize, entries: [(&str, Value); N]) -> Value {
    let Value::Map(mut fields) = serde_cbor::value::to_value(message).unwrap() else { panic!("no map") };
    fields.extend(entries.into_iter().map(|(key, value)| (Value::Text(key.into()), value)));
    Value::Map(fields)
}

fn number(number: i128) -> Value {
    Value::Integer(number)
}

/// A frame around any message.
fn frame(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), usize::MAX).unwrap()
}

/// What keeps bytes from being read.
fn refused<T: std::fmt::Debug, E: std::error::Error + 'static>(
    bytes: Vec<u8>,
    read: impl Fn(&[u8]) -> Result<T, E>,
) -> RefusedBytes {
    RefusedBytes { why: why(&read(&bytes).unwrap_err()), bytes: hex(bytes) }
}

#[test]
fn tasks_are_as_written() {
    let refused_ids = refused_texts::<TaskId>(&[
        "",
        "../x",
        &ID[1..],
        &ID.replace('-', ""),
        "936da01f-9abd-4d9d-80c7-02af85c822a8",
    ]);
    let vectors = Vectors {
        about: "Tasks, /airway/tasks/1.0.0. Contents and bodies are CBOR as it stands in other messages; digest is SHA-256 of \
                airway-output-v1, or of airway-task-v1 for a body, a zero byte, and the bytes. Requests and answers are frames \
                as they stand on the stream; says is what is in them, with bytes as hexadecimal digits. What is invalid is \
                read, and denied; a stream that begins with a refused one is given up. A body is refused also where it breaks a \
                rule. Works and orders are walks of the two machines: from start, each event at now of the machine's own clock \
                leads to the next state of all its fields, or is refused and leads nowhere; due is when time next does \
                something. In the events of an order a report has the fields that count.",
        states: states(),
        reasons: reasons(),
        refused_ids,
        contents: things::contents(),
        refused_contents: things::refused_contents(),
        invalid_contents: things::invalid_contents(),
        bodies: things::bodies(),
        refused_bodies: things::refused_bodies(),
        requests: said::requests(),
        refused_requests: said::refused_requests(),
        invalid_requests: said::invalid_requests(),
        answers: said::answers(),
        refused_answers: said::refused_answers(),
        invalid_answers: said::invalid_answers(),
        works: walks::works(),
        orders: walks::orders(),
    };
    golden("tasks.json", &vectors);
}
