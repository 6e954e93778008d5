//! Contact cards: as bytes, as text, and with a payload that is validly signed whatever it is.

use std::str;

use airway_protocols::{
    agent::AgentId,
    card::{Card, Error, MAX_ADDRESS_BYTES, MAX_ADDRESSES, MAX_BYTES, PREFIX},
};
use libp2p::multiaddr::Protocol;

use super::envelope::{key, signed};

/// What the payload of a card is signed for.
const DOMAIN: &str = "airway-card-v1";

/// Reads the envelope of a card.
pub fn bytes(bytes: &[u8]) {
    if let Ok(card) = Card::from_bytes(bytes) {
        assert_eq!(card.as_bytes(), bytes, "a card in two forms");
        check(&card);
    }
}

/// Reads a card with this payload, which everybody may sign for a key of their own.
pub fn payload(payload: &[u8]) {
    let envelope = signed(DOMAIN, payload);
    match Card::from_bytes(&envelope) {
        Ok(card) => {
            assert_eq!(card.as_bytes(), envelope);
            assert_eq!(card.peer_id(), key().public().to_peer_id(), "a card for somebody else");
            check(&card);
        }
        Err(Error::Envelope(_) | Error::Body(_)) => {}
        Err(Error::TooLong) => assert!(envelope.len() > MAX_BYTES),
        Err(error) => panic!("the envelope is in order: {error}"),
    }
}

/// Reads the text of a card.
pub fn text(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match text.parse::<Card>() {
        Ok(card) => {
            assert_eq!(card.to_string(), text.trim(), "a card in two spellings");
            check(&card);
        }
        Err(Error::NotACard) => assert!(!text.trim().starts_with(PREFIX)),
        Err(_) => assert!(text.trim().starts_with(PREFIX)),
    }
}

/// What holds for every card that was accepted.
fn check(card: &Card) {
    assert!(card.as_bytes().len() <= MAX_BYTES);
    assert_eq!(card.to_string().parse::<Card>().as_ref().ok(), Some(card));
    let json = serde_json::to_string(card).unwrap();
    assert_eq!(serde_json::from_str::<Card>(&json).as_ref().ok(), Some(card));

    assert_eq!(AgentId::of_peer(&card.peer_id()), Ok(card.agent_id()));
    assert_eq!(AgentId::of(card.public_key()), card.agent_id());
    assert_eq!(card.endpoint().address, card.address());
    assert!(card.endpoint().fingerprint.is_some_and(|fingerprint| fingerprint.matches(&card.agent_id())));
    assert!(!card.address().is_reserved());

    assert!(card.addresses().len() <= MAX_ADDRESSES);
    for address in card.addresses() {
        assert!((1..=MAX_ADDRESS_BYTES).contains(&address.len()));
        assert!(!matches!(address.iter().last(), Some(Protocol::P2p(_))));
    }
}
