use airway_protocols::{
    envelope::PAYLOAD_TYPE,
    trust::{self, Draft, Kind, MAX_GENERATION, MAX_TEXT, MAX_TIME, Pattern, Scopes, Statement},
    wire,
};
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::{
    super::{
        envelope::forged,
        support::{RefusedBytes, hex, key, why},
    },
    AT, bob, card, draft, request, scopes,
};

const DOMAIN: &str = "airway-trust-v1";

#[derive(Serialize)]
pub(super) struct Signed {
    seed: String,
    to: String,
    kind: u8,
    generation: u64,
    at: u64,
    text: Option<String>,
    answers: Option<String>,
    scopes: Option<Scopes>,
    card: Option<String>,
    bytes: String,
    id: String,
}

/// The payload of a statement, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    kind: u64,
    #[serde(with = "serde_bytes")]
    from: [u8; 32],
    to: ByteBuf,
    generation: u64,
    at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<ByteBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<ByteBuf>,
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).public().try_into_ed25519().unwrap().to_bytes()
}

fn signed(seed: u8, draft: &Draft) -> Signed {
    let statement = Statement::sign(&key(seed), &bob(), draft.clone()).unwrap();
    assert_eq!(Statement::from_bytes(statement.as_bytes()).unwrap(), statement);
    Signed {
        seed: hex([seed; 32]),
        to: hex(bob().as_bytes()),
        kind: draft.kind.into(),
        generation: draft.generation,
        at: draft.at,
        text: draft.text.clone(),
        answers: draft.answers.map(|id| hex(id.as_bytes())),
        scopes: draft.scopes.clone(),
        card: draft.card.as_ref().map(ToString::to_string),
        bytes: hex(statement.as_bytes()),
        id: hex(statement.id().as_bytes()),
    }
}

pub(super) fn statements() -> Vec<Signed> {
    let full = Draft {
        text: Some("grüße, 山\nlet me in".into()),
        scopes: Some(scopes()),
        card: Some(card(1)),
        ..draft(Kind::Request, None)
    };
    let answers = Some(request().id());
    let largest = Draft { generation: MAX_GENERATION, at: MAX_TIME, ..draft(Kind::Revoke, None) };
    vec![
        signed(1, &Draft { card: Some(card(1)), ..draft(Kind::Request, None) }),
        signed(1, &full),
        signed(3, &draft(Kind::Accept, answers)),
        signed(
            3,
            &Draft { scopes: Some(Scopes::nothing()), card: Some(card(3)), ..draft(Kind::Accept, answers) },
        ),
        signed(3, &Draft { text: Some("no".into()), ..draft(Kind::Reject, answers) }),
        signed(3, &draft(Kind::Revoke, answers)),
        signed(3, &Draft { text: Some(String::new()), ..largest }),
    ]
}

/// A statement of key 1, validly signed, after `change`. Of the kinds, a revoke breaks the fewest rules by itself.
fn broken(change: fn(&mut Payload)) -> Vec<u8> {
    forged(&key(1), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload(change)).unwrap())
}

fn payload(change: fn(&mut Payload)) -> Payload {
    let mut payload = Payload {
        version: 1,
        kind: Kind::Revoke as u64,
        from: public(1),
        to: ByteBuf::from(*bob().as_bytes()),
        generation: 1,
        at: AT,
        text: None,
        answers: None,
        scopes: None,
        card: None,
    };
    change(&mut payload);
    payload
}

/// An envelope of the key that is the neutral point, with the signature that fits everything under it.
fn weak() -> Vec<u8> {
    let field = |tag: u8, bytes: &[u8]| {
        let length = wire::frame(bytes, wire::CONTROL_FRAME).unwrap();
        [&[tag], &length[..]].concat()
    };
    let neutral = [&[1][..], &[0; 31]].concat();
    let mut payload = payload(|_| {});
    payload.from.copy_from_slice(&neutral);
    let public = [&[0x08, 0x01][..], &field(0x12, &neutral)].concat();
    let parts = [
        field(0x0A, &public),
        field(0x12, PAYLOAD_TYPE),
        field(0x1A, &wire::encode(&payload).unwrap()),
        field(0x2A, &[&neutral[..], &[0; 32]].concat()),
    ];
    parts.concat()
}

pub(super) fn refused_statements() -> Vec<RefusedBytes> {
    let mut altered = broken(|_| {});
    assert!(Statement::from_bytes(&altered).is_ok());
    *altered.last_mut().unwrap() ^= 1;
    let cut = request().as_bytes()[..request().as_bytes().len() - 1].to_vec();
    let foreign = forged(&key(1), "airway-card-v1", PAYLOAD_TYPE, wire::encode(&payload(|_| {})).unwrap());
    let mut refused = vec![
        cut,
        altered,
        foreign,
        forged(&key(2), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload(|_| {})).unwrap()),
        weak(),
        card(1).as_bytes().to_vec(),
    ];
    let changes: [fn(&mut Payload); 21] = [
        |p| p.version = 2,
        |p| p.kind = 4,
        |p| p.kind = 256,
        |p| p.to = ByteBuf::from([0; 31]),
        |p| p.generation = MAX_GENERATION + 1,
        |p| p.generation = u64::MAX,
        |p| p.at = MAX_TIME + 1,
        |p| p.text = Some("x".repeat(MAX_TEXT + 1)),
        |p| p.text = Some("x".repeat(trust::MAX_BYTES)),
        |p| p.answers = Some(ByteBuf::from([5; 33])),
        |p| p.scopes = Some(Scopes::everything()),
        |p| p.card = Some(ByteBuf::from(card(1).as_bytes())),
        |p| p.kind = Kind::Request as u64,
        |p| (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from(card(2).as_bytes()))),
        |p| (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from([0xFF]))),
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from(card(1).as_bytes())));
        },
        |p| p.kind = Kind::Accept as u64,
        |p| p.kind = Kind::Reject as u64,
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.scopes) = (Kind::Reject as u64, Some(Scopes::nothing()));
        },
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.card) = (Kind::Reject as u64, Some(ByteBuf::from(card(1).as_bytes())));
        },
        |p| {
            let publish = vec![Pattern::any(); trust::MAX_PATTERNS + 1];
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.scopes) = (Kind::Accept as u64, Some(Scopes { publish, ..Scopes::nothing() }));
        },
    ];
    refused.extend(changes.map(broken));
    let refuse = |bytes: Vec<u8>| {
        let error = Statement::from_bytes(&bytes).unwrap_err();
        RefusedBytes { bytes: hex(bytes), why: why(&error) }
    };
    refused.into_iter().map(refuse).collect()
}
