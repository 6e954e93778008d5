//! Sizes as people type them.

/// Units and the bytes in each, longest names first.
const UNITS: [(&str, u64); 8] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
    ("b", 1),
    ("", 1),
];

/// Bytes: a whole number with a unit behind it, as in `64MiB`, `500 k` or `1000`.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let refused =
        || format!("{text:?} is no size: give a whole number and a unit, as in 64MiB, 500KiB or 1000");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(*bytes)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1000),
            ("7B", 7),
            ("2k", 2048),
            ("2 KiB", 2048),
            ("64MiB", 64 << 20),
            ("64m", 64 << 20),
            ("1GiB", 1 << 30),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "MiB", "-1", "+1", "1.5MiB", "1 2", "1TB", "1MB", "99999999999999999999", "99999999999GiB"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
