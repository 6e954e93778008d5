//! The golden vectors themselves: every list of every file.

use std::{fs, path::Path};

use serde_json::Value;

use super::{document::Table, golden::file};
use crate::row;

pub(crate) fn tables() -> Vec<Table> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    let rows = names.iter().flat_map(|name| {
        let Value::Object(lists) = file(name) else { panic!("{name} is no object") };
        lists
            .into_iter()
            .filter(|(list, _)| list != "about")
            .map(move |(list, cases)| row![format!("`{name}` `{list}`"), keys(&cases)])
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    vec![Table { name: "vectors", rows }]
}

/// What a case has.
fn keys(cases: &Value) -> String {
    let case = cases.as_array().map_or(Some(cases), |cases| cases.first());
    match case {
        Some(Value::Object(case)) => case.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
        _ => "the text".into(),
    }
}
