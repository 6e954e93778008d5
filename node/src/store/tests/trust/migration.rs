use super::*;
use crate::store::inspect::Snapshot;

/// A database of version 2 with two contacts.
fn before() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("airway.db");
    create_private(&path).unwrap();
    let db = Connection::open(&path).unwrap();
    for version in [include_str!("../../migrate/1.sql"), include_str!("../../migrate/2.sql")] {
        db.execute_batch(version).unwrap();
    }
    db.execute_batch("PRAGMA application_id = 0x41495257; PRAGMA user_version = 2").unwrap();
    for (n, alias) in [(1, Some("bob")), (2, None)] {
        let relation = relation(n, RelationState::Trusted);
        let multiaddrs = r#"["/ip4/192.0.2.1/tcp/1"]"#;
        db.execute(
            "INSERT INTO contacts (agent, public_key, address, name, alias, multiaddrs, trusted_at, last_used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 9)",
            (relation.agent, relation.public_key, relation.address, &relation.name, alias, multiaddrs, n),
        )
        .unwrap();
    }
    (dir, path)
}

#[tokio::test]
async fn contacts_of_before_are_trusted_and_pinned() {
    let (_dir, path) = before();
    let store = Store::open(&path).unwrap();
    let contacts = store.contacts_list().await.unwrap();
    let kept = (contacts.len(), contacts[0].alias.as_deref(), contacts[0].last_used_ms);
    assert_eq!(kept, (2, Some("bob"), Some(9)));
    let multiaddrs = vec!["/ip4/192.0.2.1/tcp/1".parse().unwrap()];
    let trusted =
        |n| Relation { known: true, multiaddrs: multiaddrs.clone(), ..relation(n, RelationState::Trusted) };
    assert_eq!(store.relations_list().await.unwrap(), [trusted(1), trusted(2)]);
    let pin = |n: u16| Pin { address: trusted(n).address, agent: agent(n), since_ms: n.into() };
    assert_eq!(store.pins_list().await.unwrap(), [pin(1), pin(2)]);
    assert_eq!(*store.log_changes().borrow(), 0);
}

#[test]
fn a_database_of_before_can_be_looked_into_without_changing_it() {
    let (_dir, path) = before();
    let snapshot = Snapshot::open(&path).unwrap().unwrap();
    let Carried { contacts, relations, pins } = snapshot.trust().unwrap();
    assert_eq!((contacts.len(), relations.len(), pins.len()), (2, 0, 0));
    snapshot.check().unwrap();
    let db = Connection::open(&path).unwrap();
    assert_eq!(migrate::version(&db).unwrap(), 2);
}
