//! Many patterns at once.

use std::collections::BTreeMap;

use super::{Pattern, Topic};

/// Some patterns, of which one has to match. A tree of their segments: a topic is compared with what patterns have in
/// common once, and with nothing that differs from it further to the left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// A lone `*` or `**` is among them.
    every: bool,
    root: Branch,
}

/// What patterns that begin alike go on with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Branch {
    /// A pattern ends here.
    end: bool,
    /// A pattern ends with `**` here.
    rest: bool,
    /// Those that go on with `*`.
    any: Option<Box<Self>>,
    /// Those that go on with a word.
    words: BTreeMap<Box<str>, Self>,
}

impl Patterns {
    /// Whether there are none, so that nothing matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether one of them matches. Looks at each branch once at most, however many asterisks there are.
    #[must_use]
    pub fn matches(&self, topic: &Topic) -> bool {
        if self.every {
            return true;
        }
        let mut reached = vec![&self.root];
        for segment in topic.segments() {
            // What `**` stands for is at least this one.
            if reached.iter().any(|branch| branch.rest) {
                return true;
            }
            reached = reached.into_iter().flat_map(|branch| branch.next(segment)).collect();
        }
        reached.iter().any(|branch| branch.end)
    }

    fn insert(&mut self, pattern: &Pattern) {
        if pattern.is_every() {
            self.every = true;
            return;
        }
        let mut branch = &mut self.root;
        for segment in pattern.segments() {
            branch = match segment {
                "**" => {
                    branch.rest = true;
                    return;
                }
                "*" => branch.any.get_or_insert_default(),
                word => branch.words.entry(word.into()).or_default(),
            };
        }
        branch.end = true;
    }
}

impl Branch {
    /// Where a segment leads.
    fn next(&self, segment: &str) -> impl Iterator<Item = &Self> {
        self.any.as_deref().into_iter().chain(self.words.get(segment))
    }
}

impl<'a> FromIterator<&'a Pattern> for Patterns {
    fn from_iter<I: IntoIterator<Item = &'a Pattern>>(patterns: I) -> Self {
        let mut tree = Self::default();
        patterns.into_iter().for_each(|pattern| tree.insert(pattern));
        tree
    }
}

impl FromIterator<Pattern> for Patterns {
    fn from_iter<I: IntoIterator<Item = Pattern>>(patterns: I) -> Self {
        let mut tree = Self::default();
        patterns.into_iter().for_each(|pattern| tree.insert(&pattern));
        tree
    }
}

#[cfg(test)]
mod tests;
