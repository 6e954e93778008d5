//! Numbers that stand for something: closed sets, tried out from 0 to 255.

use std::fmt::Debug;

use airway_protocols::{
    certificate, data, events, join, network::Roles, polo, streams::Status, tasks, trust,
};

use super::document::Table;
use crate::row;

/// Every number that is one of the set, and what it is called.
fn numbers<T: TryFrom<u8> + Debug>(name: &'static str) -> Table {
    table(name, |number| T::try_from(number).ok())
}

fn table<T: Debug>(name: &'static str, read: impl Fn(u8) -> Option<T>) -> Table {
    let known = (0..=u8::MAX).filter_map(|number| Some((number, read(number)?)));
    let rows = known.map(|(number, value)| row![number, words(&format!("{value:?}"))]);
    Table { name, rows: rows.collect() }
}

/// `NotInviter` as `not-inviter`.
pub(crate) fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

pub(crate) fn tables() -> Vec<Table> {
    let roles = (0..=u8::MAX).filter_map(|bits| Some(row![bits, Roles::from_bits(bits).ok()?]));
    vec![
        table("stream-status", Status::from_byte),
        numbers::<data::Kind>("message-kinds"),
        numbers::<data::Answer>("data-answers"),
        numbers::<trust::Kind>("statement-kinds"),
        numbers::<trust::Answer>("trust-answers"),
        numbers::<certificate::Invalid>("admit-refusals"),
        numbers::<join::Refusal>("join-refusals"),
        numbers::<polo::Outcome>("outcomes"),
        numbers::<events::Reason>("event-reasons"),
        numbers::<events::Denied>("event-denials"),
        numbers::<tasks::Execution>("task-executions"),
        numbers::<tasks::Denied>("task-denials"),
        Table { name: "roles", rows: roles.collect() },
    ]
}
