use std::collections::BTreeMap;

use airway_protocols::{
    admit::{self, Answer, Hello},
    certificate::Invalid,
    invite::InviteId,
    join::{self, Granted, Refusal, Reply, Request},
    revocations::{self, Revocations},
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    requests: Vec<Framed>,
    refused_requests: Vec<RefusedBytes>,
    replies: Vec<Framed>,
    refused_replies: Vec<RefusedBytes>,
    hellos: Vec<Framed>,
    refused_hellos: Vec<RefusedBytes>,
    answers: Vec<Framed>,
    refused_answers: Vec<RefusedBytes>,
    list: Framed,
    refused_lists: Vec<RefusedBytes>,
}

#[derive(Serialize)]
struct Framed {
    says: String,
    bytes: String,
}

/// A stream whose other end says this and hears all.
macro_rules! stream {
    ($heard:expr, $said:expr) => {
        tokio::io::join($heard, $said).compat()
    };
}

fn asked(request: &Request) -> Vec<u8> {
    let mut said = Vec::new();
    let unanswered = block_on(join::ask(&mut stream!(&[][..], &mut said), request));
    assert!(matches!(unanswered, Err(join::Error::NoAnswer)));
    assert_eq!(block_on(join::hear(&mut Cursor::new(&said))).unwrap(), *request);
    said
}

fn replied(bytes: &[u8]) -> Result<Reply, join::Error> {
    let request = Request::Leave { certificate: vec![] };
    block_on(join::ask(&mut stream!(bytes, tokio::io::sink()), &request))
}

fn reply(says: &str, reply: &Reply) -> Framed {
    let mut said = Vec::new();
    block_on(join::answer(&mut stream!(&[][..], &mut said), reply)).unwrap();
    assert_eq!(replied(&said).unwrap(), *reply);
    Framed { says: says.to_owned(), bytes: hex(said) }
}

fn hello(version: u64) -> Hello {
    let (certificate, card) = (certificate(3, MEMBER), card(3, NUMBER, None));
    let (certificate, card) = (certificate.as_bytes().to_vec(), card.as_bytes().to_vec());
    Hello { certificate, card, serves: version == 0, relay: version > 0, version }
}

fn answered(bytes: &[u8]) -> Result<Answer, admit::Error> {
    block_on(admit::ask(&mut stream!(bytes, tokio::io::sink()), &hello(0)))
}

fn answer(says: &str, answer: &Answer) -> Framed {
    let mut said = Vec::new();
    block_on(admit::answer(&mut Cursor::new(&mut said), answer)).unwrap();
    assert_eq!(answered(&said).unwrap(), *answer);
    Framed { says: says.to_owned(), bytes: hex(said) }
}

fn hellos() -> Vec<Framed> {
    let said = |version| {
        let mut said = Vec::new();
        let unanswered = block_on(admit::ask(&mut stream!(&[][..], &mut said), &hello(version)));
        assert!(matches!(unanswered, Err(admit::Error::NoAnswer)));
        assert_eq!(block_on(admit::hear(&mut Cursor::new(&said))).unwrap(), hello(version));
        Framed { says: format!("has list {version}"), bytes: hex(said) }
    };
    vec![said(0), said(7)]
}

fn requests() -> Vec<Framed> {
    let (invite, proof) = (InviteId::from_bytes([1; 16]), [0xB6; 32]);
    let certificate = certificate(3, MEMBER).as_bytes().to_vec();
    let ada = || Some("ada".parse().unwrap());
    let renew = |name| Request::Renew { certificate: certificate.clone(), name };
    let requests = [
        ("join", Request::Join { invite, proof, name: None }),
        ("join as ada", Request::Join { invite, proof, name: ada() }),
        ("renew", renew(None)),
        ("renew without a name", renew(Some(None))),
        ("renew as ada", renew(Some(ada()))),
        ("leave", Request::Leave { certificate: certificate.clone() }),
    ];
    requests
        .iter()
        .map(|(says, request)| Framed { says: (*says).to_owned(), bytes: hex(asked(request)) })
        .collect()
}

fn replies() -> Vec<Framed> {
    let certificate = certificate(3, MEMBER).as_bytes().to_vec();
    let least = Granted { certificate, revocations: None, cards: vec![] };
    let list = Revocations::sign(&realm(), &key(1), 1, AT, &[agent(4)].into()).unwrap();
    let cards = [2, 5].map(|seed| card(seed, NUMBER, None).as_bytes().to_vec()).into();
    let most = Granted { revocations: list.as_bytes().map(<[u8]>::to_vec), cards, ..least.clone() };
    let granted =
        [reply("granted", &Reply::Granted(least)), reply("granted, with all", &Reply::Granted(most))];
    let refusals = (1..=8).map(|number| {
        let refusal = Refusal::try_from(number).unwrap();
        reply(&format!("refused: {refusal}"), &Reply::Refused(refusal))
    });
    granted.into_iter().chain([reply("done", &Reply::Done)]).chain(refusals).collect()
}

/// A frame around any message.
fn frame(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), join::MAX_REPLY).unwrap()
}

/// A map with one key.
fn one<T: Serialize>(key: &'static str, value: T) -> Vec<u8> {
    frame(&BTreeMap::from([(key, value)]))
}

#[derive(Serialize)]
struct Why {
    why: u64,
}

#[derive(Serialize)]
struct RawJoin {
    invite: ByteBuf,
    proof: ByteBuf,
    name: &'static str,
}

fn raw_join(invite: usize, proof: usize, name: &'static str) -> Vec<u8> {
    one("join", RawJoin { invite: vec![1; invite].into(), proof: vec![2; proof].into(), name })
}

fn refused_requests() -> Vec<RefusedBytes> {
    let read = |bytes: &[u8]| block_on(join::hear(&mut Cursor::new(bytes)));
    assert!(read(&raw_join(16, 32, "ada")).is_ok());
    let large = wire::frame(&[0; wire::CONTROL_FRAME + 1], usize::MAX).unwrap();
    let cases = [
        vec![],
        vec![1, 0xA0],
        vec![9, 0xA1],
        large[..3].to_vec(),
        raw_join(15, 32, "ada"),
        raw_join(16, 31, "ada"),
        raw_join(16, 32, "Ada"),
        raw_join(16, 32, "relay"),
        one("enter", 1),
        one("leave", 1),
        frame(&BTreeMap::from([("join", 1), ("leave", 1)])),
    ];
    cases.iter().map(|bytes| refused(bytes, read)).collect()
}

fn refused_replies() -> Vec<RefusedBytes> {
    let cards = vec![vec![]; join::MAX_CARDS + 1];
    let many = Reply::Granted(Granted { certificate: vec![], revocations: None, cards });
    let cases = [
        vec![],
        vec![1, 0xA0],
        one("refused", Why { why: 0 }),
        one("refused", Why { why: 9 }),
        one("refused", Why { why: 256 }),
        one("refused", 1),
        one("done", 1),
        frame(&many),
    ];
    cases.iter().map(|bytes| refused(bytes, replied)).collect()
}

fn refused_hellos() -> Vec<RefusedBytes> {
    let read = |bytes: &[u8]| block_on(admit::hear(&mut Cursor::new(bytes)));
    let whole = frame(&hello(0));
    assert!(read(&whole).is_ok());
    let large = wire::frame(&[0; wire::CONTROL_FRAME + 1], usize::MAX).unwrap();
    let cases = [vec![], vec![1, 0xA0], whole[..whole.len() - 1].to_vec(), large[..3].to_vec()];
    cases.iter().map(|bytes| refused(bytes, read)).collect()
}

fn refused_answers() -> Vec<RefusedBytes> {
    let cases = [
        vec![],
        vec![1, 0xA0],
        one("refused", Why { why: 0 }),
        one("refused", Why { why: 4 }),
        one("hello", 1),
    ];
    cases.iter().map(|bytes| refused(bytes, answered)).collect()
}

fn list() -> Framed {
    let list = Revocations::sign(&realm(), &key(1), 1, AT, &[agent(4)].into()).unwrap();
    let mut said = Vec::new();
    block_on(admit::send_list(&mut Cursor::new(&mut said), &list)).unwrap();
    let heard = block_on(admit::receive_list(&mut Cursor::new(&said))).unwrap();
    assert_eq!(Some(&heard[..]), list.as_bytes());
    Framed { says: "list 1".to_owned(), bytes: hex(said) }
}

fn refused_lists() -> Vec<RefusedBytes> {
    let read = |bytes: &[u8]| block_on(admit::receive_list(&mut Cursor::new(bytes)));
    let large = wire::frame(&[0; revocations::MAX_BYTES + 1], usize::MAX).unwrap();
    [vec![], vec![5, 1], large[..4].to_vec()].iter().map(|bytes| refused(bytes, read)).collect()
}

#[test]
fn what_members_say_is_as_written() {
    let vectors = Vectors {
        about: "/airway/join/1.0.0 and /airway/admit/1.0.0: frames. Requests and replies are those of join, \
                hellos what the opener of admit writes, answers what the responder does, and the list is what the side \
                with the higher version writes then. A request, a reply and an answer is a map with one key, which says \
                what it is. Certificates, cards and lists in them are for the reader to verify.",
        requests: requests(),
        refused_requests: refused_requests(),
        replies: replies(),
        refused_replies: refused_replies(),
        hellos: hellos(),
        refused_hellos: refused_hellos(),
        answers: vec![
            answer("hello", &Answer::Hello(hello(7))),
            answer("refused: not yet", &Answer::Refused(Invalid::NotYet)),
            answer("refused: expired", &Answer::Refused(Invalid::Expired)),
            answer("refused: expelled", &Answer::Refused(Invalid::Expelled)),
        ],
        refused_answers: refused_answers(),
        list: list(),
        refused_lists: refused_lists(),
    };
    golden("join.json", &vectors);
}
