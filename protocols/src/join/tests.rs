use futures::{executor::block_on, io::Cursor};
use proptest::prelude::*;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;
use crate::wire;

fn renew(name: Option<Option<Name>>) -> Request {
    Request::Renew { certificate: vec![1, 2, 3], name }
}

fn granted(cards: usize) -> Reply {
    Reply::Granted(Granted { certificate: vec![1], revocations: None, cards: vec![vec![2]; cards] })
}

/// Has both ends speak to each other.
fn exchanged(request: &Request, reply: &Reply) -> (Request, Reply) {
    let (opener, inviter) = tokio::io::duplex(1 << 17);
    let (mut opener, mut inviter) = (opener.compat(), inviter.compat());
    let asked = ask(&mut opener, request);
    let answered = async {
        let request = hear(&mut inviter).await.unwrap();
        answer(&mut inviter, reply).await.unwrap();
        request
    };
    let (reply, request) = block_on(futures::future::join(asked, answered));
    (request, reply.unwrap())
}

proptest! {
    #[test]
    fn what_is_said_is_heard(
        proof: [u8; 32], id: [u8; 16], certificate in prop::collection::vec(any::<u8>(), 0..1024),
        name in "[a-z]{1,5}", revocations: bool, cards in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..99), 0..=8),
    ) {
        let name: Option<Name> = name.parse().ok();
        let revocations = revocations.then(|| vec![7; 99]);
        let requests = [
            Request::Join { invite: InviteId::from_bytes(id), proof, name: name.clone() },
            Request::Renew { certificate: certificate.clone(), name: Some(name) },
            Request::Leave { certificate: certificate.clone() },
        ];
        let reply = Reply::Granted(Granted { certificate, revocations, cards });
        for request in requests {
            prop_assert_eq!(exchanged(&request, &reply), (request, reply.clone()));
        }
    }

    #[test]
    fn any_bytes_are_heard_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        let _ = block_on(hear(&mut Cursor::new(&bytes)));
        let _ = wire::decode::<Reply>(&bytes);
    }
}

#[test]
fn a_name_is_changed_taken_off_or_left() {
    for name in [None, Some(None), Some(Some("ada".parse().unwrap()))] {
        let (request, _) = exchanged(&renew(name.clone()), &Reply::Done);
        assert_eq!(request, renew(name));
    }
}

#[test]
fn every_refusal_has_its_number_and_its_words() {
    let refusals: Vec<_> = (1..=8).map(|number| Refusal::try_from(number).unwrap()).collect();
    for (number, refusal) in (1..).zip(&refusals) {
        assert_eq!(u8::from(*refusal), number);
        assert!(!refusal.to_string().is_empty());
        let reply = Reply::Refused(*refusal);
        assert_eq!(exchanged(&renew(None), &reply).1, reply);
    }
    assert!(Refusal::try_from(0).is_err() && Refusal::try_from(9).is_err());
}

#[test]
fn a_reply_has_one_form() {
    let encoded = |reply: &Reply| wire::encode(reply).unwrap();
    assert_eq!(encoded(&Reply::Done), b"\xA1\x64done\xA0");
    for wrong in [
        &b"\xA0"[..],
        b"\xA1\x64Done\xA0",
        b"\xA1\x65other\xA0",
        b"\xA2\x64done\xA0\x67refused\xA1\x63why\x01",
    ] {
        assert!(wire::decode::<Reply>(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn more_cards_than_there_may_be_are_neither_said_nor_heard() {
    assert_eq!(exchanged(&renew(None), &granted(MAX_CARDS)).1, granted(MAX_CARDS));
    let mut said = Vec::new();
    let mut stream = tokio::io::join(&[][..], &mut said).compat();
    let refused = block_on(answer(&mut stream, &granted(MAX_CARDS + 1)));
    assert!(matches!(refused, Err(Error::TooMany { found: 9, .. })) && said.is_empty());

    let bytes = wire::frame(&wire::encode(&granted(MAX_CARDS + 1)).unwrap(), MAX_REPLY).unwrap();
    let mut stream = tokio::io::join(&bytes[..], tokio::io::sink()).compat();
    assert!(matches!(block_on(ask(&mut stream, &renew(None))), Err(Error::TooMany { found: 9, .. })));
}

#[test]
fn the_largest_reply_is_within_the_limit() {
    let reply = Reply::Granted(Granted {
        certificate: vec![0xFF; certificate::MAX_BYTES],
        revocations: Some(vec![0xFF; revocations::MAX_BYTES]),
        cards: vec![vec![0xFF; card::MAX_BYTES]; MAX_CARDS],
    });
    assert_eq!(exchanged(&renew(None), &reply).1, reply);
}

#[test]
fn a_stream_that_ends_early_is_told_apart() {
    assert!(matches!(block_on(hear(&mut Cursor::new([]))), Err(Error::Ended)));
    let mut stream = tokio::io::join(&[][..], tokio::io::sink()).compat();
    assert!(matches!(block_on(ask(&mut stream, &renew(None))), Err(Error::NoAnswer)));
    let mut stream = tokio::io::join(&[0][..], tokio::io::sink()).compat();
    assert!(matches!(block_on(answer(&mut stream, &Reply::Done)), Err(Error::Trailing)));
    let large = wire::frame(&[0xA0; CONTROL_FRAME + 1], usize::MAX).unwrap();
    assert!(matches!(
        block_on(hear(&mut Cursor::new(large))),
        Err(Error::Wire(wire::Error::TooLarge { .. }))
    ));
}
