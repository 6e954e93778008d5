use super::*;

/// A contact made of the number `n`.
fn contact(n: u8) -> NewContact {
    NewContact {
        agent: [n; 32],
        public_key: [n; 32],
        address: [0, 0, 0, 0, 0, n],
        name: Some(format!("agent-{n}")),
        multiaddrs: vec!["/ip4/192.0.2.1/tcp/1".parse().unwrap()],
        trusted_at_ms: u64::from(n),
    }
}

async fn only(store: &Store) -> Contact {
    let mut contacts = store.contacts_list().await.unwrap();
    assert_eq!(contacts.len(), 1);
    contacts.remove(0)
}

#[tokio::test]
async fn contacts_are_listed_as_added_and_gone_when_removed() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(2)).await.unwrap();
    store.contact_add(contact(1)).await.unwrap();
    let contacts = store.contacts_list().await.unwrap();
    assert_eq!(contacts.iter().map(|contact| contact.agent[0]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(contacts[0].multiaddrs, contact(1).multiaddrs);
    assert!(store.contact_remove([1; 32]).await.unwrap());
    assert!(!store.contact_remove([1; 32]).await.unwrap());
    assert_eq!(only(store).await.agent, [2; 32]);
}

#[tokio::test]
async fn adding_a_contact_again_refreshes_it_and_keeps_the_alias() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(1)).await.unwrap();
    store.contact_set_alias([1; 32], Some("bob".into())).await.unwrap();
    store.contact_used([1; 32], 50).await.unwrap();
    let fresh =
        NewContact { address: [9; 6], name: None, multiaddrs: Vec::new(), trusted_at_ms: 99, ..contact(1) };
    store.contact_add(fresh).await.unwrap();
    let now = only(store).await;
    assert_eq!((now.address, now.name, now.multiaddrs), ([9; 6], None, Vec::new()));
    assert_eq!((now.alias.as_deref(), now.trusted_at_ms, now.last_used_ms), (Some("bob"), 1, Some(50)));
}

#[tokio::test]
async fn an_address_stays_with_the_contact_that_has_it() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(1)).await.unwrap();
    let thief = NewContact { address: contact(1).address, ..contact(2) };
    let error = store.contact_add(thief.clone()).await.unwrap_err();
    assert!(matches!(&error, AddContactError::AddressConflict { holder, .. } if *holder == [1; 32]));
    assert!(error.to_string().ends_with("agent-1"), "{error}");
    store.contact_remove([1; 32]).await.unwrap();
    let error = store.contact_add(thief).await.unwrap_err();
    assert!(error.to_string().ends_with("agent-1"), "also after the end of the trust: {error}");
}

#[tokio::test]
async fn a_contact_does_not_change_its_key() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(1)).await.unwrap();
    let other = NewContact { public_key: [7; 32], name: Some("eve".into()), ..contact(1) };
    assert!(matches!(store.contact_add(other).await, Err(AddContactError::KeyConflict)));
    let kept = only(store).await;
    assert_eq!((kept.public_key, kept.name.as_deref()), ([1; 32], Some("agent-1")));
}

#[tokio::test]
async fn an_alias_belongs_to_one_contact() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(1)).await.unwrap();
    store.contact_add(contact(2)).await.unwrap();
    store.contact_set_alias([1; 32], Some("Bob".into())).await.unwrap();
    let error = store.contact_set_alias([2; 32], Some("bob".into())).await.unwrap_err();
    assert_eq!(error.to_string(), "the alias \"Bob\" belongs to agent-1");
    store.contact_set_alias([1; 32], Some("bob".into())).await.unwrap();
    store.contact_set_alias([1; 32], None).await.unwrap();
    store.contact_set_alias([2; 32], Some("bob".into())).await.unwrap();
    assert!(matches!(store.contact_set_alias([3; 32], None).await, Err(AliasError::NoContact)));
}

#[tokio::test]
async fn reach_and_use_are_updated() {
    let scratch = scratch();
    let store = &scratch.store;
    store.contact_add(contact(1)).await.unwrap();
    let multiaddrs = vec!["/dns4/a.example/udp/1/quic-v1".parse().unwrap()];
    assert!(store.contact_set_multiaddrs([1; 32], multiaddrs.clone()).await.unwrap());
    assert!(store.contact_used([1; 32], 50).await.unwrap());
    assert!(store.contact_used([1; 32], 40).await.unwrap());
    let now = only(store).await;
    assert_eq!((now.multiaddrs, now.last_used_ms), (multiaddrs, Some(50)));
    assert!(!store.contact_set_multiaddrs([2; 32], Vec::new()).await.unwrap());
    assert!(!store.contact_used([2; 32], 1).await.unwrap());
}
