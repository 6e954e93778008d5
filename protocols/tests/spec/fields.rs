//! The fields of every message: keys in their order, their types, and whether they are always there. Taken from the golden
//! vectors, in which every field that may be missing is there at least once and missing at least once.

use std::collections::BTreeSet;

use airway_protocols::claim::fetch;
use futures::{FutureExt as _, executor::block_on, future::LocalBoxFuture, io::Cursor};

use super::{
    cbor::Item,
    document::Table,
    golden::{body, bytes, cases, payload, unbase64, unhex},
};
use crate::row;

/// What is known of a field.
#[derive(Default)]
struct Field {
    kinds: Vec<String>,
    seen: usize,
    /// Fields that stood before it.
    after: BTreeSet<String>,
}

/// The fields of several messages of one kind.
fn fields(name: &'static str, messages: &[Vec<u8>], inside: &[&str]) -> Table {
    let mut known: Vec<(String, Field)> = Vec::new();
    let mut count = 0;
    for bytes in messages {
        let message = Item::read(bytes);
        let part = inside.iter().try_fold(&message, |item, key| item.get(key));
        let Some(Item::Map(entries)) = part else { continue };
        count += 1;
        for (at, (key, item)) in entries.iter().enumerate() {
            let field = match known.iter().position(|(known, _)| known == key) {
                Some(at) => &mut known[at].1,
                None => {
                    known.push(((*key).into(), Field::default()));
                    &mut known.last_mut().unwrap().1
                }
            };
            field.note(item);
            field.after.extend(entries[..at].iter().map(|(key, _)| (*key).to_owned()));
        }
    }
    assert!(count > 0, "{name}: no message");
    let line = |(key, field): (String, Field)| {
        let presence = if field.seen == count { "always" } else { "optional" };
        row![format!("`{key}`"), field.kinds.join(" or "), presence]
    };
    Table { name, rows: in_order(known).into_iter().map(line).collect() }
}

impl Field {
    fn note(&mut self, item: &Item<'_>) {
        self.seen += 1;
        let kind = item.kind();
        // An empty list says nothing about what may be in it.
        if !self.kinds.contains(&kind) && (kind != EMPTY || self.kinds.is_empty()) {
            self.kinds.retain(|kind| kind != EMPTY);
            self.kinds.push(kind);
        }
    }
}

/// The fields in the one order in which all messages have them.
fn in_order(mut fields: Vec<(String, Field)>) -> Vec<(String, Field)> {
    let mut sorted: Vec<(String, Field)> = Vec::new();
    while !fields.is_empty() {
        let is_next = |(_, field): &(String, Field)| {
            field.after.iter().all(|key| sorted.iter().any(|(before, _)| before == key))
        };
        let next = fields.iter().position(is_next).expect("messages agree on the order of their fields");
        sorted.push(fields.remove(next));
    }
    sorted
}

/// What a list without items is called.
const EMPTY: &str = "[]";

/// Payloads of envelopes.
fn signed(file: &str, list: &str, domain: &str) -> Vec<Vec<u8>> {
    bytes(file, list, "bytes").iter().map(|envelope| payload(envelope, domain)).collect()
}

/// Bodies of frames.
fn framed(file: &str, list: &str, key: &str) -> Vec<Vec<u8>> {
    bytes(file, list, key).iter().map(|stream| body(stream)).collect()
}

pub(crate) fn tables() -> Vec<Table> {
    let mut tables = objects();
    tables.extend(exchanged());
    tables.extend(of_events());
    tables.extend(of_tasks());
    tables
}

/// What is signed, or hashed.
fn objects() -> Vec<Table> {
    let statements = signed("trust.json", "statements", "airway-trust-v1");
    let tickets: Vec<_> = cases("trust.json", "tickets").iter().map(|case| unbase64(&case["text"])).collect();
    let contents: Vec<_> = tickets.iter().map(|bytes| bytes[..bytes.len() - 4].to_vec()).collect();
    let invites: Vec<_> =
        cases("invite.json", "positive").iter().map(|case| unbase64(&case["text"])).collect();
    let invites: Vec<_> =
        invites.iter().map(|bytes| payload(&bytes[..bytes.len() - 20], "airway-invite-v1")).collect();
    let geneses = bytes("network.json", "geneses", "bytes");
    vec![
        fields("card", &signed("card.json", "positive", "airway-card-v1"), &[]),
        fields("statement", &statements, &[]),
        fields("scopes", &bytes("trust.json", "scopes", "bytes"), &[]),
        fields("ticket", &contents, &[]),
        fields("genesis", &geneses, &[]),
        fields("policy", &geneses, &["policy"]),
        fields("certificate", &signed("certificate.json", "positive", "airway-member-v1"), &[]),
        fields("revocations", &signed("revocations.json", "positive", "airway-revocations-v1"), &[]),
        fields("invite", &invites, &[]),
        fields("claim", &signed("claim.json", "claims", "airway-claim-v1"), &[]),
        fields("work-claim", &signed("polo.json", "claims", "airway-work-v1"), &[]),
        fields("receipt", &signed("polo.json", "receipts", "airway-receipt-v1"), &[]),
        fields("polo-head", &signed("polo.json", "heads", "airway-polo-head-v1"), &[]),
        fields("broadcast", &signed("events.json", "broadcasts", "airway-event-v1"), &[]),
    ]
}

/// What is said on streams.
fn exchanged() -> Vec<Table> {
    let knocks = framed("trust.json", "knocks", "bytes");
    let requests = framed("join.json", "requests", "bytes");
    let replies = framed("join.json", "replies", "bytes");
    let hellos = framed("join.json", "hellos", "bytes");
    let answers = framed("join.json", "answers", "bytes");
    let end = super::golden::file("files.json")["end"].clone();
    vec![
        fields("trust-answer", &framed("trust.json", "answers", "bytes"), &[]),
        fields("knock", &knocks, &[]),
        fields("knock-ticket", &knocks, &["ticket"]),
        fields("data-header", &framed("data.json", "messages", "bytes"), &[]),
        fields("data-answer", &framed("data.json", "answers", "bytes"), &[]),
        fields("files-offer", &framed("files.json", "offers", "bytes"), &[]),
        fields("files-reply", &framed("files.json", "replies", "bytes"), &[]),
        fields("files-start", &framed("files.json", "starts", "bytes"), &[]),
        fields("files-end", &[body(&unhex(&end))], &[]),
        fields("perf-request", &framed("perf.json", "runs", "request"), &[]),
        fields("perf-answer", &framed("perf.json", "runs", "answer"), &[]),
        fields("join-join", &requests, &["join"]),
        fields("join-renew", &requests, &["renew"]),
        fields("join-leave", &requests, &["leave"]),
        fields("join-granted", &replies, &["granted"]),
        fields("join-refused", &replies, &["refused"]),
        fields("admit-hello", &hellos, &[]),
        fields("admit-answer-hello", &answers, &["hello"]),
        fields("admit-refused", &answers, &["refused"]),
        fields(
            "claim-request",
            &[body(&fetched(|stream| fetch::ask(stream, b"key").map(drop).boxed_local()))],
            &[],
        ),
        fields(
            "claim-answer",
            &[body(&fetched(|stream| fetch::answer(stream, b"claim").map(drop).boxed_local()))],
            &[],
        ),
    ]
}

/// What is said on streams of events.
fn of_events() -> Vec<Table> {
    let requests = framed("events.json", "requests", "bytes");
    let told = framed("events.json", "told", "bytes");
    vec![
        fields("event-subscribe", &requests, &["subscribe"]),
        fields("event-since", &requests, &["subscribe", "since"]),
        fields("event-time", &requests, &["subscribe", "since", "time"]),
        fields("event-position", &requests, &["subscribe", "since", "after"]),
        fields("event-event", &told, &["event"]),
        fields("event-gap", &told, &["gap"]),
        fields("event-denied", &told, &["denied"]),
        fields("event-publication", &framed("events.json", "publications", "bytes"), &[]),
    ]
}

/// What is said of tasks.
fn of_tasks() -> Vec<Table> {
    let bodies = bytes("tasks.json", "bodies", "bytes");
    let contents = bytes("tasks.json", "contents", "bytes");
    let requests = framed("tasks.json", "requests", "bytes");
    let answers = framed("tasks.json", "answers", "bytes");
    vec![
        fields("task-body", &bodies, &[]),
        fields("task-inline", &contents, &["inline"]),
        fields("task-file", &contents, &["file"]),
        fields("task-submit", &requests, &["submit"]),
        fields("task-report", &requests, &["report"]),
        fields("task-cancel", &requests, &["cancel"]),
        fields("task-query", &requests, &["query"]),
        fields("task-receipts", &requests, &["receipts"]),
        fields("task-receipt", &answers, &["receipt"]),
        fields("task-denied", &answers, &["denied"]),
        fields("task-receipts-answer", &answers, &["receipts"]),
    ]
}

/// What one side of the protocol of claims writes.
fn fetched(say: impl FnOnce(&mut Cursor<Vec<u8>>) -> LocalBoxFuture<'_, ()>) -> Vec<u8> {
    let mut stream = Cursor::new(Vec::new());
    block_on(say(&mut stream));
    stream.into_inner()
}
