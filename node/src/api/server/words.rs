//! What parsers say of a malformed request, without the terms of the language that they are written in.

/// The part of a parser's text that concerns the caller, reworded where it speaks of types.
pub(super) fn plain(text: &str) -> String {
    let text = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let mut text = text.to_owned();
    for (theirs, ours) in PHRASES {
        text = text.replace(theirs, ours);
    }
    match text.split_once(", expected ") {
        Some((found, expected)) => format!("{found}, expected {}", kind(expected)),
        None => text,
    }
}

/// What the framework puts before the words of the parser.
const PREFIXES: [&str; 3] = [
    "Failed to deserialize the JSON body into the target type: ",
    "Failed to parse the request body as JSON: ",
    "Failed to deserialize query string: ",
];

/// Words of the parsers that mean nothing to a caller.
const PHRASES: [(&str, &str); 7] = [
    ("invalid digit found in string", "not a whole number"),
    ("cannot parse integer from empty string", "not a whole number"),
    ("number too large to fit in target type", "too large a number"),
    ("number too small to fit in target type", "too small a number"),
    ("provided string was not `true` or `false`", "neither true nor false"),
    ("unknown variant", "unknown value"),
    ("invalid type: sequence", "invalid type: array"),
];

/// What was expected, by its name in JSON.
fn kind(expected: &str) -> String {
    let (what, place) = expected.split_once(" at line ").unwrap_or((expected, ""));
    let what = match what.split(' ').next().unwrap_or_default() {
        "struct" => "an object",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "variant" | "enum" => "one of the values of this field",
        _ => what,
    };
    if place.is_empty() { what.to_owned() } else { format!("{what} at line {place}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{PingRequest, SendQuery};

    fn body(text: &str) -> String {
        plain(&serde_json::from_str::<PingRequest>(text).unwrap_err().to_string())
    }

    fn query(text: &str) -> String {
        plain(&serde_urlencoded::from_str::<SendQuery>(text).unwrap_err().to_string())
    }

    #[test]
    fn a_caller_hears_what_is_wrong_in_terms_of_json() {
        assert_eq!(body("[]"), "invalid length 0, expected an object at line 1 column 2");
        assert_eq!(body("7"), "invalid type: integer `7`, expected an object at line 1 column 1");
        let number = body(r#"{"who":"bob","timeout_ms":-1}"#);
        assert_eq!(
            number,
            "invalid value: integer `-1`, expected a whole number, 0 or more at line 1 column 28"
        );
        assert_eq!(query("to=bob&timeout_ms=soon"), "not a whole number");
        assert!(query("to=bob&type=cbor").starts_with("unknown value `cbor`, expected one of `text`"));
    }

    #[test]
    fn what_is_plain_already_stays() {
        assert_eq!(body("{}"), "missing field `who` at line 1 column 2");
        assert_eq!(
            query("colour=red"),
            "unknown field `colour`, expected one of `to`, `type`, `reply_to`, `id`, `timeout_ms`, `expires_s`"
        );
    }
}
