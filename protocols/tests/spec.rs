//! `SPEC.md` says what the code does: every table of numbers, names, fields and states in it, and every example, is made
//! here from the code and the golden vectors, and compared.
//!
//! A table stands behind a mark; its first columns are compared, and those behind them are prose. After an intended
//! change, write them anew:
//!
//! ```text
//! AIRWAY_WRITE_SPEC=1 cargo test -p airway-protocols --test spec
//! ```
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be made is a failed test")]

mod spec {
    pub(super) mod cbor;
    pub(super) mod document;
    pub(super) mod examples;
    pub(super) mod fields;
    pub(super) mod foreign;
    pub(super) mod forms;
    pub(super) mod golden;
    pub(super) mod hashes;
    pub(super) mod limits;
    pub(super) mod listing;
    pub(super) mod names;
    pub(super) mod numbers;
    pub(super) mod relation;
    pub(super) mod scopes;
    pub(super) mod source;
    pub(super) mod strict;
    pub(super) mod tasks;
    pub(super) mod texts;
}

use spec::{
    document, examples, fields, foreign, forms, hashes, limits, listing, names, numbers, relation, scopes,
    strict, tasks, texts,
};

#[test]
fn every_table_and_every_example_says_what_the_code_does() {
    let tables = [
        names::tables(),
        numbers::tables(),
        limits::tables(),
        hashes::tables(),
        fields::tables(),
        strict::tables(),
        forms::tables(),
        relation::tables(),
        scopes::tables(),
        tasks::tables(),
        listing::tables(),
        foreign::tables(),
    ];
    let examples = [examples::examples(), texts::examples()].concat();
    document::compare(&tables.into_iter().flatten().collect::<Vec<_>>(), &examples);
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    document::check_references();
}
