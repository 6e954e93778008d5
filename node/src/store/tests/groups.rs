use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use super::*;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps the writer busy until `release` is dropped, so that what is sent meanwhile makes one group.
async fn hold_writer(store: &Store) -> Sender<()> {
    let (release, held) = channel();
    let (started, running) = oneshot::channel();
    let store = store.clone();
    tokio::spawn(async move {
        let wait = move |_: &Connection| {
            started.send(()).ok();
            wait_for_drop(&held);
            Ok::<_, Error>(())
        };
        store.write(wait).await
    });
    running.await.unwrap();
    release
}

fn wait_for_drop(held: &Receiver<()>) {
    held.recv_timeout(PATIENCE).ok();
}

fn set_max_pages(db: &Connection, pages: u32) -> Result<(), Error> {
    Ok(db.query_row(&format!("PRAGMA max_page_count = {pages}"), (), |_| Ok(()))?)
}

#[tokio::test]
async fn a_change_is_committed_when_it_is_acknowledged() {
    let scratch = scratch();
    scratch.store.put(message(1, b"hello")).await;
    let other = Connection::open(&scratch.path).unwrap();
    let count: u32 = other.query_row("SELECT count(*) FROM inbox", (), |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_failing_change_is_undone_alone() {
    let scratch = scratch();
    let release = hold_writer(&scratch.store).await;
    let bad = scratch.store.write(|db| {
        db.execute("INSERT INTO meta VALUES ('bad', 1)", ())?;
        Err::<(), _>(Error::Busy)
    });
    let good = scratch.store.set_listen_port(1);
    let free = async { drop(release) };
    let (bad, good, ()) = tokio::join!(bad, good, free);
    assert!(matches!(bad, Err(Error::Busy)));
    good.unwrap();
    assert_eq!(scratch.store.listen_port().await.unwrap(), Some(1));
    let count = scratch
        .store
        .read(|db| Ok::<u32, Error>(db.query_row("SELECT count(*) FROM meta", (), |row| row.get(0))?));
    assert_eq!(count.await.unwrap(), 1);
}

#[tokio::test]
async fn a_panic_undoes_its_change_and_the_writer_goes_on() {
    let scratch = scratch();
    let panicked = scratch.store.write::<(), Error>(|db| {
        db.execute("INSERT INTO meta VALUES ('listen_port', 1)", ())?;
        panic!("on purpose")
    });
    assert!(matches!(panicked.await, Err(Error::Panicked)));
    assert_eq!(scratch.store.listen_port().await.unwrap(), None);
    let panicked = scratch.store.read::<(), Error>(|_| panic!("on purpose"));
    assert!(matches!(panicked.await, Err(Error::Panicked)));
    scratch.store.set_listen_port(2).await.unwrap();
    assert_eq!(scratch.store.listen_port().await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_group_whose_transaction_is_lost_fails_as_a_whole() {
    let scratch = scratch();
    let release = hold_writer(&scratch.store).await;
    let good = scratch.store.set_listen_port(1);
    // What SQLite does by itself when the disk fails in the wrong moment.
    let fatal = scratch.store.write(|db| Ok::<_, Error>(db.execute_batch("ROLLBACK")?));
    let behind = scratch.store.set_network_number(1);
    let free = async { drop(release) };
    let (good, fatal, behind, ()) = tokio::join!(good, fatal, behind, free);
    assert!([good, fatal, behind].iter().all(|result| matches!(result, Err(Error::Aborted))));
    assert_eq!(scratch.store.listen_port().await.unwrap(), None);
    scratch.store.set_listen_port(2).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_fails_fails_the_group_and_leaves_nothing() {
    let scratch = scratch();
    let deferred = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
                    CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)";
    scratch.store.write(move |db| Ok::<_, Error>(db.execute_batch(deferred)?)).await.unwrap();
    let release = hold_writer(&scratch.store).await;
    let good = scratch.store.inbox_put(message(1, b"hello"), AMPLE);
    // Found to be wrong only at the commit.
    let orphan = scratch.store.write(|db| Ok::<_, Error>(db.execute_batch("INSERT INTO child VALUES (1)")?));
    let free = async { drop(release) };
    let (good, orphan, ()) = tokio::join!(good, orphan, free);
    assert!(matches!(good, Err(Error::Sqlite(_))), "{good:?}");
    assert!(orphan.is_err());
    assert_eq!(*scratch.store.inbox_newest().borrow(), 0);
    assert!(scratch.store.bodies().await.is_empty());
    assert!(matches!(scratch.store.inbox_put(message(1, b"hello"), AMPLE).await, Ok(Stored::New { .. })));
}

#[tokio::test]
async fn nothing_overtakes_a_message_whose_group_has_failed() {
    let scratch = scratch();
    let store = &scratch.store;
    let order = Sequence::default();
    let release = hold_writer(store).await;
    let first = store.inbox_put_next(&order, message(1, b"first"), AMPLE).await.unwrap();
    let fatal = store.write(|db| Ok::<_, Error>(db.execute_batch("ROLLBACK")?));
    let free = async { drop(release) };
    let (fatal, ()) = tokio::join!(fatal, free);
    assert!(fatal.is_err());
    // Nobody has looked yet at what became of the first one.
    let second = store.inbox_put_next(&order, message(2, b"second"), AMPLE).await.unwrap();
    assert_eq!(second.await.unwrap(), Stored::OutOfTurn);
    assert!(first.await.is_err());
    assert!(store.bodies().await.is_empty());
}

#[tokio::test]
async fn what_waits_for_the_writer_is_not_stored_once_its_sequence_is_over() {
    let scratch = scratch();
    let store = &scratch.store;
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let order = over.clone();
    let order = Sequence::ending(move || order.load(std::sync::atomic::Ordering::Acquire));
    let first = store.inbox_put_next(&order, message(1, b"first"), AMPLE).await.unwrap();
    assert!(matches!(first.await, Ok(Stored::New { .. })));
    let release = hold_writer(store).await;
    let second = store.inbox_put_next(&order, message(2, b"second"), AMPLE).await.unwrap();
    over.store(true, std::sync::atomic::Ordering::Release);
    drop(release);
    assert_eq!(second.await.unwrap(), Stored::OutOfTurn);
    assert_eq!(store.bodies().await, [b"first"]);
}

#[tokio::test]
async fn a_full_disk_refuses_changes_until_there_is_room() {
    let scratch = scratch();
    let store = &scratch.store;
    store.write(|db| set_max_pages(db, 30)).await.unwrap();
    let body = vec![7; 10_000];
    let mut stored = 0;
    let error = loop {
        match store.inbox_put(message(stored, &body), AMPLE).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Full), "{error:?}");
    assert_eq!(store.bodies().await.len() as u128, stored);
    store.set_listen_port(1).await.unwrap();

    store.write(|db| set_max_pages(db, 1000)).await.unwrap();
    assert!(matches!(store.inbox_put(message(stored, &body), AMPLE).await, Ok(Stored::New { .. })));
}

#[tokio::test]
async fn changes_sent_before_closing_are_kept() {
    let mut scratch = scratch();
    let release = hold_writer(&scratch.store).await;
    let store = scratch.store.clone();
    let (put, (), ()) =
        tokio::join!(store.inbox_put(message(1, b"late"), AMPLE), store.close(), async { drop(release) });
    put.unwrap();
    scratch.reopen().await;
    assert_eq!(scratch.store.bodies().await, [b"late"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_puts_at_once_are_all_stored_in_order() {
    let scratch = scratch();
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..1000 {
        let store = scratch.store.clone();
        tasks.spawn(async move { store.put(message(id, b"x")).await });
    }
    let mut seqs = tasks.join_all().await;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=1000).collect::<Vec<_>>());
    assert_eq!(*scratch.store.inbox_newest().borrow(), 1000);
    assert_eq!(scratch.store.bodies().await.len(), 1000);
}
