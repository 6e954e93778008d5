//! A member that writes what it likes.

use airway_protocols::{
    gate::admission::Turn,
    streams::{Behaviour as Streams, Limits, OpenToAll},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    PeerId, Swarm, SwarmBuilder,
    core::upgrade::Version,
    swarm::{ConnectionId, SwarmEvent},
};
use tokio::time::timeout;

use super::pair::{LISTEN, MESHSUB, PATIENCE, TOPIC, heard, member};
use crate::net::gossip::Behaviour;

/// A peer that speaks nothing by itself.
fn rogue() -> Swarm<Streams> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Streams::new(Limits::default(), OpenToAll))
        .unwrap()
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(PATIENCE)
                .with_substream_upgrade_protocol_override(Version::V1Lazy)
        })
        .build()
}

/// A frame of so many bytes.
fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let mut length = body.len();
    while length >= 0x80 {
        frame.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    frame.push(u8::try_from(length).unwrap());
    [frame, body.to_vec()].concat()
}

/// A field with a length before it.
fn field(tag: u8, value: &[u8]) -> Vec<u8> {
    [vec![tag << 3 | 2], frame(value)].concat()
}

fn subscription(topic: &str) -> Vec<u8> {
    field(1, &[vec![1 << 3, 1], field(2, topic.as_bytes())].concat())
}

/// A member that the rogue is connected to, and admitted by.
async fn admitted() -> (Swarm<Behaviour>, PeerId, ConnectionId, Swarm<Streams>) {
    let (mut member, mut rogue) = (member(), rogue());
    member.listen_on(LISTEN[0].parse().unwrap()).unwrap();
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = member.select_next_some().await {
            break address;
        }
    };
    rogue.dial(address).unwrap();
    let (connection, peer): (ConnectionId, PeerId) = loop {
        let event = tokio::select! {
            event = member.select_next_some() => event,
            _ = rogue.select_next_some() => continue,
        };
        if let SwarmEvent::ConnectionEstablished { connection_id, peer_id, .. } = event {
            break (connection_id, peer_id);
        }
    };
    member.behaviour_mut().admit_on(peer, connection, Turn::Second);
    (member, peer, connection, rogue)
}

/// Writes this, again on another stream whenever one has ended, until nothing more is taken on the connection.
async fn say_until_over(bytes: Vec<u8>) {
    let (mut member, peer, _, mut rogue) = admitted().await;
    let at = *member.local_peer_id();
    let control = rogue.behaviour().control();
    tokio::spawn(async move {
        loop {
            rogue.select_next_some().await;
        }
    });
    let talk = tokio::spawn(async move {
        let mut streams = 0;
        while let Ok(mut stream) = control.open(at, MESHSUB).await {
            streams += 1;
            if stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok() {
                let _ = stream.read(&mut [0]).await;
            }
            assert!(streams < 100, "it is never over");
        }
    });
    while member.behaviour().is_admitted(&peer) {
        let event = member.select_next_some().await;
        heard(&mut member, event);
    }
    assert!(member.is_connected(&peer), "the rest of what is spoken on the connection goes on");
    let guard = member.behaviour_mut().inner().unwrap();
    assert_eq!(guard.inner.all_peers().count(), 0);
    talk.abort();
}

#[tokio::test]
async fn who_writes_garbage_stream_after_stream_is_heard_no_more() {
    let too_long = frame(&vec![0; 80 * 1024]);
    let too_much_control = frame(&subscription("a").repeat(2000));
    let too_many_messages = frame(&field(2, &field(4, TOPIC.as_bytes())).repeat(200));
    let endless = vec![0xff; 16];
    for bytes in [too_long, too_much_control, too_many_messages, endless, frame(&[0xff; 8])] {
        timeout(PATIENCE, say_until_over(bytes)).await.unwrap();
    }
}
