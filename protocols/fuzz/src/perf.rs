//! Perf, from both ends.

use airway_protocols::{
    perf::{self, Error, MAX_BYTES, Request},
    wire,
};
use futures::executor::block_on;

use super::talk::Talk;

/// The request that answers are to.
const REQUEST: Request = Request { send: 1000, receive: 0 };

/// Serves a run that the input asks for.
pub fn run(bytes: &[u8]) {
    let whole = served(Talk::new(bytes));
    assert_eq!(whole, served(Talk::trickle(bytes)), "the cut of the input shows");
}

/// What the responder did, and what it said.
fn served(mut stream: Talk<'_>) -> (Result<Option<Request>, String>, Vec<u8>) {
    let heard = stream.heard;
    let served = block_on(perf::serve(&mut stream));
    match &served {
        Ok(None) => assert!(heard.is_empty() && stream.said.is_empty()),
        Ok(Some(request)) => {
            request.validate().unwrap();
            check(heard, request, &stream);
        }
        Err(Error::TooLarge { bytes }) => {
            assert!(*bytes > MAX_BYTES && stream.said.is_empty(), "an answer to what is over the cap");
        }
        Err(Error::Wire(_)) => assert!(stream.said.is_empty(), "an answer to what is malformed"),
        // More was asked for than the stream has room for.
        Err(Error::Io(_)) => assert!(!stream.said.is_empty()),
        Err(other) => panic!("a responder cannot fail so: {other}"),
    }
    (served.map_err(|error| error.to_string()), stream.said)
}

/// What holds for every run that was served to its end.
fn check(heard: &[u8], request: &Request, stream: &Talk<'_>) {
    let mut opener = Talk::new(&stream.said);
    let received = block_on(perf::answer(&mut opener, request)).unwrap();
    assert_eq!(opener.heard.len() as u64, request.receive, "not what was asked for");
    assert!(received == request.send || stream.heard.is_empty(), "counted to less than came");
    assert!(received <= heard.len() as u64, "counted what never came");
}

/// Takes the input for the answer to a request.
pub fn answer(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(perf::answer(&mut stream, &REQUEST)) {
        Ok(received) => assert!(received <= REQUEST.send, "more than was announced"),
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::WrongAnswer { announced, received }) => {
            assert!(announced == REQUEST.send && received > announced);
        }
        Err(Error::Wire(wire::Error::Io(error))) => panic!("bytes in memory cannot fail so: {error}"),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}
