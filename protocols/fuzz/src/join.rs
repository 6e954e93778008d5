//! What members and who wants to be one say to each other, each frame from both ends.

use airway_protocols::{
    admit::{self, Answer, Hello},
    join::{self, Error, MAX_CARDS, MAX_REPLY, Refusal, Reply, Request},
    revocations,
    wire::{self, CONTROL_FRAME},
};
use futures::executor::block_on;
use serde::Serialize;

use super::talk::Talk;

/// Hears a request and replies to it.
pub fn request(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(join::hear(&mut stream)) {
        Ok(request) => {
            let more = !stream.heard.is_empty();
            let replied = block_on(join::answer(&mut stream, &Reply::Refused(Refusal::Failed)));
            assert_eq!(matches!(replied, Err(Error::Trailing)), more);
            assert_eq!(replied.is_ok(), !more);

            let mut opener = Talk::new(&stream.said);
            assert_eq!(block_on(join::ask(&mut opener, &request)).unwrap(), Reply::Refused(Refusal::Failed));
            assert!(opener.said.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(join::hear(&mut Talk::trickle(&opener.said))).unwrap(), request);
        }
        Err(Error::Ended) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an inviter cannot fail so: {other}"),
    }
}

/// Asks and takes the input for the reply.
pub fn reply(bytes: &[u8]) {
    let request = Request::Leave { certificate: vec![1, 2, 3] };
    let mut stream = Talk::new(bytes);
    let replied = block_on(join::ask(&mut stream, &request));
    assert_eq!(stream.said, frame(&request, CONTROL_FRAME), "what is asked depends on the reply");
    match replied {
        Ok(reply) => {
            if let Reply::Granted(granted) = &reply {
                assert!(granted.cards.len() <= MAX_CARDS);
            }
            let mut inviter = Talk::new(&[]);
            block_on(join::answer(&mut inviter, &reply)).unwrap();
            assert!(inviter.said.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(join::ask(&mut Talk::trickle(&inviter.said), &request)).unwrap(), reply);
        }
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::TooMany { found, .. }) => assert!(found > MAX_CARDS && bytes.len() <= MAX_REPLY + 3),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}

/// Hears a hello.
pub fn hello(bytes: &[u8]) {
    match block_on(admit::hear(&mut Talk::new(bytes))) {
        Ok(hello) => {
            let mut opener = Talk::new(&[]);
            assert!(matches!(block_on(admit::ask(&mut opener, &hello)), Err(Error::NoAnswer)));
            assert!(opener.said.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(admit::hear(&mut Talk::trickle(&opener.said))).unwrap(), hello);
        }
        Err(Error::Ended) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a responder cannot fail so: {other}"),
    }
}

/// Says hello, takes the input for the answer and, if it is that, for a revocation list.
pub fn answer(bytes: &[u8]) {
    let hello = Hello { certificate: vec![1], card: vec![2], serves: true, relay: false, version: 3 };
    let mut stream = Talk::new(bytes);
    let answered = block_on(admit::ask(&mut stream, &hello));
    assert_eq!(stream.said, frame(&hello, CONTROL_FRAME), "what is said depends on the answer");
    match answered {
        Ok(answer) => {
            let taken = bytes.len() - stream.heard.len();
            let mut responder = Talk::new(&[]);
            block_on(admit::answer(&mut responder, &answer)).unwrap();
            assert!(responder.said.len() <= taken, "longer when written again");
            assert_eq!(block_on(admit::ask(&mut Talk::trickle(&responder.said), &hello)).unwrap(), answer);
            if matches!(answer, Answer::Hello(_)) {
                list(&mut stream);
            }
        }
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}

fn list(stream: &mut Talk<'_>) {
    let before = stream.heard;
    match block_on(admit::receive_list(stream)) {
        Ok(list) => {
            assert!(list.len() <= revocations::MAX_BYTES);
            let more = !stream.heard.is_empty();
            assert_eq!(block_on(admit::finish(stream)).is_err(), more);
        }
        Err(Error::NoAnswer) => assert!(before.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a reader cannot fail so: {other}"),
    }
}

fn frame(message: &impl Serialize, max: usize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), max).unwrap()
}
