use super::*;
use crate::store::inspect::Snapshot;

/// A database of version 3 with a message and a port.
fn before() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("airway.db");
    create_private(&path).unwrap();
    let db = Connection::open(&path).unwrap();
    for version in [
        include_str!("../../migrate/1.sql"),
        include_str!("../../migrate/2.sql"),
        include_str!("../../migrate/3.sql"),
    ] {
        db.execute_batch(version).unwrap();
    }
    db.execute_batch(
        "PRAGMA application_id = 0x41495257; PRAGMA user_version = 3;
         INSERT INTO meta VALUES ('listen_port', 4001);
         INSERT INTO inbox (agent, id, kind, sent_at, received_at, cost, body)
             VALUES (zeroblob(32), zeroblob(16), 0, 1, 2, 5, x'68656C6C6F');",
    )
    .unwrap();
    (dir, path)
}

#[tokio::test]
async fn a_home_of_before_is_one_of_the_backbone() {
    let (_dir, path) = before();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.bodies().await, [b"hello"]);
    assert_eq!(store.listen_port().await.unwrap(), Some(4001));
    assert_eq!(store.membership().await.unwrap(), None);
    assert_eq!(store.profile().await.unwrap(), Profile::default());
    assert_eq!(store.claim_time(7).await.unwrap(), 7);
    store.membership_enter(membership(1)).await.unwrap();
    assert_eq!(store.membership().await.unwrap(), Some(membership(1)));
}

#[test]
fn a_database_of_before_can_be_looked_into_without_changing_it() {
    let (_dir, path) = before();
    let snapshot = Snapshot::open(&path).unwrap().unwrap();
    assert!(snapshot.trust().unwrap().relations.is_empty());
    snapshot.check().unwrap();
    let db = Connection::open(&path).unwrap();
    assert_eq!(migrate::version(&db).unwrap(), 3);
}
