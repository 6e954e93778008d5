use super::*;

fn conflict(n: u16, address: [u8; 6]) -> PinConflict {
    PinConflict { address, agent: agent(n), seen_at_ms: u64::from(n), name: Some(format!("agent-{n}")) }
}

fn address(n: u16) -> [u8; 6] {
    relation(n, RelationState::Stranger).address
}

/// Agent `n` with the address of agent 1, trusted.
fn with_address_of_1(n: u16) -> Turn {
    turn(&Relation { address: address(1), ..relation(n, RelationState::Trusted) }, ContactChange::Add)
}

#[tokio::test]
async fn an_address_stays_pinned_after_the_end_of_the_trust() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    let pin = Pin { address: address(1), agent: agent(1), since_ms: 1 };
    assert_eq!(store.pins_list().await.unwrap(), std::slice::from_ref(&pin));
    store.make(turn(&relation(1, RelationState::Stranger), ContactChange::Remove)).await.unwrap();
    assert_eq!(store.pins_list().await.unwrap(), [pin]);
    let look = |_: Option<Relation>, look: &Look<'_>| {
        Ok::<_, TrustStoreError>((None, (look.pin(&address(1))?, look.pin(&address(2))?)))
    };
    assert_eq!(store.relation_turn(agent(2), look).await.unwrap(), (Some(agent(1)), None));
    let error = store.make(with_address_of_1(2)).await.unwrap_err();
    let TrustStoreError::Contact(AddContactError::AddressConflict { holder, name, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!((holder, name.as_deref()), (agent(1), Some("agent-1")));
    // The agent itself comes back to it.
    store.befriend(1).await;
}

#[tokio::test]
async fn a_conflict_is_settled_by_naming_the_agent() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    assert!(store.pin_conflict_add(conflict(2, address(1))).await.unwrap());
    assert!(store.pin_conflict_add(conflict(3, address(1))).await.unwrap());
    assert!(!store.pin_conflict_add(conflict(2, address(1))).await.unwrap(), "it is no news");
    store.pin_conflict_add(conflict(4, address(9))).await.unwrap();

    let held = store.pin_settle(address(1), agent(2)).await.unwrap_err();
    assert_eq!(held.to_string(), "the address is that of the contact agent-1");
    store.make(turn(&relation(1, RelationState::Stranger), ContactChange::Remove)).await.unwrap();
    let stranger = store.pin_settle(address(1), agent(4)).await.unwrap_err();
    assert!(matches!(stranger, PinError::NoClaim), "{stranger}");
    assert_eq!(store.pin_conflicts().await.unwrap().len(), 3, "nothing has changed");

    store.pin_settle(address(1), agent(2)).await.unwrap();
    let pin = Pin { address: address(1), agent: agent(2), since_ms: 2 };
    assert_eq!(store.pins_list().await.unwrap(), [pin]);
    assert_eq!(store.pin_conflicts().await.unwrap(), [conflict(4, address(9))]);
    store.make(with_address_of_1(2)).await.unwrap();
    let former = turn(&relation(1, RelationState::Trusted), ContactChange::Add);
    assert!(matches!(store.make(former).await, Err(TrustStoreError::Contact(_))));
}

#[tokio::test]
async fn a_conflict_is_settled_for_the_agent_that_is_pinned() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    store.pin_conflict_add(conflict(2, address(1))).await.unwrap();
    store.pin_settle(address(1), agent(1)).await.unwrap();
    assert!(store.pin_conflicts().await.unwrap().is_empty());
    assert_eq!(store.pins_list().await.unwrap()[0].agent, agent(1));
}

#[tokio::test]
async fn the_oldest_conflicts_make_room() {
    let scratch = scratch();
    let store = &scratch.store;
    let last = MAX_CONFLICTS as u16 + 2;
    // The newest claim stays, even if a clock was set back.
    for n in (2..=last).chain([1]) {
        store.pin_conflict_add(conflict(n, address(n))).await.unwrap();
    }
    let kept: Vec<_> = store.pin_conflicts().await.unwrap().iter().map(|kept| kept.seen_at_ms).collect();
    assert_eq!(
        (kept.len(), kept[0], kept[kept.len() - 2..].to_vec()),
        (MAX_CONFLICTS, u64::from(last), vec![4, 1])
    );
}

#[tokio::test]
async fn an_agent_has_a_few_addresses_pinned_to_it() {
    let scratch = scratch();
    let store = &scratch.store;
    for network in 0..20 {
        let address = [0, network, 0, 0, 0, 1];
        let moved = Relation { address, since_ms: network.into(), ..relation(1, RelationState::Trusted) };
        store.make(turn(&moved, ContactChange::Add)).await.unwrap();
    }
    let pins = store.pins_list().await.unwrap();
    assert_eq!((pins.len(), pins[0].address[1], pins[15].address[1]), (16, 4, 19));
}
