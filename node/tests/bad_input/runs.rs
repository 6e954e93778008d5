//! Runs that a trusted peer asks for and should not, and answers to ours that cannot be.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use airway::protocols::{
    echo,
    perf::{self, Request},
    streams::{Refusal, Stream},
    wire,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::hostile::Hostile;
use crate::process::{Daemon, PATIENCE, until};

const TRANSPORTS: [&str; 2] = ["/quic-v1", "/tcp/"];

/// Asks for a run and leaves it in the middle.
async fn begun(hostile: &Hostile) -> Stream {
    let mut stream = hostile.open(perf::PROTOCOL).await;
    perf::ask(&mut stream, &Request { send: 1 << 20, receive: 0 }).await.expect("asked");
    stream.flush().await.expect("flushed");
    stream.accepted().await.expect("taken");
    stream
}

#[tokio::test]
async fn a_peer_has_one_run_at_a_time() {
    let bob = Daemon::new("bob").await;
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        let mut first = begun(&hostile).await;
        let mut second = hostile.open(perf::PROTOCOL).await;
        let refused = timeout(PATIENCE, second.accepted()).await.expect("an answer").unwrap_err();
        assert_eq!(Refusal::of(&refused), Some(Refusal::Busy), "{transport}: {refused}");

        let request = Request { send: 1 << 20, receive: 0 };
        perf::fill(&mut first, request.send, |_| {}).await.expect("sent");
        assert_eq!(perf::answer(&mut first, &request).await.expect("answered"), request.send);
        begun(&hostile).await;
        bob.json(&["untrust", "mallory"]).await;
    }
}

#[tokio::test]
async fn runs_beyond_the_limit_are_not_answered() {
    let bob = Daemon::new("bob").await;
    let framed = |request: &Request| {
        wire::frame(&wire::encode(request).expect("cbor"), wire::CONTROL_FRAME).expect("small")
    };
    let unanswerable = [
        framed(&Request { send: perf::MAX_BYTES + 1, receive: 0 }),
        framed(&Request { send: 0, receive: u64::MAX }),
        framed(&Request { send: 0, receive: 1 })[..5].to_vec(),
        vec![0xFF; 64],
        vec![0],
    ];
    for transport in TRANSPORTS {
        let hostile = Hostile::trusted_by(&bob, transport).await;
        for bytes in &unanswerable {
            let answer = hostile.say(perf::PROTOCOL, bytes).await.unwrap_or_default();
            assert!(answer.is_empty(), "{transport}: {bytes:?} was answered {answer:?}");
        }
        let small = Request { send: 3, receive: 4 };
        let mut stream = hostile.open(perf::PROTOCOL).await;
        perf::ask(&mut stream, &small).await.expect("asked");
        perf::fill(&mut stream, small.send, |_| {}).await.expect("sent");
        assert_eq!(perf::answer(&mut stream, &small).await.expect("answered"), small.send, "{transport}");
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end").expect("read");
        assert_eq!(rest.len(), 4, "{transport}");
        bob.json(&["untrust", "mallory"]).await;
    }
}

/// A peer that answers on port 7 and is an agent as far as that goes.
async fn echoing(bob: &Daemon) -> Hostile {
    let peer = Hostile::trusted_by(bob, TRANSPORTS[0]).await;
    let mut pings = peer.listen(echo::PROTOCOL);
    tokio::spawn(async move {
        while let Some(stream) = pings.next().await {
            tokio::spawn(echo::serve(stream));
        }
    });
    // Its card names no address: it has to come by itself.
    until("the peer is connected", async || bob.json(&["peers"]).await[0].is_object()).await;
    peer
}

#[tokio::test]
async fn an_agent_of_an_older_version_is_named_so() {
    let bob = Daemon::new("bob").await;
    let _peer = echoing(&bob).await;
    let error = bob.fails(&["bench", "mallory", "--timeout", "50s"], 4, "port_closed").await;
    assert!(
        error["message"].as_str().is_some_and(|message| message.contains("/airway/perf/1.0.0")),
        "{error}"
    );
}

#[tokio::test]
async fn a_peer_cannot_claim_more_than_it_was_sent() {
    let bob = Daemon::new("bob").await;
    let peer = echoing(&bob).await;
    let mut runs = peer.listen(perf::PROTOCOL);
    tokio::spawn(async move {
        while let Some(mut stream) = runs.next().await {
            // The map {"received": 2000}, where 1000 bytes were announced.
            let claim = [&[0x0D, 0xA1, 0x68], &b"received"[..], &[0x19, 0x07, 0xD0]].concat();
            stream.write_all(&claim).await.expect("written");
            stream.close().await.expect("closed");
            stream.read_to_end(&mut Vec::new()).await.ok();
        }
    });
    let args = ["bench", "mallory", "--only", "up", "--size", "1000", "--timeout", "50s"];
    let error = bob.fails(&args, 4, "unreachable").await;
    assert!(
        error["message"].as_str().is_some_and(|message| message.contains("2000 bytes of 1000")),
        "{error}"
    );
}
