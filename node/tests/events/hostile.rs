//! Contacts that do not keep to the protocol, on streams of port 1002.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Contact, Node,
    protocols::{
        events::{
            self, Denied, EVENT_FRAME, MAX_PAYLOAD, MAX_SUBSCRIBED, Publication, REQUEST_FRAME, Request,
            Since, Subscribe, Told,
        },
        port::Port,
        streams::Stream,
        wire,
    },
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use tokio::time::timeout;

use super::stage::{patterns, publish, subscribe, texts, topic};
use crate::{
    common::{PATIENCE, friends},
    size::{seed, size},
};

async fn open(node: &Node, to: &Contact) -> Stream {
    node.dial(to, Port::EVENTS, PATIENCE).await.unwrap()
}

/// Whether the broker ends the stream.
async fn ends(stream: &mut Stream) -> bool {
    timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.is_ok()
}

fn request(request: &Request) -> Vec<u8> {
    wire::frame(&wire::encode(request).unwrap(), REQUEST_FRAME).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_ends_the_stream() {
    let (alice, bob) = friends().await;
    let to = bob.who("alice");
    let over = wire::frame(&vec![0; REQUEST_FRAME + 1], usize::MAX).unwrap();
    let publication = wire::encode(&Publication { topic: topic("a"), payload: vec![] }).unwrap();
    let publication = wire::frame(&publication, EVENT_FRAME).unwrap();
    let nonsense: [&[u8]; 5] = [&[0], &[0x80, 0], &[0xff; 64], &over, &publication];
    for bytes in nonsense {
        let mut stream = open(&bob.node, &to).await;
        // The broker may have ended it by the time that all is written.
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
        assert!(ends(&mut stream).await, "{:?}", &bytes[..bytes.len().min(8)]);
    }
    let mut rng = SmallRng::seed_from_u64(seed());
    for _ in 0..size(50, 5_000) {
        let mut stream = open(&bob.node, &to).await;
        let mut bytes = vec![0; rng.random_range(1..200)];
        rng.fill(&mut bytes[..]);
        let _ = stream.write_all(&bytes).await;
        let _ = stream.close().await;
        assert!(ends(&mut stream).await, "{bytes:?}");
    }
    let mut subscription = subscribe(&bob.node, &to, &["a"], Since::Now).await;
    publish(&alice.node, "a", "x").await;
    assert_eq!(texts(&mut subscription, 1).await, ["x"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_breaks_a_rule_is_invalid() {
    let (_alice, bob) = friends().await;
    let many: Vec<_> = (0..=MAX_SUBSCRIBED).map(|number| number.to_string()).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for texts in [&many[..], &[]] {
        let mut stream = open(&bob.node, &bob.who("alice")).await;
        let what = Subscribe { patterns: patterns(texts), since: Since::Now };
        stream.write_all(&request(&Request::Subscribe(what))).await.unwrap();
        stream.flush().await.unwrap();
        let told = timeout(PATIENCE, events::told(&mut stream)).await.unwrap().unwrap();
        assert_eq!(told, Some(Told::Denied(Denied::Invalid)));
        assert!(ends(&mut stream).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_goes_on_talking_is_ended() {
    let (_alice, bob) = friends().await;
    let mut stream = open(&bob.node, &bob.who("alice")).await;
    let what = Subscribe { patterns: patterns(&["*"]), since: Since::Now };
    timeout(PATIENCE, events::subscribe(&mut stream, &what)).await.unwrap().unwrap();
    stream.write_all(&[0]).await.unwrap();
    stream.flush().await.unwrap();
    assert!(ends(&mut stream).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_over_the_limit_is_invalid_and_a_frame_over_it_ends_the_stream() {
    let (alice, bob) = friends().await;
    let mut stream = open(&bob.node, &bob.who("alice")).await;
    events::start(&mut stream).await.unwrap();
    let payload = vec![0; MAX_PAYLOAD + 1];
    let publication = Publication { topic: topic("a"), payload };
    let frame = wire::frame(&wire::encode(&publication).unwrap(), EVENT_FRAME).unwrap();
    stream.write_all(&frame).await.unwrap();
    events::publish(&mut stream, &Publication { topic: topic("a"), payload: vec![] }).await.unwrap();
    let answers = async {
        assert_eq!(events::read_published(&mut stream).await.unwrap(), Err(Denied::Invalid));
        assert_eq!(events::read_published(&mut stream).await.unwrap().unwrap().seq, 1);
        // Nothing of it is waited for: the length alone is too much.
        stream.write_all(&wire::frame(&vec![0; EVENT_FRAME + 1], usize::MAX).unwrap()[..3]).await.unwrap();
        stream.flush().await.unwrap();
        assert!(ends(&mut stream).await);
    };
    timeout(PATIENCE, answers).await.unwrap();
    assert_eq!(alice.node.topics(airway::TopicsOf::Own)[0].events, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publications_that_are_sent_ahead_are_answered_in_their_order() {
    let (_alice, bob) = friends().await;
    let count = size(500, 20_000);
    let mut stream = open(&bob.node, &bob.who("alice")).await;
    events::start(&mut stream).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let write = async {
        for number in 0..count {
            let payload = number.to_string().into_bytes();
            events::publish(&mut writer, &Publication { topic: topic("a"), payload }).await.unwrap();
        }
        writer.close().await.unwrap();
    };
    let read = async {
        for seq in 1..=count as u64 {
            assert_eq!(events::read_published(&mut reader).await.unwrap().unwrap().seq, seq);
        }
        assert!(matches!(events::read_published(&mut reader).await, Err(events::Error::NoAnswer)));
    };
    timeout(PATIENCE, async { tokio::join!(write, read) }).await.unwrap();
}
