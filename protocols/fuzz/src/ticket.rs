//! Tickets: as text, and with contents whose digest fits whatever they are.

use std::str;

use airway_protocols::{
    card::{self, Card},
    ticket::{self, Error, MAX_BYTES, PREFIX, Proof, Ticket},
    trust::StatementId,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use sha2::{Digest as _, Sha256};

/// Reads the text of a ticket.
pub fn text(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match text.parse::<Ticket>() {
        Ok(ticket) => check(&ticket, text.trim()),
        Err(Error::NotATicket) => assert!(!text.trim().starts_with(PREFIX)),
        Err(Error::Card) => assert!(text.trim().starts_with(card::PREFIX)),
        Err(_) => assert!(text.trim().starts_with(PREFIX)),
    }
}

/// Reads a ticket with these contents.
pub fn contents(contents: &[u8]) {
    let digest = Sha256::digest(contents);
    let text = format!("{PREFIX}{}", BASE64URL.encode(&[contents, &digest[..4]].concat()));
    match text.parse::<Ticket>() {
        Ok(ticket) => check(&ticket, &text),
        Err(Error::TooLong) => assert!(contents.len() + 4 > MAX_BYTES),
        Err(Error::Contents(_) | Error::InvalidCard(_)) => {}
        Err(error) => panic!("the digest fits: {error}"),
    }
}

/// What holds for every ticket that was accepted.
fn check(ticket: &Ticket, text: &str) {
    let again = ticket.to_string();
    // Unknown keys are ignored, and so fall away.
    assert!(again.len() <= text.len(), "longer when written again");
    let read: Ticket = again.parse().unwrap();
    assert_eq!((read.card(), read.id()), (ticket.card(), ticket.id()));
    assert_eq!((read.secret(), read.expires()), (ticket.secret(), ticket.expires()));
    assert_eq!(Card::from_bytes(ticket.card().as_bytes()).as_ref().ok(), Some(ticket.card()));

    let (one, other) = (StatementId::from_bytes([1; 32]), StatementId::from_bytes([2; 32]));
    let Proof { proof, .. } = ticket.prove(&one);
    assert!(
        ticket::verify(ticket.secret(), &one, &proof) && !ticket::verify(ticket.secret(), &other, &proof)
    );
}
