use super::*;

/// An error of whoever makes a turn.
#[derive(Debug, PartialEq)]
enum Refused {
    ByTurn,
    ByStore(String),
}

impl From<TrustStoreError> for Refused {
    fn from(error: TrustStoreError) -> Self {
        Self::ByStore(error.to_string())
    }
}

#[tokio::test]
async fn what_a_turn_says_is_there_as_a_whole_after_reopening() {
    let mut scratch = scratch();
    let store = &scratch.store;
    let full = Relation {
        generation: u64::MAX,
        heard: u64::MAX - 1,
        request: Some([2; 32]),
        alias: Some("bob".into()),
        multiaddrs: vec!["/ip4/192.0.2.1/tcp/1".parse().unwrap()],
        justification: Some("we met".into()),
        source: Some("192.0.2.0/24".into()),
        invited: true,
        scopes: Some(vec![1]),
        granted: Some(Vec::new()),
        expires_at_ms: Some(50),
        said: Some(vec![9; 300]),
        said_ticket: Some(vec![8; 8]),
        said_proof: Some(vec![7; 32]),
        said_until_ms: Some(60),
        ..relation(1, RelationState::Requested)
    };
    let answer = store.relation_turn(agent(1), {
        let turn = turn(&full, ContactChange::Keep);
        |before, _| {
            assert_eq!(before, None);
            Ok::<_, TrustStoreError>((Some(turn), "answer"))
        }
    });
    assert_eq!(answer.await.unwrap(), "answer");
    scratch.reopen().await;
    let kept = scratch.store.relation(agent(1)).await.unwrap().unwrap();
    assert_eq!(kept, Relation { known: true, ..full });
    assert_eq!(scratch.store.events().await, [(1, 1)]);
    let requested = scratch.store.relations_in(RelationState::Requested).await.unwrap();
    assert_eq!(requested, std::slice::from_ref(&kept));
    assert_eq!(scratch.store.relations_list().await.unwrap(), [kept]);
    assert!(scratch.store.relations_in(RelationState::Trusted).await.unwrap().is_empty());
    assert!(scratch.store.contacts_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_turn_without_a_result_writes_nothing() {
    let scratch = scratch();
    let store = &scratch.store;
    let before = store.befriend(1).await;
    let nothing = |seen: Option<Relation>, _: &Look<'_>| Ok::<_, TrustStoreError>((None, seen));
    assert_eq!(store.relation_turn(agent(1), nothing).await.unwrap(), Some(before.clone()));
    assert_eq!(store.relation(agent(1)).await.unwrap(), Some(before));
    assert_eq!(store.events().await.len(), 1);
}

#[tokio::test]
async fn a_turn_that_fails_writes_nothing() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    let news = store.log_changes();
    let refused = store.relation_turn(agent(2), |_, _| Err::<(Option<Turn>, ()), _>(Refused::ByTurn));
    assert_eq!(refused.await, Err(Refused::ByTurn));

    // The contact comes before the relation and the log, the ticket after neither.
    let thief = Relation {
        address: relation(1, RelationState::Stranger).address,
        ..relation(2, RelationState::Trusted)
    };
    let add = turn(&thief, ContactChange::Add);
    let refused = store.relation_turn(agent(2), |_, _| Ok::<_, Refused>((Some(add), ()))).await;
    assert_eq!(refused, Err(Refused::ByStore("the address is already that of agent-1".into())));
    let ticket =
        Turn { ticket_used: Some([3; 8]), ..turn(&relation(2, RelationState::Trusted), ContactChange::Add) };
    assert!(matches!(store.make(ticket).await, Err(TrustStoreError::Ticket)));

    assert_eq!(store.state_of(2).await, None);
    assert_eq!(store.contacts_list().await.unwrap().len(), 1);
    assert_eq!(store.events().await, [(1, 1)]);
    assert_eq!(store.pins_list().await.unwrap().len(), 1);
    assert!(!news.has_changed().unwrap(), "nobody is told of what did not happen");
}

#[tokio::test]
async fn a_turn_that_panics_writes_nothing_and_the_store_goes_on() {
    let scratch = scratch();
    let panics = |_: Option<Relation>, _: &Look<'_>| -> Result<(Option<Turn>, ()), TrustStoreError> {
        panic!("a mistake")
    };
    let error = scratch.store.relation_turn(agent(1), panics).await.unwrap_err();
    assert!(matches!(error, TrustStoreError::Store(Error::Panicked)), "{error}");
    scratch.store.befriend(1).await;
}

#[tokio::test]
async fn a_contact_is_made_refreshed_and_removed_with_the_relation() {
    let scratch = scratch();
    let store = &scratch.store;
    let wish = Relation { alias: Some("bob".into()), ..relation(1, RelationState::Trusted) };
    store.make(turn(&wish, ContactChange::Add)).await.unwrap();
    let kept = store.relation(agent(1)).await.unwrap().unwrap();
    assert_eq!(kept, Relation { alias: None, known: true, ..wish }, "the contact has the alias now");
    store.contact_used(agent(1), 50).await.unwrap();

    let multiaddrs = vec!["/ip4/192.0.2.1/tcp/1".parse().unwrap()];
    let fresh = Relation { name: None, multiaddrs: multiaddrs.clone(), since_ms: 9, ..kept };
    store.make(turn(&fresh, ContactChange::Add)).await.unwrap();
    let contacts = store.contacts_list().await.unwrap();
    let now = &contacts[0];
    assert_eq!((contacts.len(), &now.name, now.alias.as_deref()), (1, &None, Some("bob")));
    assert_eq!((&now.multiaddrs, now.trusted_at_ms, now.last_used_ms), (&multiaddrs, 9, Some(50)));

    let gone = Relation { state: RelationState::Stranger, ..fresh };
    store.make(turn(&gone, ContactChange::Remove)).await.unwrap();
    assert!(store.contacts_list().await.unwrap().is_empty());
    assert_eq!(store.relation(agent(1)).await.unwrap(), Some(gone));
    assert_eq!(store.events().await.len(), 3);
}

#[tokio::test]
async fn an_alias_that_another_contact_has_is_left_out() {
    let scratch = scratch();
    let store = &scratch.store;
    for (n, alias) in [(1, "Bob"), (2, "bob")] {
        let wish = Relation { alias: Some(alias.into()), ..relation(n, RelationState::Trusted) };
        store.make(turn(&wish, ContactChange::Add)).await.unwrap();
    }
    assert_eq!(store.aliases().await, [Some("Bob".into()), None]);
    let look = |_: Option<Relation>, look: &Look<'_>| {
        Ok::<_, TrustStoreError>((None, (look.alias_holder("BOB")?, look.alias_holder("eve")?)))
    };
    assert_eq!(store.relation_turn(agent(2), look).await.unwrap(), (Some(agent(1)), None));
}

#[tokio::test]
async fn what_waits_for_an_agent_goes_with_the_trust_in_it() {
    let scratch = scratch();
    let store = &scratch.store;
    for n in [1, 2] {
        store.befriend(n).await;
        let parcel = NewParcel {
            agent: agent(n),
            id: [1; 16],
            lane: 0,
            kind: 0,
            reply_to: None,
            name: None,
            size: 1,
            queued_at_ms: 1,
            expires_at_ms: 100,
            body: vec![0],
        };
        store.outbox_put(parcel, AMPLE).await.unwrap();
    }
    store.make(turn(&relation(1, RelationState::Stranger), ContactChange::Remove)).await.unwrap();
    let left = store.outbox_list(OutboxFilter::default()).await.unwrap();
    assert_eq!(left.iter().map(|entry| entry.agent).collect::<Vec<_>>(), [agent(2)]);
}

#[tokio::test]
async fn where_a_contact_is_reached_is_known_to_its_relation() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    let multiaddrs = vec!["/ip4/192.0.2.9/tcp/1".parse().unwrap()];
    assert!(store.contact_set_multiaddrs(agent(1), multiaddrs.clone()).await.unwrap());
    assert_eq!(store.relation(agent(1)).await.unwrap().unwrap().multiaddrs, multiaddrs);
}

#[tokio::test]
async fn only_the_latest_statement_is_acknowledged() {
    let scratch = scratch();
    let store = &scratch.store;
    let said = |n, until| Relation {
        said: Some(vec![2]),
        said_ticket: Some(vec![3; 8]),
        said_proof: Some(vec![4; 32]),
        said_until_ms: Some(until),
        ..relation(n, RelationState::Requested)
    };
    for (n, until) in [(1, 90), (2, 80)] {
        store.make(turn(&said(n, until), ContactChange::Keep)).await.unwrap();
    }
    store.befriend(3).await;
    let waiting = store.relations_with_said().await.unwrap();
    assert_eq!(waiting.iter().map(|relation| relation.agent).collect::<Vec<_>>(), [agent(2), agent(1)]);
    assert!(!store.relation_acknowledged(agent(1), vec![1]).await.unwrap());
    assert!(store.relation_acknowledged(agent(1), vec![2]).await.unwrap());
    assert!(!store.relation_acknowledged(agent(1), vec![2]).await.unwrap());
    let heard = store.relation(agent(1)).await.unwrap().unwrap();
    assert_eq!(heard, Relation { known: true, ..relation(1, RelationState::Requested) });
    assert_eq!(store.relations_with_said().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_lapses_is_found_when_it_is_due() {
    let scratch = scratch();
    let store = &scratch.store;
    assert_eq!(store.next_lapse().await.unwrap(), None);
    let states = [
        (1, RelationState::Requested, Some(30)),
        (2, RelationState::Pending, Some(20)),
        (3, RelationState::Trusted, None),
        (4, RelationState::Trusted, Some(40)),
        (5, RelationState::Blocked, Some(10)),
        (6, RelationState::Stranger, Some(10)),
    ];
    for (n, state, expires_at_ms) in states {
        let relation = Relation { expires_at_ms, ..relation(n, state) };
        store.make(turn(&relation, ContactChange::Keep)).await.unwrap();
    }
    assert_eq!(store.next_lapse().await.unwrap(), Some(20));
    assert!(store.lapsed(19).await.unwrap().is_empty());
    let due = store.lapsed(30).await.unwrap();
    assert_eq!(due.iter().map(|relation| relation.agent).collect::<Vec<_>>(), [agent(2), agent(1)]);
}
