//! A trusted peer that sends what no protocol allows: the stream ends, and nothing else does.

use airway::{
    protocols::{
        data::{self, Answer, Kind, MAX_PAYLOAD, Message, MessageId},
        wire,
    },
    store::Filter,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::identity::Keypair;
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::StdRng};
use tokio::time::timeout;

use crate::{
    PATIENCE,
    agent::Agent,
    client::{Client, Transport},
};

const DATA: &str = "/airway/data/1.0.0";

async fn trusted(agent: &Agent, transport: Transport) -> Client {
    let key = Keypair::generate_ed25519();
    agent.befriend(&key).await;
    Client::connect(&key, &agent.node, transport).await
}

/// Sends bytes on a new stream and returns all that comes back behind the status byte; nothing if the agent broke
/// the stream off.
async fn send(client: &mut Client, protocol: &'static str, bytes: &[u8]) -> Vec<u8> {
    let exchange = async {
        let mut stream = client.stream(protocol).await;
        let mut answer = Vec::new();
        // The agent may end the stream at the first wrong byte, while we still write.
        let _ = stream.write_all(bytes).await;
        let _ = stream.close().await;
        let _ = stream.read_to_end(&mut answer).await;
        answer.split_off(answer.len().min(1))
    };
    timeout(PATIENCE, exchange).await.unwrap()
}

fn message(kind: Kind, payload: &[u8]) -> Message {
    Message { id: MessageId::new(), kind, reply_to: None, sent_at: 0, payload: payload.into() }
}

/// A header frame with CBOR of our own making.
fn header(cbor: &[u8]) -> Vec<u8> {
    wire::frame(cbor, wire::CONTROL_FRAME).unwrap()
}

/// Every way in which the beginning of a stream of messages can be malformed.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let good = wire::encode(&data::Header::of(&message(Kind::Text, b"hello"))).unwrap();
    let unknown_kind = {
        // The kind is the number behind its key.
        let at = good.windows(4).position(|bytes| bytes == b"kind").unwrap() + 4;
        let mut cbor = good.clone();
        cbor[at] = 9;
        cbor
    };
    let too_large =
        data::Header { size: MAX_PAYLOAD as u64 + 1, ..data::Header::of(&message(Kind::Text, b"")) };
    let frame = header(&good);
    vec![
        ("nothing", vec![]),
        ("half a prefix", vec![0x80]),
        ("a prefix without end", vec![0xff; 32]),
        ("a prefix with a needless byte", vec![0x85, 0x00, 1, 2, 3, 4, 5]),
        ("a frame of a gigabyte", vec![0x80, 0x80, 0x80, 0x80, 0x04, 0]),
        ("half a header", frame[..frame.len() / 2].to_vec()),
        ("half a payload", [frame.as_slice(), b"hel"].concat()),
        ("no CBOR", header(&[0xff, 0xff, 0xff])),
        ("an array in place of a map", header(&[0x82, 0x01, 0x02])),
        ("bytes behind the map", header(&[good.as_slice(), &[0]].concat())),
        ("a map without end", header(&[0xbf, 0x61, b'a', 0x01, 0xff])),
        ("a key twice", header(&[0xa2, 0x61, b'a', 0x01, 0x61, b'a', 0x01])),
        ("an array of 2^60", header(&[0xa1, 0x61, b'a', 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0])),
        ("nested beyond measure", header(&[[0xa1, 0x61, b'a'].repeat(100).as_slice(), &[0]].concat())),
        ("an unknown kind", header(&unknown_kind)),
        ("a payload too large", header(&wire::encode(&too_large).unwrap())),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages_are_not_answered_and_harm_nobody() {
    let agent = Agent::new().await;
    for transport in Transport::ALL {
        let mut client = trusted(&agent, transport).await;
        for (what, bytes) in malformed() {
            assert_eq!(send(&mut client, DATA, &bytes).await, b"", "{transport:?}: {what}");
        }
        assert_eq!(client.echo(b"still served").await, b"still served", "{transport:?}");
        for wrong_version in ["/airway/data/2.0.0", "/airway/echo/0.9.0", "/airway/data/1.0.0/x"] {
            assert_eq!(client.open(wrong_version).await, "not available", "{transport:?}");
        }
    }
    assert!(agent.node.inbox(Filter::default()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_not_what_they_say_are_answered_invalid() {
    let agent = Agent::new().await;
    let mut client = trusted(&agent, Transport::Quic).await;
    let mut stream = client.stream(DATA).await;
    let cases = [
        (message(Kind::Text, b"\xff\xfe"), Answer::Invalid),
        (message(Kind::Json, b"{\"a\":"), Answer::Invalid),
        (message(Kind::Json, b"1 2"), Answer::Invalid),
        (message(Kind::Json, b""), Answer::Invalid),
        (message(Kind::Text, "\u{1b}[2J is a text".as_bytes()), Answer::Stored),
        (message(Kind::Binary, b"\xff\xfe"), Answer::Stored),
    ];
    let mut status = [9];
    for (at, (message, expected)) in cases.iter().enumerate() {
        let answer = if at == 0 {
            // The status byte comes with the first answer, and a stock stream does not know it.
            stream
                .write_all(
                    &[header(&wire::encode(&data::Header::of(message)).unwrap()), message.payload.clone()]
                        .concat(),
                )
                .await
                .unwrap();
            stream.read_exact(&mut status).await.unwrap();
            let frame = wire::read_frame(&mut stream, wire::CONTROL_FRAME).await.unwrap().unwrap();
            *frame.last().unwrap()
        } else {
            data::send(&mut stream, message).await.unwrap().into()
        };
        assert_eq!((answer, status), (u8::from(*expected), [0]), "{message:?}");
    }
    assert_eq!(agent.node.inbox(Filter::default()).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_on_every_protocol_harm_nobody() {
    let full = std::env::var("AIRWAY_TEST_SIZE").is_ok_and(|size| size == "full");
    let rounds = if full { 100_000 } else { 300 };
    let agent = Agent::new().await;
    let mut client = trusted(&agent, Transport::Quic).await;
    let mut random = StdRng::seed_from_u64(1001);
    for round in 0..rounds {
        let mut bytes = vec![0; random.random_range(0..300)];
        random.fill_bytes(&mut bytes);
        // Half of them get past the prefix, so that the layers behind it have their turn.
        if random.random() {
            bytes = header(&bytes);
        }
        let protocol = if round % 3 == 0 { "/airway/echo/1.0.0" } else { DATA };
        let answer = send(&mut client, protocol, &bytes).await;
        let expected = if protocol == DATA { Vec::new() } else { bytes };
        assert_eq!(answer, expected, "round {round}, {protocol}");
    }
    assert_eq!(client.echo(b"still served").await, b"still served");
    assert!(agent.node.inbox(Filter::default()).await.unwrap().is_empty());
}
