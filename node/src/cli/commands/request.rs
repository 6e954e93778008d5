//! Agents that are no contacts, as several commands show them.

use serde::Serialize;

use crate::{
    api::{Request, Standing},
    cli::{
        output::{Output, View, clean, human},
        scopes,
    },
};

/// What became of one of them.
#[derive(Debug, Serialize)]
pub(super) struct Became {
    /// What was done, for people.
    #[serde(skip)]
    done: &'static str,
    /// What to do next, for people.
    #[serde(skip)]
    next: Option<&'static str>,
    /// The agent, as it is now.
    #[serde(flatten)]
    request: Request,
}

impl Became {
    pub(super) fn new(done: &'static str, request: Request) -> Self {
        Self { done, next: None, request }
    }

    /// The same with what to do next.
    pub(super) fn next(self, next: &'static str) -> Self {
        Self { next: Some(next), ..self }
    }
}

impl Output for Became {
    fn text(&self, _view: &View) -> String {
        format!("{} {}", self.done, named(&self.request))
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.next.map(Into::into)
    }
}

/// Alias or name, and address.
fn named(request: &Request) -> String {
    let address = clean::line(&request.address);
    match request.alias.as_ref().or(request.untrusted.name.as_ref()) {
        Some(name) => format!("{} ({address})", clean::line(name)),
        None => address,
    }
}

/// Address, and alias if there is one; what it calls itself comes later, and marked as its own word.
fn listed(request: &Request) -> String {
    let address = clean::line(&request.address);
    request
        .alias
        .as_ref()
        .map_or_else(|| address.clone(), |alias| format!("{} ({address})", clean::line(alias)))
}

/// One of a list.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Listed(pub(super) Request);

impl Output for Listed {
    fn text(&self, view: &View) -> String {
        let request = &self.0;
        let since = human::ago(request.since, view);
        let who = listed(request);
        let mut lines = vec![match request.state {
            Standing::Pending => format!("{who} asked {since}"),
            Standing::Requested => format!("{who} was asked by you {since}, and has not answered"),
            Standing::Blocked => format!("{who} was blocked {since}"),
            Standing::Trusted | Standing::Stranger => who,
        }];
        let name = request.untrusted.name.as_ref();
        lines.extend(name.map(|name| format!("  calls itself: \"{}\"", clean::line(name))));
        if request.invited {
            lines.push("  it has a ticket of yours".into());
        }
        if let Some(justification) = &request.untrusted.justification {
            lines.push(format!("  its words: \"{}\"", clean::line(justification)));
        }
        let granted = request.granted.as_ref().and_then(|granted| scopes::limits(granted, view));
        lines.extend(granted.map(|granted| format!("  it would let you: {granted}")));
        if request.state == Standing::Requested {
            let limits = scopes::limits(&request.scopes, view);
            lines.extend(limits.map(|limits| format!("  you would let it: {limits}")));
        }
        if let Some(expires) = request.expires {
            lines.push(format!("  lapses {}", human::local(expires, view)));
        }
        lines.join("\n")
    }
}
