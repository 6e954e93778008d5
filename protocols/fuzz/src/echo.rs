//! Echo, from both ends.

use airway_protocols::echo::{self, Error};
use futures::executor::block_on;

use super::talk::Talk;

/// Echoes the input.
pub fn serve(bytes: &[u8]) {
    for mut stream in [Talk::new(bytes), Talk::trickle(bytes)] {
        let echoed = block_on(echo::serve(&mut stream)).unwrap();
        assert_eq!(echoed, bytes.len() as u64);
        assert_eq!(stream.said, bytes);
    }
}

/// Pings with one part of the input and takes the other for the echo. The first byte is the length of the ping.
pub fn ping(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let (sent, back) = rest.split_at(usize::from(*length).min(rest.len()));
    let mut stream = Talk::new(back);
    match block_on(echo::ping(&mut stream, sent)) {
        Ok(()) => {
            assert!(back.starts_with(sent));
            assert_eq!(stream.heard.len(), back.len() - sent.len(), "a ping took more than its echo");
        }
        Err(Error::Closed { received }) => {
            assert!(received == back.len() && received < sent.len());
            assert!(sent.starts_with(back));
        }
        Err(Error::Differs { at }) => {
            assert_eq!(sent[..at], back[..at]);
            assert_ne!(sent[at], back[at]);
        }
        Err(other) => panic!("bytes in memory cannot fail so: {other}"),
    }
}
