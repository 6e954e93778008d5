use futures::{executor::block_on, io::Cursor};
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::*;
use crate::ticket::TicketId;

fn knocks() -> [Knock; 2] {
    let proof = Proof { ticket: TicketId::from_bytes([1; 8]), proof: [2; 32] };
    [Knock { statement: vec![3; 100], ticket: None }, Knock { statement: vec![], ticket: Some(proof) }]
}

#[tokio::test]
async fn a_knock_is_heard_and_the_answer_says_nothing() {
    for said in knocks() {
        let (near, far) = tokio::io::duplex(1024);
        let (mut near, mut far) = (near.compat(), far.compat());
        let expected = said.clone();
        let responder = tokio::spawn(async move {
            assert_eq!(hear(&mut far).await.unwrap(), expected);
            answer(&mut far).await.unwrap();
        });
        knock(&mut near, &said).await.unwrap();
        responder.await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_that_ends_early_says_so() {
    let (near, far) = tokio::io::duplex(1024);
    let (mut near, mut far) = (near.compat(), far.compat());
    far.close().await.unwrap();
    assert!(matches!(knock(&mut near, &knocks()[0]).await, Err(Error::NoAnswer)));
    assert!(matches!(block_on(hear(&mut Cursor::new([]))), Err(Error::Ended)));
}

#[tokio::test]
async fn an_opener_that_goes_on_talking_is_not_listened_to() {
    let (near, far) = tokio::io::duplex(1024);
    let (mut near, mut far) = (near.compat(), far.compat());
    near.write_all(&[0; 9]).await.unwrap();
    assert!(matches!(answer(&mut far).await, Err(Error::Trailing)));
}

#[test]
fn a_frame_over_the_limit_is_neither_said_nor_heard() {
    let long = Knock { statement: vec![0; MAX_FRAME], ticket: None };
    let mut stream = tokio::io::join(&[][..], tokio::io::sink()).compat();
    assert!(matches!(block_on(knock(&mut stream, &long)), Err(Error::Wire(wire::Error::TooLarge { .. }))));
    // 8,193 as a varint.
    let claimed = block_on(hear(&mut Cursor::new([0x81, 0x40])));
    assert!(matches!(claimed, Err(Error::Wire(wire::Error::TooLarge { size: 8_193, .. }))));
}
