//! Data, from both ends.

use std::str;

use airway_protocols::{
    data::{self, Answer, Error, Header, Kind, MAX_PAYLOAD, Message, MessageId},
    wire,
};
use futures::executor::block_on;

use super::{talk::Talk, wire::message};

/// The id of the golden vectors.
const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";

/// Reads the header of a message, without its frame.
pub fn header(bytes: &[u8]) {
    if let Some(header) = message::<Header>(bytes) {
        assert_eq!(MessageId::from_bytes(*header.id.as_bytes()), Ok(header.id), "an id of another version");
    }
}

/// Receives all messages of a stream, answers each, and has the sender read the answer.
pub fn exchange(bytes: &[u8]) {
    let whole = received(Talk::new(bytes));
    assert_eq!(whole, received(Talk::trickle(bytes)), "the cut of the input shows");
}

fn received(mut stream: Talk<'_>) -> (Vec<Message>, Option<String>) {
    let mut messages = Vec::new();
    loop {
        match block_on(data::receive(&mut stream)) {
            Ok(Some(message)) => {
                check(&message);
                messages.push(message);
            }
            Ok(None) => {
                assert!(stream.heard.is_empty(), "an end before the end");
                return (messages, None);
            }
            Err(error) => {
                if let Error::TooLarge { size } = error {
                    assert!(size > MAX_PAYLOAD as u64, "a refusal of what is within the cap");
                }
                return (messages, Some(error.to_string()));
            }
        }
    }
}

/// What holds for every message that was received, valid or not.
fn check(message: &Message) {
    assert!(message.payload.len() <= MAX_PAYLOAD);
    let sent = encoded(message);
    assert_eq!(block_on(data::receive(&mut Talk::new(&sent))).unwrap().as_ref(), Some(message));

    let is_text = str::from_utf8(&message.payload).is_ok();
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&message.payload).is_ok();
    let valid = match message.kind {
        Kind::Text => is_text,
        Kind::Json => is_text && is_json,
        Kind::Binary => true,
    };
    assert_eq!(message.validate().is_ok(), valid);

    let answer = if valid { Answer::Stored } else { Answer::Invalid };
    let mut answered = Vec::new();
    block_on(data::answer(&mut answered, &message.id, answer)).unwrap();
    let mut sender = Talk::new(&answered);
    assert_eq!(block_on(data::send(&mut sender, message)).unwrap(), answer);
    assert!(sender.said == sent && sender.heard.is_empty());
}

/// Sends a message and takes the input for the answer.
pub fn answer(bytes: &[u8]) {
    let id = ID.parse().unwrap();
    let message =
        Message { id, kind: Kind::Binary, reply_to: None, sent_at: 0, payload: b"payload".to_vec() };
    let mut stream = Talk::new(bytes);
    let answer = block_on(data::send(&mut stream, &message));
    assert_eq!(stream.said, encoded(&message), "what is sent depends on the answer");
    match answer {
        Ok(answer) => {
            assert_eq!(Answer::try_from(u8::from(answer)), Ok(answer));
            let mut again = Vec::new();
            block_on(data::answer(&mut again, &id, answer)).unwrap();
            assert!(again.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(data::send(&mut Talk::new(&again), &message)).unwrap(), answer);
        }
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::WrongAnswer { sent, answered }) => assert!(sent == id && answered != id),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a small message is sent whatever is answered: {other}"),
    }
}

/// A message as it travels.
fn encoded(message: &Message) -> Vec<u8> {
    let header = wire::encode(&Header::of(message)).unwrap();
    [wire::frame(&header, wire::CONTROL_FRAME).unwrap(), message.payload.clone()].concat()
}
