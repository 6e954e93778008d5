use airway_protocols::{
    data::{Answer, MessageId},
    files::{self, Digest, FileName, Have, Offer, Reply},
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::support::{RefusedBytes, RefusedText, golden, hex, refused_texts, why};

const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";
const OTHER_ID: &str = "018f4d2e-7c3b-7000-bfff-ffffffffffff";

/// The file of the vectors.
const FILE: &[u8] = b"the quick brown fox";

/// How much of it the receiver has.
const HELD: usize = 9;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    names: [&'static str; 5],
    refused_names: Vec<RefusedText>,
    digests: Vec<Digested>,
    offers: Vec<Offered>,
    refused_offers: Vec<RefusedBytes>,
    invalid_offers: Vec<RefusedBytes>,
    replies: Vec<Replied>,
    refused_replies: Vec<RefusedBytes>,
    starts: Vec<Started>,
    refused_starts: Vec<RefusedBytes>,
    end: String,
    refused_ends: Vec<RefusedBytes>,
    attempt: Attempt,
}

#[derive(Serialize)]
struct Digested {
    bytes: String,
    digest: String,
}

#[derive(Serialize)]
struct Offered {
    id: MessageId,
    name: String,
    size: u64,
    reply_to: Option<MessageId>,
    sent_at: u64,
    bytes: String,
}

#[derive(Serialize)]
struct Replied {
    answer: Option<u8>,
    offset: Option<u64>,
    digest: Option<String>,
    bytes: String,
}

#[derive(Serialize)]
struct Started {
    offset: u64,
    bytes: String,
}

#[derive(Serialize)]
struct Attempt {
    sender: String,
    receiver: String,
}

/// A reply that is free to break the rules.
#[derive(Serialize)]
struct RawReply {
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

#[derive(Serialize)]
struct RawEnd {
    #[serde(with = "serde_bytes")]
    digest: Vec<u8>,
}

fn id() -> MessageId {
    ID.parse().unwrap()
}

fn offer(name: &str, size: u64, reply_to: Option<&str>) -> Offer {
    let reply_to = reply_to.map(|id| id.parse().unwrap());
    Offer { id: id(), name: name.into(), size, reply_to, sent_at: 1_700_000_000_000 }
}

fn have() -> Have {
    Have { offset: HELD as u64, digest: Digest::of(&FILE[..HELD]) }
}

fn framed(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), wire::CONTROL_FRAME).unwrap()
}

fn digested(bytes: &[u8]) -> Digested {
    Digested { bytes: hex(bytes), digest: Digest::of(bytes).to_string() }
}

fn offered(offer: &Offer) -> Offered {
    let bytes = framed(offer);
    assert_eq!(block_on(files::receive_offer(&mut Cursor::new(&bytes))).unwrap().as_ref(), Some(offer));
    offer.validate().unwrap();
    let Offer { id, name, size, reply_to, sent_at } = offer.clone();
    Offered { id, name, size, reply_to, sent_at, bytes: hex(bytes) }
}

fn refused_offer(bytes: Vec<u8>) -> RefusedBytes {
    let error = block_on(files::receive_offer(&mut Cursor::new(&bytes))).unwrap_err();
    RefusedBytes { bytes: hex(bytes), why: why(&error) }
}

fn invalid_offer(offer: &Offer) -> RefusedBytes {
    RefusedBytes { bytes: hex(framed(offer)), why: why(&offer.validate().unwrap_err()) }
}

/// What `offer` makes of the bytes that a peer replies.
fn reply_to(bytes: &[u8]) -> Result<Reply, files::Error> {
    let mut stream = tokio::io::join(bytes, tokio::io::sink()).compat();
    block_on(files::offer(&mut stream, &offer("a", 1, None)))
}

fn replied(reply: Reply) -> Replied {
    let mut bytes = Vec::new();
    block_on(files::reply(&mut bytes, &id(), reply)).unwrap();
    assert_eq!(reply_to(&bytes).unwrap(), reply);
    let bytes = hex(bytes);
    match reply {
        Reply::Answer(answer) => Replied { answer: Some(answer.into()), offset: None, digest: None, bytes },
        Reply::Have(Have { offset, digest }) => {
            Replied { answer: None, offset: Some(offset), digest: Some(digest.to_string()), bytes }
        }
    }
}

fn refused_reply(bytes: Vec<u8>) -> RefusedBytes {
    RefusedBytes { why: why(&reply_to(&bytes).unwrap_err()), bytes: hex(bytes) }
}

fn start(offset: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    block_on(files::start(&mut bytes, offset)).unwrap();
    bytes
}

fn refused_start(bytes: Vec<u8>) -> RefusedBytes {
    let error = block_on(files::receive_start(&mut Cursor::new(&bytes), &have())).unwrap_err();
    RefusedBytes { bytes: hex(bytes), why: why(&error) }
}

fn refused_end(bytes: Vec<u8>) -> RefusedBytes {
    let error = block_on(files::receive_end(&mut Cursor::new(&bytes))).unwrap_err();
    RefusedBytes { bytes: hex(bytes), why: why(&error) }
}

fn end() -> Vec<u8> {
    let bytes = framed(&RawEnd { digest: Digest::of(FILE).as_bytes().to_vec() });
    assert_eq!(block_on(files::receive_end(&mut Cursor::new(&bytes))).unwrap(), Digest::of(FILE));
    bytes
}

/// All that both sides write when the receiver has the first bytes already.
fn attempt() -> Attempt {
    let offer = framed(&offer("fox.txt", FILE.len() as u64, None));
    let sender = [offer, start(HELD as u64), FILE[HELD..].to_vec(), end()].concat();
    let mut receiver = Vec::new();
    for reply in [Reply::Have(have()), Reply::Answer(Answer::Stored)] {
        block_on(files::reply(&mut receiver, &id(), reply)).unwrap();
    }
    Attempt { sender: hex(sender), receiver: hex(receiver) }
}

fn refused_offers() -> Vec<RefusedBytes> {
    let whole = framed(&offer("a", 1, None));
    let cut = whole[..whole.len() - 1].to_vec();
    [vec![0x81, 0x20], vec![0x00], start(0), cut].map(refused_offer).into()
}

fn refused_replies() -> Vec<RefusedBytes> {
    let nothing = RawReply { id: id(), answer: None, offset: None };
    let other = OTHER_ID.parse().unwrap();
    [
        vec![],
        framed(&nothing),
        framed(&RawReply { offset: Some(1), ..nothing }),
        framed(&RawReply { answer: Some(0), offset: Some(1), id: id() }),
        framed(&RawReply { answer: Some(6), offset: None, id: id() }),
        framed(&RawReply { answer: Some(0), offset: None, id: other }),
    ]
    .map(refused_reply)
    .into()
}

#[test]
fn files_are_as_written() {
    let names = ["a", "report.pdf", "grüße 山.txt", "-", "a..b"];
    for name in names {
        assert_eq!(name.parse::<FileName>().unwrap().as_str(), name);
    }
    let long = "a".repeat(201);
    let bad_names: [&str; 13] = [
        "",
        ".",
        "..",
        ".bashrc",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u{7f}",
        "a\u{202e}fdp.exe",
        "a\u{200b}",
        &long,
    ];
    let offers = [offer("a.txt", 0, None), offer("grüße 山.txt", files::MAX_SIZE, Some(OTHER_ID))];
    let invalid = [offer("../a", 1, None), offer("", 1, None), offer("a", files::MAX_SIZE + 1, None)];
    let answers =
        [Answer::Stored, Answer::Duplicate, Answer::Conflict, Answer::Quota, Answer::Invalid, Answer::Failed];
    let mut replies = vec![replied(Reply::Have(have()))];
    replies.extend(answers.map(|answer| replied(Reply::Answer(answer))));
    golden(
        "files.json",
        &Vectors {
            about: "Files, /airway/files/1.0.0: frames as they stand on the stream. Answers are those of messages. A \
                    stream with a refused frame is given up; an invalid offer is answered 4. Starts follow a reply \
                    with offset 9. Refused replies are to the offers above. An attempt is all that each side writes \
                    when the receiver has 9 bytes of the file already.",
            names,
            refused_names: refused_texts::<FileName>(&bad_names),
            digests: [&b""[..], &FILE[..HELD], FILE].map(digested).into(),
            offers: offers.iter().map(offered).collect(),
            refused_offers: refused_offers(),
            invalid_offers: invalid.iter().map(invalid_offer).collect(),
            replies,
            refused_replies: refused_replies(),
            starts: [0, HELD as u64].map(|offset| Started { offset, bytes: hex(start(offset)) }).into(),
            refused_starts: [start(1), start(u64::MAX), vec![]].map(refused_start).into(),
            end: hex(end()),
            refused_ends: [framed(&RawEnd { digest: vec![0; 31] }), start(0), vec![]].map(refused_end).into(),
            attempt: attempt(),
        },
    );
}
