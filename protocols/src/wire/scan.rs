//! One pass over CBOR before anything is decoded: refuses what leaves the strict subset.
//!
//! The pass allocates for the keys it has read, never for a claimed length, and recurses no deeper than [`MAX_DEPTH`].

use std::{collections::HashSet, str};

use super::cbor::Error;

/// Arrays and maps that may stand inside one another. The deepest message has four.
pub const MAX_DEPTH: usize = 16;

/// Additional information that announces an indefinite length, or ends one.
const INDEFINITE: u8 = 31;

/// What is wrong with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A message is a map.
    #[error("a message that is not a map")]
    NotAMap,
    /// The bytes end before the item does.
    #[error("an item that is cut short")]
    Truncated,
    /// More bytes follow the message.
    #[error("bytes after the message")]
    Trailing,
    /// A string, an array or a map is longer than the bytes that are left.
    #[error("a length beyond the end")]
    Length,
    /// A number or length is in a longer form than needed.
    #[error("a number in a longer form than needed")]
    NotMinimal,
    /// A string, an array or a map has no length in front.
    #[error("an indefinite length")]
    Indefinite,
    /// The initial byte is one that RFC 8949 keeps for later.
    #[error("a reserved initial byte")]
    Reserved,
    /// A map has a key that is not text.
    #[error("a map key that is not text")]
    Key,
    /// A map has a key twice.
    #[error("a duplicate map key")]
    DuplicateKey,
    /// A text is not UTF-8.
    #[error("a text that is not utf-8")]
    Utf8,
    /// Tags are not used.
    #[error("a tag")]
    Tag,
    /// Floats are not used.
    #[error("a float")]
    Float,
    /// Of the simple values only false, true and null are used.
    #[error("a simple value other than false, true and null")]
    Simple,
    /// More than [`MAX_DEPTH`] arrays and maps stand inside one another.
    #[error("nesting over {max} levels", max = MAX_DEPTH)]
    Depth,
}

/// Checks that `bytes` are exactly one map in the strict subset.
pub(super) fn message(bytes: &[u8]) -> Result<(), Error> {
    let mut scan = Scan { bytes, at: 0 };
    if bytes.first().is_some_and(|initial| initial >> 5 != 5) {
        return Err(malformed(0, Fault::NotAMap));
    }
    scan.item(0)?;
    if scan.at == bytes.len() { Ok(()) } else { Err(malformed(scan.at, Fault::Trailing)) }
}

fn malformed(at: usize, fault: Fault) -> Error {
    Error::Malformed { at, fault }
}

/// The initial byte of an item with the number behind it.
struct Head {
    at: usize,
    major: u8,
    /// The low five bits of the initial byte.
    info: u8,
    value: u64,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    /// Passes over one item that stands inside `depth` arrays and maps.
    fn item(&mut self, depth: usize) -> Result<(), Error> {
        let head = self.head()?;
        match head.major {
            0 | 1 => Ok(()),
            2 => self.string(&head).map(drop),
            3 => self.text(&head).map(drop),
            4 => self.array(&head, depth + 1),
            5 => self.map(&head, depth + 1),
            6 => Err(malformed(head.at, Fault::Tag)),
            _ => match head.info {
                20..=22 => Ok(()),
                25..=27 => Err(malformed(head.at, Fault::Float)),
                _ => Err(malformed(head.at, Fault::Simple)),
            },
        }
    }

    /// Reads an initial byte and its number, which has to be in the shortest form.
    fn head(&mut self) -> Result<Head, Error> {
        let at = self.at;
        let initial = self.take(at, 1)?[0];
        let (major, info) = (initial >> 5, initial & 0x1F);
        let (width, least) = match info {
            0..=23 => return Ok(Head { at, major, info, value: info.into() }),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            INDEFINITE => return Err(malformed(at, Fault::Indefinite)),
            _ => return Err(malformed(at, Fault::Reserved)),
        };
        let value = self.take(at, width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        // In major type 7 the bytes are a float or a simple value, not a number with a shorter form.
        if major != 7 && value < least {
            return Err(malformed(at, Fault::NotMinimal));
        }
        Ok(Head { at, major, info, value })
    }

    /// Takes the next bytes of the item that began at `start`.
    fn take(&mut self, start: usize, count: usize) -> Result<&'a [u8], Error> {
        let taken = self.bytes[self.at..].get(..count).ok_or(malformed(start, Fault::Truncated))?;
        self.at += count;
        Ok(taken)
    }

    /// The length or count of `head`, if as many units of `unit` bytes are left at all.
    fn length(&self, head: &Head, unit: usize) -> Result<usize, Error> {
        let left = (self.bytes.len() - self.at) / unit;
        usize::try_from(head.value)
            .ok()
            .filter(|length| *length <= left)
            .ok_or(malformed(head.at, Fault::Length))
    }

    fn string(&mut self, head: &Head) -> Result<&'a [u8], Error> {
        let length = self.length(head, 1)?;
        self.take(head.at, length)
    }

    fn text(&mut self, head: &Head) -> Result<&'a str, Error> {
        let bytes = self.string(head)?;
        str::from_utf8(bytes).map_err(|_| malformed(head.at, Fault::Utf8))
    }

    fn array(&mut self, head: &Head, depth: usize) -> Result<(), Error> {
        let count = self.length(head, 1)?;
        within_depth(head, depth)?;
        (0..count).try_for_each(|_| self.item(depth))
    }

    fn map(&mut self, head: &Head, depth: usize) -> Result<(), Error> {
        // An entry takes two bytes at least.
        let count = self.length(head, 2)?;
        within_depth(head, depth)?;
        let mut keys = HashSet::new();
        for _ in 0..count {
            let key = self.head()?;
            if key.major != 3 {
                return Err(malformed(key.at, Fault::Key));
            }
            if !keys.insert(self.text(&key)?) {
                return Err(malformed(key.at, Fault::DuplicateKey));
            }
            self.item(depth)?;
        }
        Ok(())
    }
}

fn within_depth(head: &Head, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH { Err(malformed(head.at, Fault::Depth)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(bytes: &[u8]) -> Option<(usize, Fault)> {
        match message(bytes) {
            Err(Error::Malformed { at, fault }) => Some((at, fault)),
            _ => None,
        }
    }

    /// A map of one entry, "a", with `value` behind it.
    fn entry(value: &[u8]) -> Vec<u8> {
        [&[0xA1, 0x61, b'a'], value].concat()
    }

    proptest! {
        #[test]
        fn any_bytes_pass_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = message(&bytes);
            let _ = message(&entry(&bytes));
        }
    }

    #[test]
    fn each_fault_is_found_where_it_stands() {
        let value_faults: [(&[u8], Fault); 22] = [
            (&[], Fault::Truncated),
            (&[0x00, 0x00], Fault::Trailing),
            (&[0x18], Fault::Truncated),
            (&[0x18, 0x17], Fault::NotMinimal),
            (&[0x19, 0x00, 0xFF], Fault::NotMinimal),
            (&[0x1A, 0x00, 0x00, 0xFF, 0xFF], Fault::NotMinimal),
            (&[0x1B, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], Fault::NotMinimal),
            (&[0x38, 0x17], Fault::NotMinimal),
            (&[0x58, 0x01, 0x00], Fault::NotMinimal),
            (&[0x1C], Fault::Reserved),
            (&[0x5F, 0x41, 0x00, 0xFF], Fault::Indefinite),
            (&[0x9F, 0xFF], Fault::Indefinite),
            (&[0xFF], Fault::Indefinite),
            (&[0x42, 0x00], Fault::Length),
            (&[0x82, 0x00], Fault::Length),
            (&[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Fault::Length),
            (&[0x61, 0xFF], Fault::Utf8),
            (&[0xC0, 0x00], Fault::Tag),
            (&[0xF9, 0x3C, 0x00], Fault::Float),
            (&[0xFB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0], Fault::Float),
            (&[0xF7], Fault::Simple),
            (&[0xF8, 0x20], Fault::Simple),
        ];
        for (value, expected) in value_faults {
            let at = if expected == Fault::Trailing { 4 } else { 3 };
            assert_eq!(fault(&entry(value)), Some((at, expected)), "{value:02x?}");
        }
    }

    #[test]
    fn faults_of_maps_are_found_at_their_key() {
        assert_eq!(fault(&[]), Some((0, Fault::Truncated)));
        assert_eq!(fault(&[0x80]), Some((0, Fault::NotAMap)));
        assert_eq!(fault(&[0xA1, 0x01, 0x00]), Some((1, Fault::Key)));
        assert_eq!(fault(&[0xA1, 0x41, b'a']), Some((1, Fault::Key)));
        assert_eq!(fault(&[0xA2, 0x61, b'a', 0, 0x61, b'a', 0]), Some((4, Fault::DuplicateKey)));
        assert_eq!(fault(&[0xA2, 0x61, b'a']), Some((0, Fault::Length)));
    }

    #[test]
    fn nesting_ends_at_the_cap() {
        let nested = |levels: usize| entry(&[vec![0x81; levels], vec![0]].concat());
        assert_eq!(fault(&nested(MAX_DEPTH - 1)), None);
        assert_eq!(fault(&nested(MAX_DEPTH)), Some((3 + MAX_DEPTH - 1, Fault::Depth)));
        assert_eq!(fault(&nested(1_000_000)), Some((3 + MAX_DEPTH - 1, Fault::Depth)));
    }

    #[test]
    fn the_subset_passes() {
        for value in
            [&[0x20][..], &[0x18, 0x18], &[0x40], &[0x60], &[0x80], &[0xA0], &[0xF4], &[0xF5], &[0xF6]]
        {
            assert_eq!(fault(&entry(value)), None, "{value:02x?}");
        }
        assert_eq!(fault(&[0xA0]), None);
    }
}
