//! Messages, files and runs.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path};

use airway_protocols::{
    data::{self, Header, MessageId},
    files::{self, Digest, FileName, Have, Offer},
    perf::{self, Request},
    wire::{self, CONTROL_FRAME},
};
use futures::executor::block_on;

use super::targets::talk::Talk;

/// What the receiver has of every file already.
const FIRST: &[u8] = b"the first bytes";

/// The id of the golden vectors.
fn id() -> MessageId {
    "018f4d2e-7c3a-7b1e-8d55-0123456789ab".parse().unwrap()
}

pub(super) fn data_header(bytes: &[u8]) -> Option<Vec<u8>> {
    wire::encode(&wire::decode::<Header>(bytes).ok()?).ok()
}

/// All messages of a stream as they would be sent, and whether each is valid.
pub(super) fn data_exchange(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let mut understood = Vec::new();
    while let Some(message) = block_on(data::receive(&mut stream)).ok()? {
        block_on(data::write(&mut understood, &message)).ok()?;
        understood.push(message.validate().is_ok().into());
    }
    Some(understood)
}

pub(super) fn data_answer(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(vec![block_on(data::read_answer(&mut Talk::new(bytes), &id())).ok()?.into()])
}

pub(super) fn files_offer(bytes: &[u8]) -> Option<Vec<u8>> {
    let offer: Offer = wire::decode(bytes).ok()?;
    offer.validate().ok()?;
    wire::encode(&offer).ok()
}

pub(super) fn files_reply(bytes: &[u8]) -> Option<Vec<u8>> {
    let offer = Offer { id: id(), name: "a.txt".into(), size: 1000, reply_to: None, sent_at: 0 };
    let reply = block_on(files::offer(&mut Talk::new(bytes), &offer)).ok()?;
    let mut again = Vec::new();
    block_on(files::reply(&mut again, &offer.id, reply)).ok()?;
    Some(again)
}

pub(super) fn files_start(bytes: &[u8]) -> Option<Vec<u8>> {
    let have = Have { offset: FIRST.len() as u64, digest: Digest::of(FIRST) };
    let offset = block_on(files::receive_start(&mut Talk::new(bytes), &have)).ok()?;
    Some(offset.to_be_bytes().to_vec())
}

pub(super) fn files_end(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(block_on(files::receive_end(&mut Talk::new(bytes))).ok()?.as_bytes().to_vec())
}

/// Names the file at a path of any bytes.
pub(super) fn files_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let name = FileName::of_path(Path::new(OsStr::from_bytes(bytes)));
    Some(name.as_str().as_bytes().to_vec())
}

pub(super) fn perf_run(bytes: &[u8]) -> Option<Vec<u8>> {
    let request: Request = block_on(wire::read_message(&mut Talk::new(bytes), CONTROL_FRAME)).ok()??;
    request.validate().ok()?;
    wire::encode(&request).ok()
}

/// Takes the input for the answer to a run that announced 1,000 bytes.
pub(super) fn perf_answer(bytes: &[u8]) -> Option<Vec<u8>> {
    let request = Request { send: 1000, receive: 0 };
    let received = block_on(perf::answer(&mut Talk::new(bytes), &request)).ok()?;
    Some(received.to_be_bytes().to_vec())
}
