use futures::{executor::block_on, io::Cursor};
use tokio_util::compat::TokioAsyncReadCompatExt as _;

use super::*;
use crate::tasks::{Denied, TaskId};

fn query() -> Request {
    Request::Query { task: TaskId::new() }
}

#[tokio::test]
async fn requests_are_answered_in_their_order() {
    let (near, far) = tokio::io::duplex(1024);
    let (mut near, mut far) = (near.compat(), far.compat());
    let responder = tokio::spawn(async move {
        let denials = [Denied::Unknown, Denied::Later, Denied::Full];
        let mut denials = denials.into_iter().map(|code| Answer::Denied { code, text: None });
        while let Some(request) = receive(&mut far).await.unwrap() {
            assert!(matches!(request, Request::Query { .. }));
            answer(&mut far, &denials.next().unwrap()).await.unwrap();
        }
    });
    let denied = |answer| match answer {
        Answer::Denied { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(denied(ask(&mut near, &query()).await.unwrap()), Denied::Unknown);
    for _ in 0..2 {
        write(&mut near, &query()).await.unwrap();
    }
    assert_eq!(denied(read_answer(&mut near).await.unwrap()), Denied::Later);
    assert_eq!(denied(read_answer(&mut near).await.unwrap()), Denied::Full);
    near.close().await.unwrap();
    responder.await.unwrap();
    assert!(matches!(read_answer(&mut near).await, Err(Error::NoAnswer)));
}

#[test]
fn a_frame_over_the_limit_is_neither_sent_nor_read() {
    let mut stream = Cursor::new(Vec::new());
    let large = Request::Submit { task: TaskId::new(), body: vec![0; FRAME] };
    let refused = block_on(write(&mut stream, &large));
    assert!(matches!(refused, Err(Error::Wire(wire::Error::TooLarge { .. }))));
    assert!(stream.into_inner().is_empty());
    let refused = block_on(receive(&mut Cursor::new([0xFF, 0xFF, 0x7F])));
    assert!(matches!(refused, Err(Error::Wire(wire::Error::TooLarge { max: FRAME, .. }))));
}
