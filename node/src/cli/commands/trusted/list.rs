//! `airway trusted`: the trust list.

use serde::Serialize;

use crate::{
    api::Contact,
    cli::{
        Context, Error,
        output::{Output, View, human, layout::table},
        scopes,
    },
};

/// The trust list.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Contacts(Vec<Contact>);

impl Output for Contacts {
    fn text(&self, view: &View) -> String {
        let rows: Vec<_> = self.0.iter().map(|contact| row(contact, view)).collect();
        // Where nothing is limited, nobody has to read that it is not.
        if self.0.iter().all(|contact| notes(contact, view).is_empty()) {
            return table(["ALIAS", "NAME", "ADDRESS", "TRUSTED", "SEEN"], rows);
        }
        let rows = rows.into_iter().zip(&self.0).map(|([alias, name, address, trusted, seen], contact)| {
            [alias, name, address, trusted, seen, notes(contact, view)]
        });
        table(["ALIAS", "NAME", "ADDRESS", "TRUSTED", "SEEN", "LIMITS"], rows)
    }

    fn remark(&self, _view: &View) -> Option<String> {
        self.0.is_empty().then(|| {
            "nobody is trusted yet: make a ticket with `airway pair`, or get a card and run `airway trust <card>`".into()
        })
    }
}

fn row(contact: &Contact, view: &View) -> [String; 5] {
    [
        contact.alias.clone().unwrap_or_default(),
        contact.name.clone().unwrap_or_default(),
        contact.address.clone(),
        human::ago(contact.trusted_at, view),
        match (contact.connected, contact.last_used) {
            (true, _) => "connected".into(),
            (false, Some(used)) => human::ago(used, view),
            (false, None) => "never".into(),
        },
    ]
}

/// What is not as usual: what it may do, what we may do there, and whether it knows.
fn notes(contact: &Contact, view: &View) -> String {
    let theirs = contact.granted.as_ref().and_then(|granted| scopes::limits(granted, view));
    let notes = [
        scopes::limits(&contact.scopes, view).map(|limits| format!("may: {limits}")),
        theirs.map(|limits| format!("lets us: {limits}")),
        (!contact.confirmed).then(|| "has not heard yet".to_owned()),
    ];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

pub(super) async fn run(context: &Context) -> Result<Contacts, Error> {
    Ok(Contacts(context.client()?.contacts().await?))
}
