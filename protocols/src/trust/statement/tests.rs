use proptest::prelude::*;
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::*;
use crate::{
    envelope::{Object, PAYLOAD_TYPE},
    knock::{Knock, Proof},
    port::Port,
    ticket::TicketId,
    trust::{MAX_FRAME, MAX_PATTERN, MAX_PATTERNS, MAX_PORTS, MAX_TIME, Ports},
    wire,
};

fn key() -> Keypair {
    Keypair::ed25519_from_bytes([7; 32]).unwrap()
}

fn to() -> AgentId {
    AgentId::from_bytes([9; 32])
}

fn answers() -> Option<StatementId> {
    Some(StatementId::from_bytes([5; 32]))
}

fn draft(kind: Kind) -> Draft {
    let card = Card::sign(&key(), 0, 0, None, &[]).unwrap();
    let (answers, card) = if kind == Kind::Request { (None, Some(card)) } else { (answers(), None) };
    Draft { kind, generation: 3, at: 1_700_000_000_000, text: Some("hi".into()), answers, scopes: None, card }
}

fn envelope(domain: &str, payload: &impl Serialize) -> Vec<u8> {
    let payload = wire::encode(payload).unwrap();
    let envelope =
        libp2p::core::SignedEnvelope::new(&key(), domain.to_owned(), PAYLOAD_TYPE.to_vec(), payload);
    envelope.unwrap().into_protobuf_encoding()
}

/// A card with as many bytes as a card may have: one of a later version, with fields that we do not know.
fn largest_card() -> Card {
    #[derive(Serialize)]
    struct Payload {
        version: u64,
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
        network: u16,
        nonce: u8,
        addresses: Vec<ByteBuf>,
        later: ByteBuf,
    }
    let key = key().public().try_into_ed25519().unwrap().to_bytes();
    let padded = |padding: usize| {
        let later = ByteBuf::from(vec![0; padding]);
        envelope(
            "airway-card-v1",
            &Payload { version: 1, key, network: 0, nonce: 0, addresses: vec![], later },
        )
    };
    let card = padded(1_000 + card::MAX_BYTES - padded(1_000).len());
    assert_eq!(card.len(), card::MAX_BYTES);
    Card::from_bytes(&card).unwrap()
}

/// Scopes at all their limits.
fn largest_scopes() -> Scopes {
    let ports = (u16::MAX - MAX_PORTS as u16 + 1..=u16::MAX).map(|port| Port::new(port).unwrap()).collect();
    let patterns = vec!["a".repeat(MAX_PATTERN).parse().unwrap(); MAX_PATTERNS];
    let (publish, subscribe) = (patterns.clone(), patterns);
    Scopes { ports: Ports::Only(ports), publish, subscribe, submit: true, until: Some(MAX_TIME) }
}

proptest! {
    #[test]
    fn a_changed_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = Statement::sign(&key(), &to(), draft(Kind::Revoke)).unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Statement::from_bytes(&bytes).is_err());
    }
}

#[test]
fn statements_read_back_as_they_were_signed() {
    for kind in [Kind::Request, Kind::Accept, Kind::Reject, Kind::Revoke] {
        let signed = Statement::sign(&key(), &to(), draft(kind)).unwrap();
        let read = Statement::from_bytes(signed.as_bytes()).unwrap();
        assert_eq!((&read, read.id()), (&signed, signed.id()));

        let draft = draft(kind);
        assert_eq!(read.peer_id(), key().public().to_peer_id());
        assert_eq!(read.agent_id(), AgentId::of(read.key()));
        assert_eq!((read.kind(), read.to(), read.generation()), (kind, to(), 3));
        assert_eq!((read.at(), read.text()), (1_700_000_000_000, Some("hi")));
        assert_eq!((read.answers(), read.card()), (draft.answers, draft.card.as_ref()));
    }
}

#[test]
fn a_day_ahead_is_a_wrong_date_and_more_is_the_future() {
    let statement = Statement::sign(&key(), &to(), draft(Kind::Revoke)).unwrap();
    let day_before = statement.at() - MAX_AHEAD;
    assert!(!statement.is_ahead(day_before) && statement.is_ahead(day_before - 1));
    assert!(!statement.is_ahead(u64::MAX));
}

#[test]
fn each_rule_has_its_own_error() {
    let refused = |kind, change: fn(&mut Draft)| {
        let mut draft = draft(kind);
        change(&mut draft);
        Statement::sign(&key(), &to(), draft).unwrap_err()
    };
    use Kind::{Accept, Reject, Request, Revoke};

    let generation = MAX_GENERATION + 1;
    assert!(
        matches!(refused(Revoke, |d| d.generation = MAX_GENERATION + 1), Error::Generation(g) if g == generation)
    );
    assert!(matches!(refused(Revoke, |d| d.at = u64::MAX), Error::Time(u64::MAX)));
    assert!(matches!(refused(Revoke, |d| d.text = Some("x".repeat(1_025))), Error::Text { found: 1_025 }));
    assert!(matches!(refused(Request, |d| d.answers = answers()), Error::AnswersUnexpected));
    assert!(matches!(refused(Accept, |d| d.answers = None), Error::AnswersMissing(Accept)));
    assert!(matches!(refused(Reject, |d| d.answers = None), Error::AnswersMissing(Reject)));
    assert!(matches!(
        refused(Reject, |d| d.scopes = Some(Scopes::nothing())),
        Error::ScopesUnexpected(Reject)
    ));
    assert!(matches!(
        refused(Revoke, |d| d.scopes = Some(Scopes::nothing())),
        Error::ScopesUnexpected(Revoke)
    ));
    assert!(matches!(refused(Request, |d| d.card = None), Error::CardMissing));
    assert!(matches!(refused(Revoke, |d| d.card = draft(Request).card), Error::CardUnexpected(_)));
    assert!(matches!(
        refused(Request, |d| d.card =
            Some(Card::sign(&Keypair::generate_ed25519(), 0, 0, None, &[]).unwrap())),
        Error::CardOfAnother
    ));
    let many = |d: &mut Draft| {
        d.scopes =
            Some(Scopes { publish: vec!["a".parse().unwrap(); MAX_PATTERNS + 1], ..Scopes::nothing() });
    };
    assert!(matches!(refused(Accept, many), Error::Scopes(InvalidScopes::Patterns { found: 17 })));

    let mut unanswered = draft(Revoke);
    unanswered.answers = None;
    assert!(Statement::sign(&key(), &to(), unanswered).is_ok());
}

#[test]
fn what_is_signed_as_something_else_is_no_statement() {
    let body = Body::new(&key().public().try_into_ed25519().unwrap(), &to(), draft(Kind::Revoke));
    assert!(Statement::from_bytes(&envelope(Body::DOMAIN, &body)).is_ok());
    let foreign = Statement::from_bytes(&envelope("airway-card-v1", &body));
    assert!(matches!(foreign, Err(Error::Envelope(envelope::Error::Signature))));

    let other = Keypair::generate_ed25519().public().try_into_ed25519().unwrap();
    let forged = Body::new(&other, &to(), draft(Kind::Revoke));
    let forged = Statement::from_bytes(&envelope(Body::DOMAIN, &forged));
    assert!(matches!(forged, Err(Error::Envelope(envelope::Error::Signer))));
}

#[test]
fn the_largest_statement_fits_into_a_statement_and_its_knock_into_a_frame() {
    // An accept may have all that a request has, and names the request as well.
    let largest = Draft {
        kind: Kind::Accept,
        generation: MAX_GENERATION,
        at: MAX_TIME,
        text: Some("x".repeat(MAX_TEXT)),
        answers: answers(),
        scopes: Some(largest_scopes()),
        card: Some(largest_card()),
    };
    let statement = Statement::sign(&key(), &to(), largest).unwrap();
    let size = statement.as_bytes().len();
    assert!(size > wire::CONTROL_FRAME && size <= MAX_BYTES, "{size}");

    let proof = Proof { ticket: TicketId::from_bytes([0xFF; 8]), proof: [0xFF; 32] };
    let knock = Knock { statement: vec![0; MAX_BYTES], ticket: Some(proof) };
    let size = wire::encode(&knock).unwrap().len();
    assert!(size <= MAX_FRAME, "{size}");
}
