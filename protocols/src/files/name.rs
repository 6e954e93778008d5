//! What a file may be called.

use std::{ffi::OsStr, fmt, path::Path, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hidden::is_hidden;

/// What stands in the place of what a name may not have.
const SUBSTITUTE: char = '_';

/// The name of a file as it travels: one component of a path, on every system that Airway runs on, and shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// Which rule for names of files a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseFileNameError {
    /// There is nothing.
    #[error("the name of a file has at least one character")]
    Empty,
    /// It is longer than [`FileName::MAX_BYTES`].
    #[error("the name of a file has at most {max} bytes", max = FileName::MAX_BYTES)]
    TooLong,
    /// It begins with a dot: hidden, or a directory.
    #[error("the name of a file does not begin with a dot")]
    Dot,
    /// It has a character that separates, commands, or is not seen.
    #[error("{0:?} may not stand in the name of a file")]
    Character(char),
}

impl FileName {
    /// Longest name, in bytes of UTF-8: file systems end at 255, and a program may want to add a few.
    pub const MAX_BYTES: usize = 200;

    /// The name of the file at a path, with `_` in place of what may not be sent.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        Self::lossy(&path.file_name().unwrap_or(OsStr::new("")).to_string_lossy())
    }

    /// The text, with `_` in place of what a name may not have, and cut to the length of one.
    #[must_use]
    pub fn lossy(text: &str) -> Self {
        let mut name: String = text.chars().map(|c| if is_allowed(c) { c } else { SUBSTITUTE }).collect();
        if name.is_empty() || name.starts_with('.') {
            name.replace_range(..name.len().min(1), "_");
        }
        while name.len() > Self::MAX_BYTES {
            name.pop();
        }
        Self(name)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Neither a separator nor anything that a terminal would act on or hide; the two joiners are not seen either.
fn is_allowed(c: char) -> bool {
    !is_hidden(c) && !matches!(c, '/' | '\\' | '\u{200c}' | '\u{200d}')
}

impl FromStr for FileName {
    type Err = ParseFileNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(ParseFileNameError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(ParseFileNameError::TooLong);
        }
        if text.starts_with('.') {
            return Err(ParseFileNameError::Dot);
        }
        match text.chars().find(|c| !is_allowed(*c)) {
            Some(other) => Err(ParseFileNameError::Character(other)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl AsRef<Path> for FileName {
    fn as_ref(&self) -> &Path {
        self.0.as_ref()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_one_component_of_a_path(text in any::<String>()) {
            if let Ok(name) = text.parse::<FileName>() {
                let components: Vec<_> = Path::new(name.as_str()).components().collect();
                prop_assert_eq!(components, [Component::Normal(OsStr::new(&text))]);
                prop_assert_eq!(FileName::lossy(&text), name);
            }
        }

        #[test]
        fn whatever_a_file_is_called_it_can_be_sent(text in "(\\PC|[./\\\\\u{0}-\u{1f}\u{202e}]){0,120}") {
            let name = FileName::lossy(&text);
            prop_assert_eq!(name.as_str().parse(), Ok(name.clone()));
        }
    }

    #[test]
    fn each_rule_has_its_own_error() {
        use ParseFileNameError::{Character, Dot, Empty, TooLong};

        let long = "a".repeat(FileName::MAX_BYTES + 1);
        let cases = [
            ("", Empty),
            (long.as_str(), TooLong),
            (".", Dot),
            ("..", Dot),
            (".bashrc", Dot),
            ("../x", Dot),
            ("a/b", Character('/')),
            ("/etc/passwd", Character('/')),
            ("a\\b", Character('\\')),
            ("a\0b", Character('\0')),
            ("a\nb", Character('\n')),
            ("a\u{7f}", Character('\u{7f}')),
            ("a\u{202e}fdp.exe", Character('\u{202e}')),
            ("a\u{200b}", Character('\u{200b}')),
            ("a\u{200d}", Character('\u{200d}')),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<FileName>(), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_path_gives_its_last_component() {
        let cases = [
            ("/tmp/report.pdf", "report.pdf"),
            ("dir/.bashrc", "_bashrc"),
            ("a\nb", "a_b"),
            ("..", "_"),
            ("/", "_"),
            ("grüße 山.txt", "grüße 山.txt"),
        ];
        for (path, name) in cases {
            assert_eq!(FileName::of_path(Path::new(path)).as_str(), name, "{path}");
        }
        assert_eq!(FileName::lossy(&"ü".repeat(300)).as_str(), "ü".repeat(100));
    }
}
