use futures::{executor::block_on, future};
use proptest::prelude::*;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;

/// Far less than a part, so that each goes through in many pieces.
const PIPE: usize = 1024;

/// A run in which the opener closes its half after `sent` bytes; returns the answer and the bytes that came back.
async fn run(request: Request, sent: u64) -> (u64, u64) {
    let (near, far) = tokio::io::duplex(PIPE);
    let (mut near, mut far) = (near.compat(), far.compat());
    let responder = async {
        let served = serve(&mut far).await.unwrap();
        far.close().await.unwrap();
        served
    };
    let opener = async {
        ask(&mut near, &request).await.unwrap();
        fill(&mut near, sent, |_| {}).await.unwrap();
        if sent < request.send {
            near.close().await.unwrap();
        }
        let received = answer(&mut near, &request).await.unwrap();
        // One more than was asked for: it must not come.
        (received, discard(&mut near, request.receive + 1, |_| {}).await.unwrap())
    };
    let (served, opened) = future::join(responder, opener).await;
    assert_eq!(served, Some(request));
    opened
}

proptest! {
    #[test]
    fn requests_round_trip(send: u64, receive: u64) {
        let request = Request { send, receive };
        let decoded: Request = wire::decode(&wire::encode(&request).unwrap()).unwrap();
        prop_assert_eq!(decoded, request);
        prop_assert_eq!(request.validate().is_ok(), send <= MAX_BYTES && receive <= MAX_BYTES);
    }

    #[test]
    fn whatever_is_asked_for_comes(send in 0..200_000_u64, receive in 0..200_000_u64, cut: prop::sample::Index) {
        let request = Request { send, receive };
        prop_assert_eq!(block_on(run(request, send)), (send, receive));
        let cut = cut.index(usize::try_from(send).unwrap() + 1) as u64;
        prop_assert_eq!(block_on(run(request, cut)), (cut, receive));
    }

    #[test]
    fn any_bytes_are_a_run_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = serve_bytes(&bytes);
    }
}

/// What a responder makes of these bytes, and what it answers.
fn serve_bytes(bytes: &[u8]) -> (Result<Option<Request>, Error>, Vec<u8>) {
    let mut answer = Vec::new();
    let served = block_on(serve(&mut tokio::io::join(bytes, &mut answer).compat()));
    (served, answer)
}

/// What an opener makes of these bytes in place of an answer.
fn answer_bytes(request: Request, bytes: &[u8]) -> Result<u64, Error> {
    block_on(answer(&mut tokio::io::join(bytes, tokio::io::sink()).compat(), &request))
}

fn framed(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), CONTROL_FRAME).unwrap()
}

#[test]
fn a_run_over_the_limit_is_neither_asked_for_nor_answered() {
    for request in [Request { send: MAX_BYTES + 1, receive: 0 }, Request { send: 0, receive: u64::MAX }] {
        let mut written = Vec::new();
        assert!(matches!(block_on(ask(&mut written, &request)), Err(Error::TooLarge { .. })));
        assert!(written.is_empty());
        let (served, answer) = serve_bytes(&framed(&request));
        assert!(matches!(served, Err(Error::TooLarge { .. })));
        assert!(answer.is_empty());
    }
}

#[test]
fn no_request_is_no_run() {
    let (served, answer) = serve_bytes(&[]);
    assert!(matches!(served, Ok(None)));
    assert!(answer.is_empty());
}

#[test]
fn an_answer_that_cannot_be_is_refused() {
    let request = Request { send: 4, receive: 0 };
    assert_eq!(answer_bytes(request, &framed(&Answer { received: 4 })).unwrap(), 4);
    assert_eq!(answer_bytes(request, &framed(&Answer { received: 0 })).unwrap(), 0);
    assert!(matches!(answer_bytes(request, &[]), Err(Error::NoAnswer)));
    assert!(matches!(
        answer_bytes(request, &framed(&Answer { received: 5 })),
        Err(Error::WrongAnswer { announced: 4, received: 5 })
    ));
    assert!(matches!(answer_bytes(request, &framed(&request)), Err(Error::Wire(wire::Error::Cbor(_)))));
}
