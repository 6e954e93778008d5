use super::*;
use crate::store::trust::{LOG_ROWS, LOG_STRANGERS};

#[tokio::test]
async fn the_log_is_read_in_pages_forwards_and_from_its_end() {
    let scratch = scratch();
    let store = &scratch.store;
    let mut news = store.log_changes();
    assert_eq!(*news.borrow_and_update(), 0);
    for n in [1, 2, 1, 2, 1] {
        store.befriend(n).await;
    }
    assert_eq!(*news.borrow_and_update(), 5);
    let seqs = |log: Vec<LogEntry>| log.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(seqs(store.trust_log(0, 3, None).await.unwrap()), [1, 2, 3]);
    assert_eq!(seqs(store.trust_log(3, 3, None).await.unwrap()), [4, 5]);
    assert_eq!(seqs(store.trust_log(1, 9, Some(agent(1))).await.unwrap()), [3, 5]);
    assert_eq!(seqs(store.trust_log_tail(2, None).await.unwrap()), [4, 5]);
    assert_eq!(seqs(store.trust_log_tail(2, Some(agent(1))).await.unwrap()), [3, 5]);
    let entry = store.trust_log_tail(1, None).await.unwrap().remove(0);
    let NewLogEntry { at_ms, agent, event, by_us, generation, text, statement, name, address } =
        note(&relation(1, RelationState::Trusted), 1);
    let noted = LogEntry { seq: 5, at_ms, agent, event, by_us, generation, text, statement, name, address };
    assert_eq!(entry, noted);
}

impl Store {
    /// Puts so many entries into the log, of an agent that is known or not.
    async fn fill(&self, count: u64, known: bool) {
        let fill = move |db: &Connection| {
            db.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                 INSERT INTO trust_log (at, agent, known, event, by_us, generation, address)
                 SELECT 0, zeroblob(32), ?2, 2, 0, 0, zeroblob(6) FROM n",
                (sql::int(count), known),
            )?;
            Ok::<_, Error>(())
        };
        self.write(fill).await.unwrap();
    }
}

#[tokio::test]
async fn strangers_drive_nobody_but_strangers_out_of_the_log() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    let stranger = turn(&relation(2, RelationState::Pending), ContactChange::Keep);
    store.make(stranger.clone()).await.unwrap();
    store.fill(LOG_STRANGERS - 1, false).await;
    let first =
        async || store.trust_log(0, 2, None).await.unwrap().iter().map(|entry| entry.seq).collect::<Vec<_>>();
    // They are as many as may be.
    store.befriend(1).await;
    assert_eq!(first().await, [1, 2]);
    store.make(stranger).await.unwrap();
    assert_eq!(first().await, [1, 3]);
    assert_eq!(store.trust_log(0, 9, Some(agent(1))).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_oldest_entries_of_the_log_make_room_and_no_number_comes_twice() {
    let mut scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    store.fill(LOG_ROWS - 1, true).await;
    assert_eq!(store.trust_log(0, 1, None).await.unwrap()[0].seq, 1, "all of them fit");
    store.befriend(2).await;
    assert_eq!(store.trust_log(0, 1, None).await.unwrap()[0].seq, 2);
    let count = |db: &Connection| {
        Ok::<_, Error>(
            db.query_row("SELECT count(*) AS rows FROM trust_log", (), |row| sql::uint(row, "rows"))?,
        )
    };
    assert_eq!(store.write(count).await.unwrap(), LOG_ROWS);
    scratch.reopen().await;
    assert_eq!(*scratch.store.log_changes().borrow(), LOG_ROWS + 1);
}
