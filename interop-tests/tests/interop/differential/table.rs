//! Every decoder by its name, and what all agents have in common.

use std::{fmt::Display, str, str::FromStr};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::{AgentId, Fingerprint},
    card::Card,
    data::MessageId,
    envelope,
    events::{Pattern, Position, Topic},
    files::FileName,
    hidden,
    invite::{Invite, InviteId},
    name::Name,
    network::NetworkId,
    port::Port,
    tag::Tag,
    tasks::TaskId,
    ticket::Ticket,
    trust::StatementId,
    wire::{self, CONTROL_FRAME},
};
use futures::executor::block_on;
use libp2p::PeerId;
use serde::de::IgnoredAny;

use super::{
    event, mesh, relation, service,
    targets::{
        envelope::{Note, signed},
        talk::Talk,
    },
    task, trust,
};

/// What is understood of an input: the canonical encoding of what was read, or words. Nothing if it is refused.
pub(super) type Decoder = fn(&[u8]) -> Option<Vec<u8>>;

/// Fuzz targets that decide nothing: they give back whatever they hear, or are exchanges or parts of what others decode. The
/// first two belong to a DHT of others, in which agents in Go take no part; the last is no decoder.
pub(super) const WITHOUT: &[&str] = &[
    "claim_answer",
    "claim_request",
    "echo",
    "echo_ping",
    "files_exchange",
    "status",
    "task_content",
    "task_machines",
];

/// A cap that hand-made frames get over.
const SMALL: usize = 16;

/// Every decoder that both sides have.
pub(super) const DECODERS: &[(&str, Decoder)] = &[
    ("address", text::<Address>),
    ("admit_answer", mesh::admit_answer),
    ("admit_hello", mesh::admit_hello),
    ("agent_id", text::<AgentId>),
    ("card", card),
    ("card_payload", |payload| card(&signed("airway-card-v1", payload))),
    ("card_text", |bytes| Some(described(&str::from_utf8(bytes).ok()?.parse().ok()?))),
    ("broadcast", event::broadcast),
    ("broadcast_payload", |payload| event::broadcast(&signed("airway-event-v1", payload))),
    ("cbor", |bytes| wire::decode::<IgnoredAny>(bytes).ok().map(|_| Vec::new())),
    ("certificate", mesh::certificate),
    ("certificate_payload", |payload| mesh::certificate(&signed("airway-member-v1", payload))),
    ("claim", mesh::claim),
    ("claim_payload", |payload| mesh::claim(&signed("airway-claim-v1", payload))),
    ("claim_set", mesh::claim_set),
    ("clean", |bytes| Some(hidden::clean(str::from_utf8(bytes).ok()?).into_bytes())),
    ("data_answer", service::data_answer),
    ("data_exchange", service::data_exchange),
    ("data_header", service::data_header),
    ("endpoint", text::<Endpoint>),
    ("envelope", note),
    ("envelope_payload", |payload| note(&signed("airway-vector-note-v1", payload))),
    ("event_request", event::request),
    ("event_subscribed", event::subscribed),
    ("event_told", event::told),
    ("files_end", service::files_end),
    ("files_name", text::<FileName>),
    ("files_offer", service::files_offer),
    ("files_path", service::files_path),
    ("files_reply", service::files_reply),
    ("files_start", service::files_start),
    ("fingerprint", text::<Fingerprint>),
    ("frame", frames),
    ("genesis", mesh::genesis),
    ("invite", text::<Invite>),
    ("invite_contents", mesh::invite_contents),
    ("invite_id", text::<InviteId>),
    ("invite_payload", mesh::invite_payload),
    ("join_reply", mesh::join_reply),
    ("join_request", mesh::join_request),
    ("knock", trust::knock),
    ("message_id", text::<MessageId>),
    ("name", text::<Name>),
    ("network_id", text::<NetworkId>),
    ("peer", |bytes| Some(AgentId::of_peer(&PeerId::from_bytes(bytes).ok()?).ok()?.to_string().into_bytes())),
    ("perf_answer", service::perf_answer),
    ("perf_run", service::perf_run),
    ("polo_claim", task::claim),
    ("polo_claim_payload", |payload| task::claim(&signed("airway-work-v1", payload))),
    ("polo_export", task::export),
    ("polo_head", task::head),
    ("polo_head_payload", |payload| task::head(&signed("airway-polo-head-v1", payload))),
    ("polo_receipt", task::receipt),
    ("polo_receipt_payload", |payload| task::receipt(&signed("airway-receipt-v1", payload))),
    ("port", text::<Port>),
    ("position", text::<Position>),
    ("publication", event::publication),
    ("published", event::published),
    (relation::NAME, relation::decode),
    ("revocations", mesh::revocations),
    ("revocations_payload", |payload| mesh::revocations(&signed("airway-revocations-v1", payload))),
    ("statement_id", text::<StatementId>),
    ("tag", text::<Tag>),
    ("task_answer", task::answer),
    ("task_body", task::body),
    ("task_id", text::<TaskId>),
    ("task_request", task::request),
    ("ticket", text::<Ticket>),
    ("ticket_contents", trust::ticket_contents),
    ("topic", text::<Topic>),
    ("trust_answer", trust::answer),
    ("trust_hear", trust::hear),
    ("trust_pattern", text::<Pattern>),
    ("trust_payload", trust::payload),
    ("trust_scopes", trust::scopes),
    ("trust_statement", trust::statement),
];

/// A decoder with its name.
pub(super) fn find(name: &str) -> (&'static str, Decoder) {
    *DECODERS.iter().find(|(known, _)| *known == name).unwrap()
}

/// A text that people type or copy: its canonical spelling.
pub(super) fn text<T: FromStr + Display>(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(str::from_utf8(bytes).ok()?.parse::<T>().ok()?.to_string().into_bytes())
}

/// All frames up to the end of the stream, under a small cap and under one that protocols have.
fn frames(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut understood = Vec::new();
    let mut ended = Ok(None);
    for max in [SMALL, CONTROL_FRAME] {
        let mut stream = Talk::new(bytes);
        ended = loop {
            match block_on(wire::read_frame(&mut stream, max)) {
                Ok(Some(body)) => {
                    understood.extend(u32::try_from(body.len()).ok()?.to_be_bytes());
                    understood.extend(body);
                }
                end => break end,
            }
        };
    }
    ended.ok().map(|_| understood)
}

fn note(bytes: &[u8]) -> Option<Vec<u8>> {
    wire::encode(&envelope::open::<Note>(bytes).ok()?).ok()
}

fn card(bytes: &[u8]) -> Option<Vec<u8>> {
    Card::from_bytes(bytes).ok().as_ref().map(described)
}

/// Whose card it is.
fn described(card: &Card) -> Vec<u8> {
    let name = card.name().map(Name::as_str).unwrap_or_default();
    format!("{} {} {name} {card}", card.peer_id(), card.endpoint()).into_bytes()
}
