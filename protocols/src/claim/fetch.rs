//! Fetch: an agent says by itself what it claims, in a DHT whose servers do not keep claims.
//!
//! ```text
//! opener             responder
//!   {key}  ─────────►
//!   ◄───────── {claim}    if it claims that key; otherwise the stream ends
//! ```
//!
//! There agents are found by provider records, which say no more than that somebody claims a key, under its
//! [multihash](super::Key::multihash), and are signed by nobody. So whoever is found so is asked, for the very key that was
//! looked for: who does not know what an agent is called does not learn it here. The claim is
//! [verified](super::Claim::from_bytes) like one from a server.

use futures::{AsyncRead, AsyncWrite};
use libp2p::StreamProtocol;
use serde::{Deserialize, Serialize};

pub use crate::exchange::Error;
use crate::{exchange, wire::CONTROL_FRAME};

/// The protocol. It belongs to no [`Port`](crate::port::Port).
pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/airway/claim/1.0.0");

/// What the opener says.
#[derive(Serialize, Deserialize)]
struct Request {
    #[serde(with = "serde_bytes")]
    key: Vec<u8>,
}

/// What the responder says.
#[derive(Serialize, Deserialize)]
struct Answer {
    #[serde(with = "serde_bytes")]
    claim: Vec<u8>,
}

/// Opener: asks for the claim that belongs at a [key](super::Key::bytes); returns its envelope, of which nothing is verified.
///
/// # Errors
///
/// [`Error::NoAnswer`] if the responder does not claim the key, [`Error::Wire`] for a malformed answer or a failed stream.
pub async fn ask<S>(stream: &mut S, key: &[u8]) -> Result<Vec<u8>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let answer: Answer =
        exchange::ask(stream, &Request { key: key.to_vec() }, CONTROL_FRAME, CONTROL_FRAME).await?;
    Ok(answer.claim)
}

/// Responder, first: reads which key is asked for.
///
/// # Errors
///
/// [`Error::Ended`] if there is nothing, [`Error::Wire`] for a malformed or truncated frame or one over [`CONTROL_FRAME`].
pub async fn hear<S>(stream: &mut S) -> Result<Vec<u8>, Error>
where
    S: AsyncRead + Unpin,
{
    let Request { key } = exchange::hear(stream, CONTROL_FRAME).await?;
    Ok(key)
}

/// Responder, second: hands out the envelope of its claim. Who does not claim the key drops the stream instead.
///
/// # Errors
///
/// [`Error::Wire`] if the stream fails.
pub async fn answer<S>(stream: &mut S, claim: &[u8]) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    exchange::say(stream, &Answer { claim: claim.to_vec() }, CONTROL_FRAME).await?;
    exchange::finish(stream).await
}

#[cfg(test)]
mod tests {
    use futures::AsyncWriteExt as _;
    use tokio_util::compat::TokioAsyncReadCompatExt as _;

    use super::*;
    use crate::claim::MAX_BYTES;

    #[tokio::test]
    async fn the_largest_claim_is_handed_out_for_its_key() {
        let (here, there) = tokio::io::duplex(64 * 1024);
        let (mut here, mut there) = (here.compat(), there.compat());
        let claim = vec![7; MAX_BYTES];
        let responder = async {
            assert_eq!(hear(&mut there).await.unwrap(), b"/airway-name/x");
            answer(&mut there, &claim).await
        };
        let opener = async {
            let fetched = ask(&mut here, b"/airway-name/x").await.unwrap();
            here.close().await.unwrap();
            fetched
        };
        let (answered, fetched) = futures::join!(responder, opener);
        answered.unwrap();
        assert_eq!(fetched, claim);
    }

    #[tokio::test]
    async fn who_does_not_claim_the_key_ends_the_stream() {
        let (here, there) = tokio::io::duplex(1024);
        let mut here = here.compat();
        let responder = async { hear(&mut there.compat()).await.unwrap() };
        let (fetched, key) = futures::join!(ask(&mut here, b"key"), responder);
        assert!(matches!(fetched, Err(Error::NoAnswer)), "{fetched:?}");
        assert_eq!(key, b"key");
    }

    #[tokio::test]
    async fn a_question_is_no_longer_than_a_control_frame() {
        let long = vec![0; CONTROL_FRAME];
        let mut sink = futures::io::Cursor::new(Vec::new());
        assert!(matches!(ask(&mut sink, &long).await, Err(Error::Wire(_))));
    }
}
