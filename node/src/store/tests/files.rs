use super::*;

/// A file from agent 1 with an id made of `id`.
fn file(id: u128, size: u64) -> OfferedFile {
    OfferedFile {
        agent: [1; 32],
        id: id.to_be_bytes(),
        reply_to: None,
        sent_at_ms: 1,
        name: "report.pdf".into(),
        size,
    }
}

impl Store {
    async fn put_file(&self, file: OfferedFile) -> Stored {
        self.file_put(&Sequence::default(), file, [7; 32], 2, AMPLE).await.unwrap()
    }

    /// What a file may do whose bytes cost nothing.
    async fn offered(&self, file: OfferedFile, quota: u64) -> Offered {
        self.file_offered(file, 0, quota, AMPLE).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_is_a_message_in_the_order_of_arrival() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put(message(1, b"before")).await;
    assert_eq!(store.put_file(file(2, 1000)).await, Stored::New { seq: 2 });
    store.put(message(3, b"after")).await;
    assert_eq!(*store.inbox_newest().borrow(), 3);

    let listed = store.inbox_list(Filter::default()).await.unwrap();
    let expected = File { name: "report.pdf".into(), size: 1000, digest: [7; 32] };
    assert_eq!(
        listed.iter().map(|message| message.file.clone()).collect::<Vec<_>>(),
        [None, Some(expected.clone()), None]
    );
    let id = Pick::Id("00000000-0000-0000-0000-000000000002".parse().unwrap());
    assert_eq!(store.inbox_get(id).await.unwrap().file, Some(expected));
}

#[tokio::test]
async fn an_offer_of_what_is_known_is_a_duplicate_or_a_conflict() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put(message(1, b"text")).await;
    store.put_file(file(2, 10)).await;
    for _ in 0..2 {
        assert_eq!(
            store.offered(OfferedFile { sent_at_ms: 9, ..file(2, 10) }, AMPLE).await,
            Offered::Duplicate
        );
        assert_eq!(store.put_file(file(2, 10)).await, Stored::Duplicate);
        let others = [
            file(1, 10),
            file(2, 11),
            OfferedFile { name: "other.pdf".into(), ..file(2, 10) },
            OfferedFile { reply_to: Some([0; 16]), ..file(2, 10) },
        ];
        for other in others {
            assert_eq!(store.offered(other.clone(), AMPLE).await, Offered::Conflict);
            assert_eq!(store.put_file(other).await, Stored::Conflict);
        }
        assert_eq!(store.offered(file(3, 10), AMPLE).await, Offered::New);
        store.inbox_clear(Clear::All).await.unwrap();
    }
}

#[tokio::test]
async fn files_count_until_they_are_cleared() {
    let mut scratch = scratch();
    for id in 1..=3 {
        scratch.store.put_file(file(id, 1000)).await;
    }
    scratch.reopen().await;
    let store = &scratch.store;
    let used = 3 * (1000 + FILE_COST);
    assert_eq!(store.offered(file(9, 0), used).await, Offered::New);
    assert_eq!(store.offered(file(9, 0), used - 1).await, Offered::Quota);
    let pending = store.file_offered(file(9, 0), 10, used + 9, AMPLE).await.unwrap();
    assert_eq!(pending, Offered::Quota, "what is coming in counts, too");
    let full = store.file_offered(file(9, 0), 0, AMPLE, 3 * 256).await.unwrap();
    assert_eq!(full, Offered::Quota, "the inbox has to have room, too");

    store.put(message(5, b"no file")).await;
    let cleared = store.inbox_clear(Clear::Messages(vec![2, 4])).await.unwrap();
    assert_eq!(cleared, Cleared { messages: 2, files: vec![([1; 32], 2_u128.to_be_bytes())] });
    assert_eq!(store.inbox_clear(Clear::All).await.unwrap().files.len(), 2);
    assert_eq!(store.offered(file(9, 0), 0).await, Offered::New);
}

#[tokio::test]
async fn an_id_tells_whom_it_was_received_from() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put_file(file(1, 1)).await;
    store.put(NewMessage { agent: [2; 32], ..message(1, b"text") }).await;
    let owners = store.file_owners(1_u128.to_be_bytes()).await.unwrap();
    assert_eq!(owners, [Owner { agent: [1; 32], held: true }, Owner { agent: [2; 32], held: false }]);
    store.inbox_clear(Clear::All).await.unwrap();
    let owners = store.file_owners(1_u128.to_be_bytes()).await.unwrap();
    assert!(owners.len() == 2 && owners.iter().all(|owner| !owner.held), "{owners:?}");
    assert!(store.file_owners([9; 16]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_database_of_the_first_version_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("airway.db");
    create_private(&path).unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../migrate/1.sql")).unwrap();
    old.execute_batch("PRAGMA application_id = 0x41495257; PRAGMA user_version = 1").unwrap();
    drop(old);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.put_file(file(1, 1)).await, Stored::New { seq: 1 });
}

#[tokio::test]
async fn a_file_that_was_received_is_known_by_all_that_it_is() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put(message(1, b"text")).await;
    store.put_file(file(2, 10)).await;
    let known = async |file, digest| store.file_received(file, digest).await.unwrap();
    assert!(known(file(2, 10), [7; 32]).await);
    let others = [
        file(1, 10),
        file(3, 10),
        file(2, 11),
        OfferedFile { agent: [9; 32], ..file(2, 10) },
        OfferedFile { name: "other.pdf".into(), ..file(2, 10) },
    ];
    for other in others {
        assert!(!known(other.clone(), [7; 32]).await, "{other:?}");
    }
    assert!(!known(file(2, 10), [8; 32]).await);
    store.inbox_clear(Clear::All).await.unwrap();
    assert!(known(file(2, 10), [7; 32]).await, "it was here");
}
