use super::*;

/// The request of agent `n`, from a source.
fn request(n: u16, source: &str) -> Turn {
    let relation = Relation { source: Some(source.into()), ..relation(n, RelationState::Pending) };
    turn(&relation, ContactChange::Keep)
}

fn invited(n: u16) -> Turn {
    let relation = Relation { invited: true, ..relation(n, RelationState::Pending) };
    turn(&relation, ContactChange::Keep)
}

impl Store {
    async fn pending(&self) -> usize {
        self.relations_in(RelationState::Pending).await.unwrap().len()
    }
}

const PENDING: u16 = MAX_PENDING as u16;

#[tokio::test]
async fn the_source_with_the_most_requests_makes_room() {
    let scratch = scratch();
    let store = &scratch.store;
    // The oldest of all, but the only one from there; and one that was invited before the others.
    store.make(request(1, "quiet")).await.unwrap();
    store.make(invited(2)).await.unwrap();
    for n in 3..=PENDING {
        store.make(request(n, "loud")).await.unwrap();
    }
    assert_eq!(store.pending().await, MAX_PENDING);
    store.make(request(PENDING + 1, "another")).await.unwrap();
    assert_eq!(store.pending().await, MAX_PENDING);
    assert_eq!(store.state_of(3).await, Some(RelationState::Stranger), "the oldest of the loud");
    assert_eq!(store.state_of(1).await, Some(RelationState::Pending));
    assert_eq!(store.events().await.last_chunk(), Some(&[(3, EVICTED), (PENDING + 1, 1)]));
    let evicted = store.relation(agent(3)).await.unwrap().unwrap();
    assert_eq!(evicted.since_ms, u64::from(PENDING) + 1);
    assert_eq!((evicted.source, evicted.justification, evicted.known), (None, None, false));

    // Whoever is loud drives out its own.
    store.make(request(PENDING + 2, "loud")).await.unwrap();
    assert_eq!(store.state_of(4).await, Some(RelationState::Stranger));
    assert_eq!(store.state_of(PENDING + 1).await, Some(RelationState::Pending));
    // A request that is pending already needs no room.
    store.make(request(1, "quiet")).await.unwrap();
    assert_eq!(store.pending().await, MAX_PENDING);
    let count =
        |_: Option<Relation>, look: &Look<'_>| Ok::<_, TrustStoreError>((None, look.pending_count()?));
    assert_eq!(store.relation_turn(agent(1), count).await.unwrap(), MAX_PENDING as u64);
}

#[tokio::test]
async fn requests_that_were_invited_make_no_room() {
    let scratch = scratch();
    let store = &scratch.store;
    for n in 1..PENDING {
        store.make(invited(n)).await.unwrap();
    }
    store.make(request(PENDING, "a")).await.unwrap();
    store.make(invited(PENDING + 1)).await.unwrap();
    assert_eq!(store.state_of(PENDING).await, Some(RelationState::Stranger));
    let before = store.events().await;
    for late in [request(PENDING + 2, "b"), invited(PENDING + 3)] {
        assert!(matches!(store.make(late).await, Err(TrustStoreError::Full)));
    }
    assert_eq!((store.pending().await, store.events().await), (MAX_PENDING, before));
    assert_eq!(store.state_of(PENDING + 2).await, None);
}

#[tokio::test]
async fn on_a_full_disk_trust_ends_and_nothing_else_is_said_of_others() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    store.make(turn(&relation(2, RelationState::Stranger), ContactChange::Keep)).await.unwrap();
    // As if there was no room to set anything aside: neither now nor when the reserve is taken anew.
    let reserve = scratch.path.with_extension("reserve");
    store.reserve.disk_is_full();
    store.reserve.release();
    std::fs::create_dir(&reserve).unwrap();
    for state in [RelationState::Stranger, RelationState::Requested] {
        let error = store.make(turn(&relation(2, state), ContactChange::Keep)).await.unwrap_err();
        assert!(matches!(error, TrustStoreError::Store(Error::Full)), "{state:?}: {error}");
    }
    store.make(turn(&relation(1, RelationState::Stranger), ContactChange::Remove)).await.unwrap();
    assert!(store.contacts_list().await.unwrap().is_empty());
    assert_eq!(store.events().await, [(1, 1), (2, 1), (1, 1)]);

    std::fs::remove_dir(&reserve).unwrap();
    store.befriend(1).await;
    assert!(store.reserve.is_held(), "what is set aside was taken back");
}

#[tokio::test]
async fn what_strangers_fill_is_never_read_through() {
    let scratch = scratch();
    let queries = [
        ("SELECT count(*) AS pending FROM relations WHERE state = 2", "relations_state (state=?)"),
        ("SELECT * FROM relations WHERE said IS NOT NULL ORDER BY said_until", "relations_said"),
        (
            "SELECT expires_at FROM relations INDEXED BY relations_expiry
             WHERE expires_at IS NOT NULL AND state IN (1, 2, 3) ORDER BY expires_at LIMIT 1",
            "relations_expiry",
        ),
        (
            "SELECT * FROM relations INDEXED BY relations_expiry
             WHERE expires_at IS NOT NULL AND state IN (1, 2, 3) AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
            "relations_expiry (expires_at>? AND expires_at<?)",
        ),
        ("DELETE FROM relations WHERE state = 0 AND known = 0 AND since < ?1", "relations_state (state=? AND known=? AND since<?)"),
        (
            "SELECT agent FROM relations WHERE state = 0 AND known = 0 ORDER BY since DESC LIMIT -1 OFFSET ?1",
            "COVERING INDEX relations_state (state=? AND known=?)",
        ),
        (
            "SELECT * FROM trust_log WHERE seq > ?1 AND agent = ?2 ORDER BY seq",
            "trust_log_agent (agent=? AND",
        ),
        ("SELECT * FROM trust_log WHERE agent = ?2 ORDER BY seq DESC", "trust_log_agent (agent=?)"),
        (
            "SELECT seq FROM trust_log WHERE known = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?1",
            "COVERING INDEX trust_log_strangers",
        ),
        ("DELETE FROM trust_log WHERE seq <= ?1", "INTEGER PRIMARY KEY (rowid<?)"),
    ];
    for (sql, expected) in queries {
        let plan = scratch.store.plan(sql).await;
        assert!(plan.contains(expected), "{sql}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[tokio::test]
async fn strangers_are_forgotten_after_a_while_unless_they_were_more() {
    const DAY: u64 = 24 * 3600 * 1000;
    let scratch = scratch();
    let store = &scratch.store;
    let states =
        [RelationState::Stranger, RelationState::Requested, RelationState::Trusted, RelationState::Blocked];
    for (n, state) in (1..).zip(states) {
        store.make(turn(&relation(n, state), ContactChange::Keep)).await.unwrap();
    }
    // Both were known, and are strangers now.
    for n in [2, 3] {
        store.make(turn(&relation(n, RelationState::Stranger), ContactChange::Keep)).await.unwrap();
    }
    assert_eq!(store.trust_prune(8 * DAY).await.unwrap(), 0);
    assert_eq!(store.trust_prune(8 * DAY + 2).await.unwrap(), 1);
    assert_eq!(store.state_of(1).await, None);
    for n in 2..=4 {
        assert!(store.state_of(n).await.is_some(), "{n}");
    }
}

#[tokio::test]
async fn the_oldest_of_too_many_strangers_are_forgotten() {
    let scratch = scratch();
    let store = &scratch.store;
    store.befriend(1).await;
    store.make(turn(&relation(1, RelationState::Stranger), ContactChange::Remove)).await.unwrap();
    let fill = |db: &Connection| {
        for n in 2..=MAX_STRANGERS as u16 + 1 {
            crate::store::trust::put(db, &relation(n, RelationState::Stranger))?;
        }
        Ok::<_, Error>(())
    };
    store.write(fill).await.unwrap();
    let last = MAX_STRANGERS as u16 + 2;
    store.make(turn(&relation(last, RelationState::Stranger), ContactChange::Keep)).await.unwrap();
    assert_eq!(store.relations_list().await.unwrap().len(), MAX_STRANGERS + 1);
    assert_eq!(store.state_of(2).await, None);
    assert!(store.state_of(1).await.is_some() && store.state_of(last).await.is_some());
}
