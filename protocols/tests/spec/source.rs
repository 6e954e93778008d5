//! Constants as they stand in the source: of the other crates, and those that are nobody's business but the code's.

use std::{fs, path::Path};

/// The text of a file of this repository.
pub(crate) fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What a constant is set to, in the words of the source.
pub(crate) fn constant(file: &str, name: &str) -> String {
    let source = text(file);
    let begin = format!("const {name}: ");
    let from = source.find(&begin).unwrap_or_else(|| panic!("{file} has no constant {name}"));
    let (_, value) = source[from..].split_once('=').unwrap();
    let (value, _) = value.split_once(";\n").unwrap();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A number: of a product of numbers, or of a time in milliseconds.
pub(crate) fn number(file: &str, name: &str) -> u64 {
    let value = constant(file, name);
    evaluate(&value).unwrap_or_else(|| panic!("{file}: {name} is {value}"))
}

fn evaluate(value: &str) -> Option<u64> {
    let inside = |begin: &str, end: &str| value.strip_prefix(begin)?.strip_suffix(end).and_then(product);
    inside("Duration::from_secs(", ")")
        .map(|seconds| seconds * 1000)
        .or_else(|| inside("Duration::from_millis(", ")"))
        .or_else(|| inside("NonZeroUsize::new(", ").unwrap()"))
        .or_else(|| product(value))
}

fn product(value: &str) -> Option<u64> {
    value
        .split('*')
        .try_fold(1, |all, factor| Some(all * factor.trim().replace('_', "").parse::<u64>().ok()?))
}
