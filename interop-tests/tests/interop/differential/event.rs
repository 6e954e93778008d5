//! Events: what brokers, publishers and subscribers say, and broadcasts.

use airway_protocols::{
    certificate::Certificate,
    events::{self, Since, Subscribe, broadcast::Broadcast},
    wire,
};
use data_encoding::HEXLOWER;
use futures::executor::block_on;

use super::targets::{network::mesh, talk::Talk};

/// What the opener of a stream asks for, within its rules.
pub(super) fn request(bytes: &[u8]) -> Option<Vec<u8>> {
    let request = block_on(events::receive_request(&mut Talk::new(bytes))).ok()?;
    if let events::Request::Subscribe(subscribe) = &request {
        subscribe.validate().ok()?;
    }
    wire::encode(&request).ok()
}

/// Takes the input for the answer to a subscription: the position, as text.
pub(super) fn subscribed(bytes: &[u8]) -> Option<Vec<u8>> {
    let what = Subscribe { patterns: vec!["**".parse().ok()?], since: Since::Start };
    Some(block_on(events::subscribe(&mut Talk::new(bytes), &what)).ok()?.to_string().into_bytes())
}

/// All that a live subscription is told up to the end of the stream, as it would be told again.
pub(super) fn told(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let mut understood = Vec::new();
    while let Some(told) = block_on(events::told(&mut stream)).ok()? {
        understood.extend(events::encode(&told).ok()?);
    }
    Some(understood)
}

/// All publications of a stream, each in its frame with whether it keeps to the rules.
pub(super) fn publication(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let mut understood = Vec::new();
    while let Some(publication) = block_on(events::receive_publication(&mut stream)).ok()? {
        understood.extend(wire::frame(&wire::encode(&publication).ok()?, events::EVENT_FRAME).ok()?);
        understood.push(publication.validate().is_ok().into());
    }
    Some(understood)
}

/// The answer to a publication, as it would be given again.
pub(super) fn published(bytes: &[u8]) -> Option<Vec<u8>> {
    let published = block_on(events::read_published(&mut Talk::new(bytes))).ok()?;
    let mut again = Vec::new();
    block_on(events::answer(&mut again, &published)).ok()?;
    Some(again)
}

/// What gossipsub calls it, and what it says.
pub(super) fn broadcast(bytes: &[u8]) -> Option<Vec<u8>> {
    let mesh = mesh();
    let read =
        Broadcast::from_bytes(bytes, &mesh.id(), |bytes| Certificate::from_bytes(bytes, &mesh)).ok()?;
    let (id, payload) = (HEXLOWER.encode(&read.id()), HEXLOWER.encode(read.payload()));
    let (publisher, topic, position, at) = (read.publisher(), read.topic(), read.position(), read.at());
    Some(format!("{id} {publisher} {topic} {position} {at} {payload}").into_bytes())
}
