use super::*;

async fn list(store: &Store, filter: Filter) -> Vec<u64> {
    store.inbox_list(filter).await.unwrap().into_iter().map(|message| message.seq).collect()
}

fn prefix(text: &str) -> Pick {
    Pick::Id(text.parse().unwrap())
}

#[tokio::test]
async fn a_message_is_returned_as_it_came() {
    let scratch = scratch();
    let store = &scratch.store;
    let sent = NewMessage { kind: 2, reply_to: Some([9; 16]), ..message(5, b"hello") };
    let seq = store.put(sent).await;
    let expected = Message {
        seq,
        agent: [1; 32],
        id: 5_u128.to_be_bytes(),
        kind: 2,
        reply_to: Some([9; 16]),
        sent_at_ms: 1,
        received_at_ms: 2,
        read: false,
        body: b"hello".to_vec(),
        file: None,
    };
    assert_eq!(store.inbox_get(Pick::Seq(seq)).await.unwrap(), expected);
    assert_eq!(store.inbox_list(Filter::default()).await.unwrap(), [expected]);
}

#[tokio::test]
async fn the_same_message_again_is_a_duplicate_and_another_a_conflict() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put(message(1, b"a")).await;
    let again = NewMessage { sent_at_ms: 100, received_at_ms: 200, ..message(1, b"a") };
    assert_eq!(store.inbox_put(again, AMPLE).await.unwrap(), Stored::Duplicate);
    let others = [
        message(1, b"b"),
        NewMessage { kind: 1, ..message(1, b"a") },
        NewMessage { reply_to: Some([0; 16]), ..message(1, b"a") },
    ];
    for other in others {
        assert_eq!(store.inbox_put(other, AMPLE).await.unwrap(), Stored::Conflict);
    }
    store.put(NewMessage { agent: [2; 32], ..message(1, b"b") }).await;
    assert_eq!(store.bodies().await, [b"a", b"b"]);
}

#[tokio::test]
async fn an_id_is_remembered_after_its_message_was_cleared() {
    let mut scratch = scratch();
    scratch.store.put(message(1, b"a")).await;
    assert_eq!(scratch.store.inbox_clear(Clear::All).await.unwrap().messages, 1);
    scratch.reopen().await;
    assert_eq!(scratch.store.inbox_put(message(1, b"a"), AMPLE).await.unwrap(), Stored::Duplicate);
    assert_eq!(scratch.store.inbox_put(message(1, b"b"), AMPLE).await.unwrap(), Stored::Conflict);
    assert_eq!(scratch.store.put(message(2, b"a")).await, 2, "numbers are not used again");
}

#[tokio::test]
async fn the_quota_counts_what_is_held() {
    let scratch = scratch();
    let store = &scratch.store;
    let quota = 2 * (256 + 10);
    let put = |id| store.inbox_put(message(id, &[0; 10]), quota);
    assert_eq!(put(1).await.unwrap(), Stored::New { seq: 1 });
    assert_eq!(put(2).await.unwrap(), Stored::New { seq: 2 });
    assert_eq!(store.inbox_put(message(3, b""), quota).await.unwrap(), Stored::Quota);
    assert_eq!(put(1).await.unwrap(), Stored::Duplicate, "a repeat is answered even when the inbox is full");
    store.inbox_clear(Clear::Messages(vec![1])).await.unwrap();
    assert_eq!(put(3).await.unwrap(), Stored::New { seq: 3 }, "a message refused is not remembered");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 0..6 {
        let agent = if id % 2 == 0 { [1; 32] } else { [2; 32] };
        store.put(NewMessage { agent, ..message(id, b"x") }).await;
    }
    assert_eq!(store.inbox_mark_read(vec![1, 2, 2, 99]).await.unwrap(), 2);
    let all = Filter::default();
    assert_eq!(list(store, all).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(list(store, Filter { limit: Some(2), after: 3, ..all }).await, [4, 5]);
    assert_eq!(list(store, Filter { unread: true, ..all }).await, [3, 4, 5, 6]);
    assert_eq!(list(store, Filter { agent: Some([2; 32]), ..all }).await, [2, 4, 6]);
    assert_eq!(list(store, Filter { agent: Some([2; 32]), unread: true, after: 4, ..all }).await, [6]);
    assert_eq!(store.inbox_clear(Clear::Read).await.unwrap().messages, 2);
    assert_eq!(list(store, all).await, [3, 4, 5, 6]);
}

#[tokio::test]
async fn a_page_of_large_messages_is_short_but_never_empty() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 0..3 {
        store.put(message(id, &vec![0; 5 << 20])).await;
    }
    assert_eq!(list(store, Filter::default()).await, [1, 2]);
    assert_eq!(list(store, Filter { after: 2, ..Filter::default() }).await, [3]);
}

#[tokio::test]
async fn a_message_is_found_by_the_beginning_of_its_id() {
    let scratch = scratch();
    let store = &scratch.store;
    let [first, second] = [0x0198_ab00, 0x0198_ac00].map(|top: u128| top << 96);
    store.put(message(first, b"a")).await;
    store.put(message(second, b"b")).await;
    assert_eq!(store.inbox_get(prefix("0198-AB")).await.unwrap().body, b"a");
    assert_eq!(store.inbox_get(prefix("0198ac00-0000-0000-0000-000000000000")).await.unwrap().body, b"b");
    let error = store.inbox_get(prefix("0198a")).await.unwrap_err();
    assert!(matches!(error, GetError::Ambiguous(_)), "{error}");
    assert!(matches!(store.inbox_get(prefix("7")).await, Err(GetError::NotFound { .. })));
    assert!(matches!(store.inbox_get(Pick::Seq(7)).await, Err(GetError::NotFound { .. })));
    for bad in ["", "-", "xyz", &"0".repeat(33)] {
        assert!(bad.parse::<Prefix>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn only_ids_that_are_old_and_many_and_cleared_are_forgotten() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 1..=5 {
        store.put(message(id, b"x")).await;
    }
    store.inbox_clear(Clear::Messages(vec![1, 3, 4, 5])).await.unwrap();
    let month = u64::try_from(REMEMBER_IDS.as_millis()).unwrap();
    let step = |now, keep| store.write(move |db| crate::store::inbox::prune_step(db, now, keep));
    assert_eq!(step(month, 2).await.unwrap(), 0, "too young");
    assert_eq!(step(month + 10, 5).await.unwrap(), 0, "too few");
    assert_eq!(step(month + 10, 2).await.unwrap(), 2, "1 and 3: 2 is in the inbox, 4 and 5 are the last two");
    assert_eq!(store.inbox_prune(month + 10).await.unwrap(), 0);
    assert_eq!(store.inbox_put(message(2, b"x"), AMPLE).await.unwrap(), Stored::Duplicate);
    assert_eq!(store.inbox_put(message(3, b"x"), AMPLE).await.unwrap(), Stored::New { seq: 6 });
}

#[tokio::test]
async fn followers_hear_of_new_messages() {
    let scratch = scratch();
    let store = &scratch.store;
    let mut newest = store.inbox_newest();
    assert_eq!(*newest.borrow_and_update(), 0);
    let task = tokio::spawn({
        let store = store.clone();
        async move { store.inbox_put(message(1, b"x"), AMPLE).await }
    });
    newest.changed().await.unwrap();
    task.await.unwrap().unwrap();
    assert_eq!(*newest.borrow(), 1);
    assert_eq!(list(store, Filter::default()).await, [1]);
}

#[tokio::test]
async fn answers_are_found_by_what_they_answer() {
    let scratch = scratch();
    let store = &scratch.store;
    for (id, agent, reply_to) in
        [(1, 1, None), (2, 1, Some([9; 16])), (3, 2, Some([9; 16])), (4, 1, Some([8; 16]))]
    {
        store.put(NewMessage { agent: [agent; 32], reply_to, ..message(id, b"x") }).await;
    }
    let answers = Filter { reply_to: Some([9; 16]), ..Filter::default() };
    assert_eq!(list(store, answers).await, [2, 3]);
    assert_eq!(list(store, Filter { agent: Some([2; 32]), ..answers }).await, [3]);
    assert_eq!(list(store, Filter { after: 2, ..answers }).await, [3]);
    assert!(list(store, Filter { reply_to: Some([7; 16]), ..answers }).await.is_empty());
}

#[tokio::test]
async fn what_the_inbox_holds_is_counted() {
    let scratch = scratch();
    let store = &scratch.store;
    assert_eq!(store.inbox_usage().await.unwrap(), InboxUsage::default());
    for id in 0..3 {
        store.put(message(id, b"four")).await;
    }
    store.inbox_mark_read(vec![1]).await.unwrap();
    let usage = InboxUsage { messages: 3, unread: 2, bytes: 3 * (256 + 4) };
    assert_eq!(store.inbox_usage().await.unwrap(), usage);
}

#[tokio::test]
async fn a_store_that_works_says_so_and_leaves_nothing_behind() {
    let scratch = scratch();
    scratch.store.check().await.unwrap();
    assert!(!scratch.path.with_extension("room").exists());
    scratch.store.close().await;
    assert!(matches!(scratch.store.check().await, Err(Error::Closed)));
}

#[tokio::test]
async fn the_heads_say_of_each_message_what_it_is_without_its_content() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put(message(1, b"old")).await;
    let seq = store.put(NewMessage { kind: 2, reply_to: Some([9; 16]), ..message(5, b"hello") }).await;
    let head = InboxHead {
        seq,
        agent: [1; 32],
        id: 5_u128.to_be_bytes(),
        kind: 2,
        reply_to: Some([9; 16]),
        size: 5,
        file: None,
    };
    assert_eq!(store.inbox_heads(1).await.unwrap(), [head]);
    assert!(store.inbox_heads(seq).await.unwrap().is_empty());
}
