//! Everything in `airway-protocols` that reads what a stranger wrote, one function for each decoder.
//!
//! A function takes any bytes and panics if the decoder breaks a promise: what it accepts is within every limit, has one
//! form, and survives being written and read again; what it refuses, it refuses for the reason that it names.
//!
//! ```text
//! fuzz_targets/<target>.rs ──► this ◄── ../tests/corpus.rs
//! libFuzzer, nightly                    the corpus and mutations of it, stable
//! ```
//!
//! A new target is a function, a line in [`TARGETS`], a file in `fuzz_targets`, a `[[bin]]` in the manifest, and a
//! directory in `corpus`; the test says which of them is missing.

pub mod card;
pub mod claim;
pub mod data;
pub mod echo;
pub mod envelope;
pub mod events;
pub mod files;
pub mod invite;
pub mod join;
pub mod member;
pub mod network;
pub mod perf;
pub mod polo;
pub mod status;
pub(crate) mod talk;
pub mod tasks;
pub mod text;
pub mod ticket;
pub mod trust;
pub mod wire;

/// A decoder and all that it promises, for any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("address", text::address),
    ("admit_answer", join::answer),
    ("admit_hello", join::hello),
    ("agent_id", text::agent_id),
    ("broadcast", events::broadcast),
    ("broadcast_payload", events::broadcast_payload),
    ("card", card::bytes),
    ("card_payload", card::payload),
    ("card_text", card::text),
    ("cbor", wire::cbor),
    ("certificate", member::certificate),
    ("certificate_payload", member::certificate_payload),
    ("claim", claim::bytes),
    ("claim_answer", claim::answer),
    ("claim_payload", claim::payload),
    ("claim_request", claim::request),
    ("claim_set", claim::set),
    ("data_answer", data::answer),
    ("data_exchange", data::exchange),
    ("data_header", data::header),
    ("echo", echo::serve),
    ("echo_ping", echo::ping),
    ("endpoint", text::endpoint),
    ("envelope", envelope::bytes),
    ("envelope_payload", envelope::payload),
    ("event_request", events::request),
    ("event_told", events::told),
    ("files_end", files::end),
    ("files_exchange", files::exchange),
    ("files_name", files::name),
    ("files_offer", files::offer),
    ("files_path", files::path),
    ("files_reply", files::reply),
    ("files_start", files::start),
    ("fingerprint", text::fingerprint),
    ("frame", wire::frame),
    ("genesis", network::genesis),
    ("invite", invite::text),
    ("invite_contents", invite::contents),
    ("invite_id", network::invite_id),
    ("invite_payload", invite::payload),
    ("join_reply", join::reply),
    ("join_request", join::request),
    ("knock", trust::knock),
    ("message_id", text::message_id),
    ("name", text::name),
    ("network_id", network::id),
    ("perf_answer", perf::answer),
    ("perf_run", perf::run),
    ("polo_claim", polo::claim),
    ("polo_claim_payload", polo::claim_payload),
    ("polo_export", polo::export),
    ("polo_head", polo::head),
    ("polo_head_payload", polo::head_payload),
    ("polo_receipt", polo::receipt),
    ("polo_receipt_payload", polo::receipt_payload),
    ("port", text::port),
    ("position", events::position),
    ("publication", events::publication),
    ("published", events::published),
    ("revocations", member::revocations),
    ("revocations_payload", member::revocations_payload),
    ("statement_id", trust::statement_id),
    ("status", status::byte),
    ("tag", network::tag),
    ("task_answer", tasks::answer),
    ("task_body", tasks::body),
    ("task_content", tasks::content),
    ("task_machines", tasks::machines),
    ("task_request", tasks::request),
    ("ticket", ticket::text),
    ("ticket_contents", ticket::contents),
    ("topic", events::topic),
    ("trust_answer", trust::answer),
    ("trust_hear", trust::hear),
    ("trust_pattern", trust::pattern),
    ("trust_payload", trust::payload),
    ("trust_scopes", trust::scopes),
    ("trust_statement", trust::bytes),
];
