use libp2p::identity::Keypair;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use super::*;
use crate::{
    agent::AgentId,
    trust::{Draft, Kind},
};

fn pair() -> (Compat<tokio::io::DuplexStream>, Compat<tokio::io::DuplexStream>) {
    let (near, far) = tokio::io::duplex(1024);
    (near.compat(), far.compat())
}

fn statement() -> Statement {
    let key = Keypair::generate_ed25519();
    let draft = Draft {
        kind: Kind::Revoke,
        generation: 1,
        at: 1,
        text: None,
        answers: None,
        scopes: None,
        card: None,
    };
    Statement::sign(&key, &AgentId::from_bytes([9; 32]), draft).unwrap()
}

#[tokio::test]
async fn a_statement_is_heard_and_answered() {
    for given in [Answer::Taken, Answer::Invalid, Answer::Failed] {
        let (mut near, mut far) = pair();
        let told = statement();
        let expected = told.clone();
        let responder = tokio::spawn(async move {
            let bytes = hear(&mut far).await.unwrap();
            assert_eq!(Statement::from_bytes(&bytes).unwrap(), expected);
            answer(&mut far, given).await.unwrap();
        });
        assert_eq!(tell(&mut near, &told).await.unwrap(), given);
        responder.await.unwrap();
    }
}

#[tokio::test]
async fn a_responder_waits_until_its_answer_was_read() {
    let (mut near, mut far) = pair();
    let responder = tokio::spawn(async move { answer(&mut far, Answer::Taken).await });
    let frame: Option<AnswerFrame> = wire::read_message(&mut near, wire::CONTROL_FRAME).await.unwrap();
    assert_eq!(frame, Some(AnswerFrame { answer: Answer::Taken }));
    tokio::task::yield_now().await;
    assert!(!responder.is_finished());
    near.close().await.unwrap();
    responder.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_opener_that_goes_on_talking_is_not_listened_to() {
    let (mut near, mut far) = pair();
    near.write_all(&[0; 9]).await.unwrap();
    assert!(matches!(answer(&mut far, Answer::Taken).await, Err(Error::Trailing)));
}

#[tokio::test]
async fn a_stream_that_ends_early_says_so() {
    let (mut near, mut far) = pair();
    near.close().await.unwrap();
    assert!(matches!(hear(&mut far).await, Err(Error::Ended)));

    let (mut near, mut far) = pair();
    far.close().await.unwrap();
    assert!(matches!(tell(&mut near, &statement()).await, Err(Error::NoAnswer)));
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_on_its_prefix() {
    let (mut near, mut far) = pair();
    // 8,193 as a varint.
    near.write_all(&[0x81, 0x40]).await.unwrap();
    assert!(matches!(hear(&mut far).await, Err(Error::Wire(wire::Error::TooLarge { size: 8_193, .. }))));
}

#[test]
fn answers_and_kinds_are_closed_sets() {
    for number in 0..=u8::MAX {
        assert_eq!(Answer::try_from(number).ok().map(u8::from), (number < 3).then_some(number));
        assert_eq!(Kind::try_from(number).ok().map(u8::from), (number < 4).then_some(number));
    }
}
