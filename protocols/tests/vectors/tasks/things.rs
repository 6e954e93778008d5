//! What goes with a task: contents, and bodies.

use airway_protocols::tasks::{Body, Execution, MAX_DESCRIPTION, MAX_LIMIT, MIN_LIMIT, Submission};

use super::*;

/// A message and the hash by which others name it.
#[derive(Serialize)]
pub(super) struct Hashed {
    says: serde_json::Value,
    bytes: String,
    digest: String,
}

fn read_content(bytes: &[u8]) -> Result<Content, wire::cbor::Error> {
    wire::decode(bytes)
}

pub(super) fn contents() -> Vec<Hashed> {
    let hashed = |content: Content| {
        content.validate().unwrap();
        let bytes = wire::encode(&content).unwrap();
        assert_eq!(read_content(&bytes).unwrap(), content);
        Hashed { says: shown(&content), bytes: hex(bytes), digest: hex(content.digest()) }
    };
    [
        inline(b""),
        inline("grüße".as_bytes()),
        inline(&[0, 0xFF]),
        file("report.pdf", 5),
        file("ä", u64::MAX >> 1),
    ]
    .map(hashed)
    .into()
}

pub(super) fn refused_contents() -> Vec<RefusedBytes> {
    let data = || Value::Bytes(vec![1]);
    let inline = || map([("data", data())]);
    let encode = |value: &Value| wire::encode(value).unwrap();
    let Content::File(attachment) = file("a", 1) else { panic!("it is a file") };
    [
        encode(&map([])),
        encode(&map([("inline", data())])),
        encode(&map([("inline", map([]))])),
        encode(&map([("inline", map([("data", Value::Text("a".into()))]))])),
        encode(&map([("inline", inline()), ("file", inline())])),
        encode(&map([("path", inline())])),
        encode(&map([("file", with(&attachment, [("id", Value::Bytes(vec![0; 16]))]))])),
        encode(&map([("file", with(&attachment, [("digest", Value::Bytes(vec![0; 31]))]))])),
        encode(&map([("file", with(&attachment, [("name", Value::Bytes(b"a".to_vec()))]))])),
    ]
    .map(|bytes| refused(bytes, read_content))
    .into()
}

pub(super) fn invalid_contents() -> Vec<RefusedBytes> {
    [
        file("", 1),
        file("../../etc/passwd", 1),
        file("/etc/passwd", 1),
        file("..", 1),
        file("a\u{202e}b", 1),
        file("a", u64::MAX),
    ]
    .map(|content| RefusedBytes {
        why: why(&content.validate().unwrap_err()),
        bytes: hex(wire::encode(&content).unwrap()),
    })
    .into()
}

/// A task with nothing that it need not have.
pub(super) fn plain() -> Submission {
    Submission {
        description: "sum up the report".into(),
        input: None,
        limit: MIN_LIMIT,
        execution: Execution::AtLeastOnce,
        max_reward: 10,
        supersedes: None,
        at: AT,
    }
}

pub(super) fn bodies() -> Vec<Hashed> {
    let full = Submission {
        description: "grüße\nan alle".into(),
        input: Some(inline(b"{\"a\": [1, null]}")),
        limit: MAX_LIMIT,
        execution: Execution::AtMostOnce,
        max_reward: u64::MAX,
        supersedes: Some(OTHER_ID.parse().unwrap()),
        at: u64::MAX,
    };
    let hashed = |submission: Submission| {
        let body = Body::of(&submission).unwrap();
        assert_eq!(Body::from_bytes(body.as_bytes().into()).unwrap(), body);
        Hashed { says: shown(&submission), bytes: hex(body.as_bytes()), digest: hex(body.digest()) }
    };
    let with_file = Submission { input: Some(file("report.pdf", 5)), ..plain() };
    [plain(), full, with_file].map(hashed).into()
}

pub(super) fn refused_bodies() -> Vec<RefusedBytes> {
    let large = "x".repeat(MAX_DESCRIPTION + 1);
    let file = serde_cbor::value::to_value(file("../x", 1)).unwrap();
    let text = |text: &str| Value::Text(text.into());
    [
        map([]),
        with(&plain(), [("description", text(""))]),
        with(&plain(), [("description", text(&large))]),
        with(&plain(), [("description", Value::Bytes(b"a".to_vec()))]),
        with(&plain(), [("limit", number(0))]),
        with(&plain(), [("limit", number(i128::from(MIN_LIMIT) - 1))]),
        with(&plain(), [("limit", number(i128::from(MAX_LIMIT) + 1))]),
        with(&plain(), [("execution", number(2))]),
        with(&plain(), [("execution", number(256))]),
        with(&plain(), [("max_reward", number(-1))]),
        with(&plain(), [("supersedes", Value::Bytes(vec![0; 16]))]),
        with(&plain(), [("input", file)]),
    ]
    .map(|body| refused(wire::encode(&body).unwrap(), |bytes| Body::from_bytes(bytes.into())))
    .into()
}
