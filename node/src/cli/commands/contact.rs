//! Trusted agents, as several commands show them.

use serde::Serialize;

use crate::{
    api::Contact,
    cli::{
        output::{Output, View, clean},
        scopes,
    },
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
    fn text(&self, view: &View) -> String {
        let Contact { address, alias, name, scopes, .. } = &self.contact;
        let who = match alias.as_ref().or(name.as_ref()) {
            Some(name) => format!("{} ({})", clean::line(name), clean::line(address)),
            None => clean::line(address),
        };
        let limits = scopes::limits(scopes, view).map(|limits| format!(", limited to: {limits}"));
        format!("{} {who}{}", self.done, limits.unwrap_or_default())
    }
}
