//! Statements of trust, knocks and tickets.

use airway_protocols::{
    agent::AgentId,
    knock,
    ticket::{PREFIX, Ticket},
    trust::{self, Answer, Draft, Kind, Scopes, Statement},
    wire,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use futures::executor::block_on;
use sha2::{Digest as _, Sha256};

use super::{
    table,
    targets::{
        envelope::{key, signed},
        talk::Talk,
    },
};

/// The id, and what reading has made of it.
pub(super) fn statement(bytes: &[u8]) -> Option<Vec<u8>> {
    let read = Statement::from_bytes(bytes).ok()?;
    let (id, kind, from, to) = (read.id(), u8::from(read.kind()), read.agent_id(), read.to());
    Some(format!("{id} {kind} {from} {to} {} {}", read.generation(), read.at()).into_bytes())
}

/// A statement that says the same and nothing else.
pub(super) fn payload(payload: &[u8]) -> Option<Vec<u8>> {
    let read = Statement::from_bytes(&signed("airway-trust-v1", payload)).ok()?;
    let draft = Draft {
        kind: read.kind(),
        generation: read.generation(),
        at: read.at(),
        text: read.text().map(ToOwned::to_owned),
        answers: read.answers(),
        scopes: read.scopes().cloned(),
        card: read.card().cloned(),
    };
    Some(Statement::sign(&key(), &read.to(), draft).ok()?.as_bytes().to_vec())
}

pub(super) fn scopes(bytes: &[u8]) -> Option<Vec<u8>> {
    let scopes: Scopes = wire::decode(bytes).ok()?;
    scopes.validate().ok()?;
    wire::encode(&scopes).ok()
}

/// Hears a knock and answers it.
pub(super) fn knock(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let heard = block_on(knock::hear(&mut stream)).ok()?;
    block_on(knock::answer(&mut stream)).ok()?;
    wire::encode(&heard).ok()
}

/// Hears what may be a statement and answers.
pub(super) fn hear(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let heard = block_on(trust::hear(&mut stream)).ok()?;
    block_on(trust::answer(&mut stream, Answer::Taken)).ok()?;
    Some(heard)
}

/// Takes the input for the answer to a statement.
pub(super) fn answer(bytes: &[u8]) -> Option<Vec<u8>> {
    let draft = Draft {
        kind: Kind::Revoke,
        generation: 1,
        at: 1,
        text: None,
        answers: None,
        scopes: None,
        card: None,
    };
    let told = Statement::sign(&key(), &AgentId::from_bytes([0; 32]), draft).ok()?;
    Some(vec![block_on(trust::tell(&mut Talk::new(bytes), &told)).ok()?.into()])
}

/// Reads a ticket with these contents, whose digest fits whatever they are.
pub(super) fn ticket_contents(contents: &[u8]) -> Option<Vec<u8>> {
    table::text::<Ticket>(secret_text(PREFIX, contents).as_bytes())
}

/// The text of a ticket or an invite with any contents.
pub(super) fn secret_text(prefix: &str, contents: &[u8]) -> String {
    let digest = Sha256::digest(contents);
    format!("{prefix}{}", BASE64URL.encode(&[contents, &digest[..4]].concat()))
}
