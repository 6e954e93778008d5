//! What is no frame of gossipsub, and what is one and says nothing that makes sense.

use crate::{
    rogue::{
        Control, Rogue, Rpc,
        rpc::{framed, varint},
    },
    stage::Stage,
};

/// The most that is read of a frame: what one may hold, and 8 KiB.
const FRAME: usize = 72 * 1024;

/// What ends the stream that it comes on.
fn malformed(topic: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (none, name) = (Rpc::default, b"a".as_slice());
    let grafts = vec![Control::Graft(vec![b'a'; 100]); 500];
    let joins = (0..5_000).fold(none(), |rpc, _| rpc.subscription(true, name));
    vec![
        ("a length without end", vec![0xff; 32]),
        ("a frame of a gigabyte", [varint(1 << 30), vec![0; 2 * FRAME]].concat()),
        ("the largest length that there is", [varint(u64::MAX), vec![0; 2 * FRAME]].concat()),
        ("a frame over the limit", none().publish(topic, &vec![7; 2 * FRAME]).into_frame()),
        ("no protobuf", framed(&[0xff; 100])),
        ("a field longer than its frame", framed(&[0x12, 0xff, 0xff, 0x03, 1])),
        ("a message longer than its field", framed(&[0x12, 4, 0x12, 0xff, 0x7f, 1])),
        ("field 0", framed(&[0x02, 1, 7])),
        ("a group in place of a message", framed(&[0x13, 0x14])),
        ("groups in groups", framed(&[0x7b; 10_000])),
        ("a topic that is no text, joined", none().subscription(true, &[0xff, 0xfe]).into_frame()),
        ("a topic that is no text, of a message", none().publish(&[0xff, 0xfe], b"x").into_frame()),
        ("a topic that is no text, grafted", none().control([Control::Graft(vec![0xc3, 0x28])]).into_frame()),
        ("30,000 empty messages", (0..30_000).fold(none(), |rpc, _| rpc.field(2, &[])).into_frame()),
        ("50 KiB of grafts", none().control(grafts).into_frame()),
        ("5,000 subscriptions", joins.into_frame()),
    ]
}

/// What is well-formed, and nothing that an agent would say.
fn absurd(rogue: &Rogue) -> Vec<(&'static str, Vec<u8>)> {
    let (none, topic) = (Rpc::default, rogue.topic());
    let ids = |count: u64| (0..count).map(|n| [n.to_be_bytes(); 2].concat()).collect::<Vec<_>>();
    let words = rogue.broadcast(1, "signed once more by libp2p");
    let data = [varint(2 << 3 | 2), framed(words.as_bytes())].concat();
    let on_topic = [varint(4 << 3 | 2), framed(&topic)].concat();
    let with = |field: u64, value: &[u8]| {
        none().field(2, &[data.clone(), on_topic.clone(), varint(field << 3 | 2), framed(value)].concat())
    };
    let said = [
        ("nothing", none()),
        ("a field from the future", none().field(500, b"hello")),
        ("a message without topic or data", none().field(2, &[])),
        ("a message without data", none().publish(&topic, &[])),
        ("a message a little too long", none().publish(&topic, &vec![7; FRAME])),
        ("a message that is none of ours", none().publish(&topic, b"hello")),
        ("an author", with(1, &rogue.peer().to_bytes())),
        ("a number", with(3, &[0; 8])),
        ("a signature", with(5, &[7; 64])),
        ("not before the end of time", none().control([Control::Prune(topic.clone(), u64::MAX)])),
        ("the same unjoined", none().subscription(false, &topic)),
        ("in and out", (0..200).fold(none(), |rpc, n| rpc.subscription(n % 2 == 0, &topic))),
        ("100 grafts", none().control(vec![Control::Graft(topic.clone()); 100])),
        ("messages that it has not got", none().control([Control::IHave(topic.clone(), ids(700))])),
        ("messages that there are not", none().control([Control::IWant(ids(700))])),
        ("messages that nobody has sent", none().control([Control::IDontWant(ids(700))])),
        ("ids of no bytes", none().control([Control::IWant(vec![vec![]; 5_000])])),
        ("one id of many bytes", none().control([Control::IHave(topic.clone(), vec![vec![7; 12_000]])])),
    ];
    said.into_iter().map(|(what, rpc)| (what, rpc.into_frame())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_frames_end_their_stream_and_nothing_else() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    let topic = Rogue::join(&stage.invite).await.topic();
    for (what, bytes) in malformed(&topic) {
        // Each by another one, which has not been found out before.
        let rogue = Rogue::join(&stage.invite).await;
        let mut line = rogue.enter(&card).await;
        line.say(Rpc::default().subscription(true, &topic)).await.unwrap();
        // It may be cut off before it has said all of it.
        let _ = line.say_bytes(&bytes).await;
        assert!(line.is_ended().await, "still heard after {what}");
        let said = stage.bob_says().await;
        stage.ear.hears(&said).await;
    }
    stage.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_make_no_sense_disturb_nobody() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    for at in 0..absurd(&Rogue::join(&stage.invite).await).len() {
        let rogue = Rogue::join(&stage.invite).await;
        let (what, bytes) = absurd(&rogue).swap_remove(at);
        let mut line = rogue.enter(&card).await;
        line.say(Rpc::default().subscription(true, &rogue.topic())).await.unwrap();
        for _ in 0..20 {
            let _ = line.say_bytes(&bytes).await;
        }
        let said = stage.bob_says().await;
        stage.ear.hears(&said).await;
        assert_eq!(stage.ear.heard_of(&rogue), 0, "{what}");
    }
    stage.goes_on().await;
}

/// A rogue that breaks off in the midst of a frame, again and again, over one connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_break_off_again_and_again_disturb_nobody() {
    let mut stage = Stage::new().await;
    let card = stage.alice.node.card().unwrap();
    let rogue = Rogue::join(&stage.invite).await;
    let half = |rogue: &Rogue| {
        let whole = rogue.words(1, "never said").into_frame();
        whole[..whole.len() / 2].to_vec()
    };
    let _ = rogue.enter(&card).await.say_bytes(&half(&rogue)).await;
    for _ in 0..100 {
        let Ok(mut line) = rogue.line(card.peer_id()).await else { continue };
        let _ = line.say_bytes(&half(&rogue)).await;
    }
    stage.goes_on().await;
    assert_eq!(stage.ear.heard_of(&rogue), 0);
}
