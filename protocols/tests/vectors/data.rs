use airway_protocols::{
    data::{self, Answer, Header, Kind, Message, MessageId},
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::support::{RefusedBytes, golden, hex, why};

const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";
const OTHER_ID: &str = "018f4d2e-7c3b-7000-bfff-ffffffffffff";

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    messages: Vec<Sent>,
    refused_messages: Vec<RefusedBytes>,
    invalid_payloads: Vec<InvalidPayload>,
    answers: Vec<Answered>,
    refused_answers: Vec<RefusedBytes>,
}

#[derive(Serialize)]
struct Sent {
    id: MessageId,
    kind: u8,
    reply_to: Option<MessageId>,
    sent_at: u64,
    payload: String,
    bytes: String,
}

#[derive(Serialize)]
struct InvalidPayload {
    kind: u8,
    payload: String,
    why: String,
}

#[derive(Serialize)]
struct Answered {
    id: MessageId,
    answer: u8,
    bytes: String,
}

/// A header or an answer that is free to break the rules.
#[derive(Clone, Serialize)]
struct RawHeader {
    #[serde(with = "serde_bytes")]
    id: Vec<u8>,
    kind: u64,
    sent_at: u64,
    size: u64,
}

#[derive(Serialize)]
struct RawAnswer {
    id: MessageId,
    answer: u64,
}

fn id() -> MessageId {
    ID.parse().unwrap()
}

fn message(kind: Kind, reply_to: Option<&str>, sent_at: u64, payload: &[u8]) -> Message {
    let reply_to = reply_to.map(|id| id.parse().unwrap());
    Message { id: id(), kind, reply_to, sent_at, payload: payload.to_vec() }
}

fn framed(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), wire::CONTROL_FRAME).unwrap()
}

fn sent(message: &Message) -> Sent {
    let bytes = [framed(&Header::of(message)), message.payload.clone()].concat();
    let received = block_on(data::receive(&mut Cursor::new(&bytes))).unwrap();
    assert_eq!(received.as_ref(), Some(message));
    message.validate().unwrap();
    Sent {
        id: message.id,
        kind: message.kind.into(),
        reply_to: message.reply_to,
        sent_at: message.sent_at,
        payload: hex(&message.payload),
        bytes: hex(bytes),
    }
}

fn refused_message(bytes: Vec<u8>) -> RefusedBytes {
    let error = block_on(data::receive(&mut Cursor::new(&bytes))).unwrap_err();
    RefusedBytes { bytes: hex(bytes), why: why(&error) }
}

fn invalid_payload((kind, payload): (Kind, &[u8])) -> InvalidPayload {
    let invalid = message(kind, None, 0, payload).validate().unwrap_err();
    InvalidPayload { kind: kind.into(), payload: hex(payload), why: why(&invalid) }
}

/// What `send` makes of the bytes that a peer answers.
fn answer_to(bytes: &[u8]) -> Result<Answer, data::Error> {
    let mut stream = tokio::io::join(bytes, tokio::io::sink()).compat();
    block_on(data::send(&mut stream, &message(Kind::Binary, None, 0, &[])))
}

fn answered(answer: Answer) -> Answered {
    let mut bytes = Vec::new();
    block_on(data::answer(&mut bytes, &id(), answer)).unwrap();
    assert_eq!(answer_to(&bytes).unwrap(), answer);
    Answered { id: id(), answer: answer.into(), bytes: hex(bytes) }
}

fn refused_answer(bytes: Vec<u8>) -> RefusedBytes {
    RefusedBytes { why: why(&answer_to(&bytes).unwrap_err()), bytes: hex(bytes) }
}

fn refused_messages() -> Vec<RefusedBytes> {
    let raw = RawHeader { id: id().as_bytes().to_vec(), kind: 0, sent_at: 0, size: 0 };
    let version_4 =
        [0x93, 0x6D, 0xA0, 0x1F, 0x9A, 0xBD, 0x4D, 0x9D, 0x80, 0xC7, 0x02, 0xAF, 0x85, 0xC8, 0x22, 0xA8];
    let cut = [framed(&RawHeader { size: 3, ..raw.clone() }), b"ab".to_vec()].concat();
    [
        vec![0x81, 0x20],
        vec![0x00],
        framed(&RawHeader { kind: 3, ..raw.clone() }),
        framed(&RawHeader { kind: 256, ..raw.clone() }),
        framed(&RawHeader { id: vec![0; 15], ..raw.clone() }),
        framed(&RawHeader { id: version_4.to_vec(), ..raw.clone() }),
        framed(&RawHeader { size: data::MAX_PAYLOAD as u64 + 1, ..raw.clone() }),
        framed(&RawHeader { size: u64::MAX, ..raw }),
        framed(&RawAnswer { id: id(), answer: 0 }),
        cut,
    ]
    .map(refused_message)
    .into()
}

fn refused_answers() -> Vec<RefusedBytes> {
    let other = OTHER_ID.parse().unwrap();
    [
        vec![],
        vec![0x05, 0xA1],
        framed(&RawAnswer { id: id(), answer: 6 }),
        framed(&RawAnswer { id: id(), answer: 256 }),
        framed(&RawAnswer { id: other, answer: 0 }),
    ]
    .map(refused_answer)
    .into()
}

#[test]
fn data_is_as_written() {
    let messages = [
        message(Kind::Text, None, 0, b""),
        message(Kind::Text, None, 1_700_000_000_000, "grüß dich".as_bytes()),
        message(Kind::Json, Some(OTHER_ID), 1_700_000_000_001, b"{\"a\": [1, null]}"),
        message(Kind::Binary, None, u64::MAX, &[0, 0xFF, 0x80]),
    ];
    let invalid: [(Kind, &[u8]); 6] = [
        (Kind::Text, &[0xFF]),
        (Kind::Json, b""),
        (Kind::Json, b"{} {}"),
        (Kind::Json, b"[1,]"),
        (Kind::Json, b"NaN"),
        (Kind::Json, b"\"\xFF\""),
    ];
    let answers =
        [Answer::Stored, Answer::Duplicate, Answer::Conflict, Answer::Quota, Answer::Invalid, Answer::Failed];
    golden(
        "data.json",
        &Vectors {
            about: "Messages on port 1001: header frame and payload as they stand on the stream. Kinds are 0 text, 1 \
                    json, 2 binary; answers 0 stored, 1 duplicate, 2 conflict, 3 quota, 4 invalid, 5 failed. A stream \
                    that begins with a refused message or answer, and ends there, is given up; a message with an \
                    invalid payload is answered 4, and the stream goes on. Refused answers are to the id of the \
                    messages above.",
            messages: messages.iter().map(sent).collect(),
            refused_messages: refused_messages(),
            invalid_payloads: invalid.map(invalid_payload).into(),
            answers: answers.map(answered).into(),
            refused_answers: refused_answers(),
        },
    );
}
