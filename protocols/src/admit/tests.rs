use std::collections::BTreeSet;

use futures::{executor::block_on, io::Cursor};
use proptest::prelude::*;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;
use crate::network::samples::{NOW, agent, key, realm};

fn hello(version: u64) -> Hello {
    Hello { certificate: vec![1, 2], card: vec![3], serves: true, relay: false, version }
}

fn list(version: u64) -> Revocations {
    Revocations::sign(&realm(), &key(1), version, NOW, &BTreeSet::from([agent(2)])).unwrap()
}

/// One side after the hellos: who has the newer list sends it.
async fn exchange_lists<S>(stream: &mut S, own: &Revocations, other: u64) -> Option<Vec<u8>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut heard = None;
    if own.version() > other {
        send_list(stream, own).await.unwrap();
    } else if own.version() < other {
        heard = Some(receive_list(stream).await.unwrap());
    }
    finish(stream).await.unwrap();
    heard
}

/// What the opener and the responder hear of each other's lists.
fn admitted(opener: &Revocations, responder: &Revocations) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (one, other) = tokio::io::duplex(1 << 17);
    let (mut one, mut other) = (one.compat(), other.compat());
    let opening = async {
        let said = ask(&mut one, &hello(opener.version())).await.unwrap();
        let Answer::Hello(said) = said else { panic!("{said:?}") };
        assert_eq!(said, hello(responder.version()));
        exchange_lists(&mut one, opener, said.version).await
    };
    let responding = async {
        let said = hear(&mut other).await.unwrap();
        assert_eq!(said, hello(opener.version()));
        answer(&mut other, &Answer::Hello(hello(responder.version()))).await.unwrap();
        exchange_lists(&mut other, responder, said.version).await
    };
    block_on(futures::future::join(opening, responding))
}

proptest! {
    #[test]
    fn any_bytes_are_heard_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        let _ = block_on(hear(&mut Cursor::new(&bytes)));
        let _ = wire::decode::<Answer>(&bytes);
        let _ = block_on(receive_list(&mut Cursor::new(&bytes)));
    }
}

#[test]
fn who_has_the_newer_list_sends_it() {
    let (none, old, new) = (Revocations::none(), list(1), list(2));
    let bytes = |list: &Revocations| list.as_bytes().map(<[u8]>::to_vec);
    assert_eq!(admitted(&none, &none), (None, None));
    assert_eq!(admitted(&old, &old), (None, None));
    assert_eq!(admitted(&none, &old), (bytes(&old), None));
    assert_eq!(admitted(&new, &old), (None, bytes(&new)));
}

#[test]
fn a_member_that_is_refused_hears_why() {
    for why in [Invalid::NotYet, Invalid::Expired, Invalid::Expelled] {
        let mut said = Vec::new();
        let mut stream = tokio::io::join(&[][..], &mut said).compat();
        block_on(answer(&mut stream, &Answer::Refused(why))).unwrap();
        let mut stream = tokio::io::join(&said[..], tokio::io::sink()).compat();
        assert_eq!(block_on(ask(&mut stream, &hello(0))).unwrap(), Answer::Refused(why));
    }
}

#[test]
fn a_stream_that_ends_early_is_told_apart() {
    assert!(matches!(block_on(hear(&mut Cursor::new([]))), Err(Error::Ended)));
    assert!(matches!(block_on(receive_list(&mut Cursor::new([]))), Err(Error::NoAnswer)));
    let mut stream = tokio::io::join(&[][..], tokio::io::sink()).compat();
    assert!(matches!(block_on(ask(&mut stream, &hello(0))), Err(Error::NoAnswer)));
    let mut stream = tokio::io::join(&[0][..], tokio::io::sink()).compat();
    assert!(matches!(block_on(finish(&mut stream)), Err(Error::Trailing)));
}

#[test]
fn a_frame_over_the_limit_is_refused() {
    let large = Hello { card: vec![0; CONTROL_FRAME], ..hello(0) };
    let mut stream = tokio::io::join(&[][..], tokio::io::sink()).compat();
    let refused = block_on(ask(&mut stream, &large));
    assert!(matches!(refused, Err(Error::Wire(wire::Error::TooLarge { .. }))));
    let list = wire::frame(&[0; revocations::MAX_BYTES + 1], usize::MAX).unwrap();
    let refused = block_on(receive_list(&mut Cursor::new(list)));
    assert!(matches!(refused, Err(Error::Wire(wire::Error::TooLarge { .. }))));
}
