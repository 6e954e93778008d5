//! Trusted agents, as several commands show them.

use serde::Serialize;

use crate::{
    api::Contact,
    cli::output::{Output, View, clean},
};

/// What became of one contact.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    /// What was done, for people.
    #[serde(skip)]
    done: &'static str,
    /// The contact, as it is now or as it was.
    #[serde(flatten)]
    contact: Contact,
}

impl Changed {
    pub(super) fn new(done: &'static str, contact: Contact) -> Self {
        Self { done, contact }
    }
}

impl Output for Changed {
    fn text(&self, _view: &View) -> String {
        let Contact { address, alias, name, .. } = &self.contact;
        match alias.as_ref().or(name.as_ref()) {
            Some(name) => format!("{} {} ({})", self.done, clean::line(name), clean::line(address)),
            None => format!("{} {}", self.done, clean::line(address)),
        }
    }
}
