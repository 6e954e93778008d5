//! The streams behaviour, between two swarms on loopback.
//!
//! `AIRWAY_TEST_SIZE=full` cuts streams under load a thousand times in place of twenty.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;
mod streams {
    mod closing;
    mod cut;
    mod policy;
    mod support;
}

use std::{future::Future, io, time::Duration};

use airway_protocols::streams::{
    Behaviour, Control, Incoming, Limits, OpenError, OpenToAll, Refusal, Refused, Stream,
};
use common::{LISTEN, PATIENCE, listen, spawn, swarm};
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _,
    future::join_all,
    stream::{FuturesUnordered, StreamExt as _},
};
use libp2p::{PeerId, StreamProtocol, swarm::dial_opts::DialOpts};
use tokio::time::timeout;

const PROTOCOL: StreamProtocol = StreamProtocol::new("/test/1.0.0");

/// An opener that knows where a responder listens, and the responder's control.
struct Pair {
    opener: Control,
    responder: Control,
    peer: PeerId,
}

async fn pair(address: &str, limits: Limits) -> Pair {
    let mut server = swarm(|_| Behaviour::new(limits, OpenToAll));
    let responder = server.behaviour().control();
    let address = listen(&mut server, address).await;
    let peer = spawn(server);
    let mut client = swarm(|_| Behaviour::new(limits, OpenToAll));
    let opener = client.behaviour().control();
    client.dial(DialOpts::peer_id(peer).addresses(vec![address]).build()).unwrap();
    spawn(client);
    Pair { opener, responder, peer }
}

async fn on_every_transport<F: Future<Output = ()>>(test: impl Fn(&'static str) -> F) {
    for address in LISTEN {
        timeout(PATIENCE, test(address)).await.unwrap_or_else(|_| panic!("{address}: timed out"));
    }
}

fn echo(mut incoming: Incoming) {
    tokio::spawn(async move {
        while let Some(stream) = incoming.next().await {
            tokio::spawn(airway_protocols::echo::serve(stream));
        }
    });
}

async fn round_trip(mut stream: Stream, text: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(text).await?;
    stream.close().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// What the first read of a stream says.
async fn verdict(mut stream: Stream) -> Option<Refusal> {
    Refusal::of(&stream.accepted().await.expect_err("the stream was taken"))
}

#[tokio::test]
async fn a_burst_of_a_thousand_streams_loses_none() {
    on_every_transport(|address| async move {
        let Pair { opener, responder, peer } = pair(address, Limits::default()).await;
        echo(responder.listen(PROTOCOL, 1024).unwrap());
        let answers =
            join_all((0..1000_u32).map(|i| {
                let opener = opener.clone();
                async move {
                    round_trip(opener.open(peer, PROTOCOL).await.unwrap(), &i.to_be_bytes()).await.unwrap()
                }
            }))
            .await;
        for (i, answer) in (0_u32..).zip(answers) {
            assert_eq!(answer, i.to_be_bytes(), "{address}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_answers_busy_and_serves_the_rest() {
    on_every_transport(|address| async move {
        let Pair { opener, responder, peer } = pair(address, Limits::default()).await;
        let mut incoming = responder.listen(PROTOCOL, 2).unwrap();
        // Two streams fill the queue; which of the six they are is up to the network.
        let verdicts = (0..6).map(|_| {
            let opener = opener.clone();
            tokio::spawn(async move { opener.open(peer, PROTOCOL).await.unwrap().accepted().await })
        });
        let verdicts: Vec<_> = verdicts.collect();
        let mut busy = 0;
        let mut others = FuturesUnordered::from_iter(verdicts);
        while busy < 4 {
            match others.next().await.unwrap().unwrap() {
                Err(error) if Refusal::of(&error) == Some(Refusal::Busy) => busy += 1,
                other => panic!("{address}: {other:?}"),
            }
        }
        for _ in 0..2 {
            incoming.next().await.unwrap().flush().await.unwrap();
            others.next().await.unwrap().unwrap().unwrap();
        }
        assert_eq!(responder.refused(), Refused { busy: 4, closed: 0 }, "{address}");
    })
    .await;
}

#[tokio::test]
async fn a_write_to_a_refused_stream_says_why() {
    on_every_transport(|address| async move {
        let limits = Limits { inbound_per_peer: 0, ..Limits::default() };
        let Pair { opener, responder, peer } = pair(address, limits).await;
        let _incoming = responder.listen(PROTOCOL, 1).unwrap();
        let mut stream = opener.open(peer, PROTOCOL).await.unwrap();
        let error = loop {
            if let Err(error) = stream.write_all(&[0; 4096]).await {
                break error;
            }
            if let Err(error) = stream.flush().await {
                break error;
            }
        };
        // A muxer without STOP_SENDING only notices the closed stream; the reason is still there to be read.
        let refusal = Refusal::of(&error).or(match stream.accepted().await {
            Err(error) => Refusal::of(&error),
            Ok(()) => None,
        });
        assert_eq!(refusal, Some(Refusal::Busy), "{address}: {error}");
    })
    .await;
}

#[tokio::test]
async fn streams_in_the_queue_of_a_dropped_listener_hear_closed() {
    on_every_transport(|address| async move {
        let Pair { opener, responder, peer } = pair(address, Limits::default()).await;
        let incoming = responder.listen(PROTOCOL, 8).unwrap();
        let mut other = responder.listen(StreamProtocol::new("/marker/1"), 8).unwrap();
        let mut stream = opener.open(peer, PROTOCOL).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        stream.flush().await.unwrap();
        // Streams of one connection are negotiated in order: once the second is here, so is the first.
        let mut marker = opener.open(peer, StreamProtocol::new("/marker/1")).await.unwrap();
        marker.write_all(b"x").await.unwrap();
        marker.flush().await.unwrap();
        other.next().await.unwrap();
        drop(incoming);
        assert!(matches!(verdict(stream).await, Some(Refusal::Closed | Refusal::Unsupported)), "{address}");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_protocol_is_unsupported() {
    on_every_transport(|address| async move {
        let Pair { opener, peer, .. } = pair(address, Limits::default()).await;
        let stream = opener.open(peer, PROTOCOL).await.unwrap();
        assert_eq!(verdict(stream).await, Some(Refusal::Unsupported), "{address}");
    })
    .await;
}

#[tokio::test]
async fn an_opener_waits_at_its_own_limit() {
    on_every_transport(|address| async move {
        let limits = Limits { outbound_per_peer: 2, ..Limits::default() };
        let Pair { opener, responder, peer } = pair(address, limits).await;
        echo(responder.listen(PROTOCOL, 8).unwrap());
        let first = opener.open(peer, PROTOCOL).await.unwrap();
        let second = opener.open(peer, PROTOCOL).await.unwrap();
        let third = opener.open(peer, PROTOCOL);
        tokio::pin!(third);
        assert!(
            timeout(Duration::from_millis(100), &mut third).await.is_err(),
            "{address}: beyond the limit"
        );
        drop(first);
        assert_eq!(round_trip(third.await.unwrap(), b"third").await.unwrap(), b"third", "{address}");
        assert_eq!(round_trip(second, b"second").await.unwrap(), b"second", "{address}");
    })
    .await;
}

#[tokio::test]
async fn a_peer_beyond_its_inbound_limit_hears_busy() {
    on_every_transport(|address| async move {
        let limits = Limits { inbound_per_peer: 1, ..Limits::default() };
        let Pair { opener, responder, peer } = pair(address, limits).await;
        echo(responder.listen(PROTOCOL, 8).unwrap());
        let mut first = opener.open(peer, PROTOCOL).await.unwrap();
        first.accepted().await.unwrap();
        assert_eq!(
            verdict(opener.open(peer, PROTOCOL).await.unwrap()).await,
            Some(Refusal::Busy),
            "{address}"
        );
        assert_eq!(round_trip(first, b"still served").await.unwrap(), b"still served", "{address}");
    })
    .await;
}

#[tokio::test]
async fn a_protocol_has_one_listener_at_a_time() {
    let behaviour = Behaviour::new(Limits::default(), OpenToAll);
    let control = behaviour.control();
    let first = control.listen(PROTOCOL, 1).unwrap();
    assert!(control.listen(PROTOCOL, 1).is_err());
    drop(first);
    assert!(control.listen(PROTOCOL, 1).is_ok());
}

#[tokio::test]
async fn dial_errors_reach_every_opener() {
    let client = swarm(|_| Behaviour::new(Limits::default(), OpenToAll));
    let opener = client.behaviour().control();
    spawn(client);
    let nobody = PeerId::random();
    let outcomes = timeout(PATIENCE, join_all((0..10).map(|_| opener.open(nobody, PROTOCOL)))).await.unwrap();
    for outcome in outcomes {
        assert!(matches!(outcome, Err(OpenError::Unreachable(_))));
    }
}

#[tokio::test]
async fn the_opener_that_only_reads_is_answered() {
    on_every_transport(|address| async move {
        let Pair { opener, responder, peer } = pair(address, Limits::default()).await;
        let mut incoming = responder.listen(PROTOCOL, 8).unwrap();
        tokio::spawn(async move {
            let mut stream = incoming.next().await.unwrap();
            stream.write_all(b"welcome").await.unwrap();
            stream.close().await.unwrap();
        });
        let mut greeting = String::new();
        opener.open(peer, PROTOCOL).await.unwrap().read_to_string(&mut greeting).await.unwrap();
        assert_eq!(greeting, "welcome", "{address}");
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_was_refused_says_so_at_every_further_use() {
    on_every_transport(|address| async move {
        let Pair { opener, responder, peer } = pair(address, Limits::default()).await;
        // Nobody listens: a protocol that is not spoken, found out by the first read of one half.
        let (mut reader, mut writer) = opener.open(peer, PROTOCOL).await.unwrap().split();
        writer.write_all(b"question").await.unwrap();
        for _ in 0..2 {
            let refused = reader.read(&mut [0; 8]).await.expect_err("nobody answers");
            assert_eq!(Refusal::of(&refused), Some(Refusal::Unsupported), "{address}");
        }
        for refused in [writer.write(b"more").await.map(drop), writer.flush().await, writer.close().await] {
            let refused = refused.expect_err("nobody listens");
            assert_eq!(Refusal::of(&refused), Some(Refusal::Unsupported), "{address}");
        }
        drop(responder);
    })
    .await;
}
