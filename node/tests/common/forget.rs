//! An agent that has lost its contacts, as by a backup that is older than they are.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use airway::store::{ContactChange, RelationState, Store, TrustStoreError, Turn};

/// Takes all contacts out of the database of a home that nobody uses.
pub(crate) async fn forget_contacts(home: &Path) {
    let store = Store::open(&home.join("airway.db")).unwrap();
    for mut relation in store.relations_in(RelationState::Trusted).await.unwrap() {
        (relation.state, relation.request, relation.said) = (RelationState::Stranger, None, None);
        let agent = relation.agent;
        let turn = Turn { relation, log: None, contact: ContactChange::Remove, ticket_used: None };
        store.relation_turn(agent, move |_, _| Ok::<_, TrustStoreError>((Some(turn), ()))).await.unwrap();
    }
    store.close().await;
}
