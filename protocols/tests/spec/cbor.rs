//! CBOR taken apart: the keys of a message in their order, and bytes with what they mean beside them.

use data_encoding::HEXLOWER;

/// One item.
pub(crate) enum Item<'a> {
    Unsigned,
    Negative,
    Bytes,
    Text,
    List(Vec<Self>),
    Map(Vec<(&'a str, Self)>),
    Bool,
    Null,
}

impl<'a> Item<'a> {
    /// Reads a message.
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        let mut reader = Reader { bytes, at: 0, notes: Vec::new() };
        reader.item(0);
        reader.finish().0
    }

    /// What stands behind a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(known, _)| *known == key).map(|(_, item)| item)
    }

    /// The type, as the tables of fields call it.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Unsigned => "uint".into(),
            Self::Negative => "nint".into(),
            Self::Bytes => "bytes".into(),
            Self::Text => "text".into(),
            Self::List(items) => format!("[{}]", items.first().map_or(String::new(), Self::kind)),
            Self::Map(_) => "map".into(),
            Self::Bool => "bool".into(),
            Self::Null => "null".into(),
        }
    }
}

/// One line for each item: its bytes, and what they are.
pub(crate) fn annotate(bytes: &[u8], indent: usize) -> Vec<(String, String)> {
    let mut reader = Reader { bytes, at: 0, notes: Vec::new() };
    reader.item(indent);
    reader.finish().1
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    notes: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    fn finish(mut self) -> (Item<'a>, Vec<(String, String)>) {
        assert_eq!(self.at, self.bytes.len(), "something follows the message");
        self.at = 0;
        let notes = std::mem::take(&mut self.notes);
        (self.item(0), notes)
    }

    fn head(&mut self) -> (u8, u64) {
        let initial = self.bytes[self.at];
        let width = match initial & 0x1F {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let tail = &self.bytes[self.at + 1..=self.at + width];
        let short = u64::from(initial & 0x1F);
        let value = if width == 0 { short } else { tail.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)) };
        self.at += 1 + width;
        (initial >> 5, value)
    }

    fn string(&mut self, length: u64) -> &'a [u8] {
        let from = self.at;
        self.at += usize::try_from(length).unwrap();
        &self.bytes[from..self.at]
    }

    fn note(&mut self, from: usize, indent: usize, text: &str) {
        let bytes = HEXLOWER.encode(&self.bytes[from..self.at]);
        self.notes.push((bytes, format!("{}{text}", " ".repeat(indent))));
    }

    fn item(&mut self, indent: usize) -> Item<'a> {
        let from = self.at;
        let (major, value) = self.head();
        match major {
            0 => {
                self.note(from, indent, &format!("{value}"));
                Item::Unsigned
            }
            1 => {
                self.note(from, indent, &format!("{}", -1 - i128::from(value)));
                Item::Negative
            }
            2 => {
                self.string(value);
                self.note(from, indent, &format!("bytes({value})"));
                Item::Bytes
            }
            3 => {
                let text = std::str::from_utf8(self.string(value)).unwrap();
                self.note(from, indent, &format!("{text:?}"));
                Item::Text
            }
            4 => {
                self.note(from, indent, &format!("list of {value}"));
                Item::List((0..value).map(|_| self.item(indent + 2)).collect())
            }
            5 => {
                self.note(from, indent, &format!("map of {value}"));
                Item::Map((0..value).map(|_| self.entry(indent + 2)).collect())
            }
            _ => {
                let text = ["false", "true", "null"][usize::try_from(value - 20).unwrap()];
                self.note(from, indent, text);
                if value == 22 { Item::Null } else { Item::Bool }
            }
        }
    }

    /// Reads a key and what stands behind it: on one line, if that is one item.
    fn entry(&mut self, indent: usize) -> (&'a str, Item<'a>) {
        let (from, notes) = (self.at, self.notes.len());
        let (_, length) = self.head();
        let key = std::str::from_utf8(self.string(length)).unwrap();
        self.note(from, indent, &format!("{key}:"));
        let item = self.item(indent + 2);
        if self.notes.len() == notes + 2
            && let Some((bytes, text)) = self.notes.pop()
        {
            let (own, label) = &mut self.notes[notes];
            *own = format!("{own} {bytes}");
            *label = format!("{label} {}", text.trim_start());
        }
        (key, item)
    }
}
