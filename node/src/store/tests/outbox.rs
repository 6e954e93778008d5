use super::*;

/// What an entry counts besides its content.
const COST: u64 = 256;

/// Milliseconds for which what was given up is kept.
const WEEK: u64 = 7 * 24 * 3600 * 1000;

/// Something for agent 1 with an id made of `id`, that expires at 1000.
fn parcel(id: u128, body: &[u8]) -> NewParcel {
    NewParcel {
        agent: [1; 32],
        id: id.to_be_bytes(),
        lane: 0,
        kind: 0,
        reply_to: None,
        name: None,
        size: body.len() as u64,
        queued_at_ms: 1,
        expires_at_ms: 1000,
        body: body.to_owned(),
    }
}

/// What `parcel` gave an entry as key.
fn key(id: u128) -> Key {
    ([1; 32], id.to_be_bytes())
}

impl Store {
    /// Queues something with an ample quota, and returns its number.
    async fn queue(&self, parcel: NewParcel) -> u64 {
        match self.outbox_put(parcel, AMPLE).await.unwrap() {
            Queued::At(entry) => entry.seq,
            other => panic!("not queued: {other:?}"),
        }
    }

    /// The numbers of what waits next for agent 1.
    async fn next(&self, lane: u8, after: u64) -> Vec<u64> {
        let page = self.outbox_next([1; 32], lane, after).await.unwrap();
        page.into_iter().map(|parcel| parcel.entry.seq).collect()
    }

    /// All numbers, and whether it was given up.
    async fn queued(&self) -> Vec<(u64, bool)> {
        let entries = self.outbox_list(OutboxFilter::default()).await.unwrap();
        entries.into_iter().map(|entry| (entry.seq, entry.failed.is_some())).collect()
    }

    async fn outbox_bytes(&self) -> u64 {
        let usage = "SELECT bytes FROM outbox_usage";
        self.read(move |db| Ok::<_, Error>(db.query_row(usage, (), |row| sql::uint(row, "bytes"))?))
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn an_entry_comes_back_as_it_was_put() {
    let mut scratch = scratch();
    let new = NewParcel {
        lane: 1,
        kind: 3,
        reply_to: Some([9; 16]),
        name: Some("report.pdf".into()),
        size: 1 << 40,
        ..parcel(5, b"hello")
    };
    let seq = scratch.store.queue(new).await;
    let entry = Entry {
        seq,
        agent: [1; 32],
        id: 5_u128.to_be_bytes(),
        lane: 1,
        kind: 3,
        reply_to: Some([9; 16]),
        name: Some("report.pdf".into()),
        size: 1 << 40,
        queued_at_ms: 1,
        expires_at_ms: 1000,
        failed: None,
    };
    scratch.reopen().await;
    let store = &scratch.store;
    assert_eq!(store.outbox_get(Pick::Seq(seq)).await.unwrap(), entry);
    let id = Pick::Id("00000000-0000-0000-0000-000000000005".parse().unwrap());
    assert_eq!(store.outbox_get(id).await.unwrap(), entry);
    let parcels = store.outbox_next([1; 32], 1, 0).await.unwrap();
    assert_eq!(parcels, [Parcel { entry, body: b"hello".to_vec() }]);
    assert!(matches!(store.outbox_get(Pick::Seq(7)).await, Err(GetError::NotFound { .. })));
}

#[tokio::test]
async fn the_same_content_keeps_its_place_and_other_content_is_a_conflict() {
    let scratch = scratch();
    let store = &scratch.store;
    let first = store.queue(parcel(1, b"a")).await;
    store.queue(parcel(2, b"b")).await;
    let again = NewParcel { queued_at_ms: 50, expires_at_ms: 5000, ..parcel(1, b"a") };
    assert_eq!(store.queue(again).await, first);
    assert_eq!(store.outbox_get(Pick::Seq(first)).await.unwrap().expires_at_ms, 1000);
    let others = [
        parcel(1, b"b"),
        NewParcel { kind: 1, ..parcel(1, b"a") },
        NewParcel { lane: 1, ..parcel(1, b"a") },
        NewParcel { size: 2, ..parcel(1, b"a") },
        NewParcel { name: Some("a".into()), ..parcel(1, b"a") },
        NewParcel { reply_to: Some([0; 16]), ..parcel(1, b"a") },
    ];
    for other in others {
        assert_eq!(store.outbox_put(other, AMPLE).await.unwrap(), Queued::Conflict);
    }
    store.queue(NewParcel { agent: [2; 32], ..parcel(1, b"b") }).await;
    assert_eq!(store.next(0, 0).await, [1, 2]);
}

#[tokio::test]
async fn the_quota_counts_what_waits_and_what_was_given_up() {
    let mut scratch = scratch();
    let quota = 2 * (COST + 10);
    for id in 1..=2 {
        scratch.store.queue(parcel(id, &[0; 10])).await;
    }
    scratch.reopen().await;
    let store = &scratch.store;
    let put = |id| store.outbox_put(parcel(id, &[0; 10]), quota);
    assert_eq!(put(3).await.unwrap(), Queued::Quota);
    assert!(matches!(put(1).await.unwrap(), Queued::At(Entry { seq: 1, .. })), "it is there already");
    store.outbox_fail(1, "no".into()).await.unwrap();
    assert_eq!(put(3).await.unwrap(), Queued::Quota);
    assert_eq!(store.outbox_remove(vec![2, 99]).await.unwrap(), 1);
    assert!(matches!(put(3).await.unwrap(), Queued::At(Entry { seq: 3, .. })));
    assert_eq!(store.outbox_bytes().await, quota);
}

#[tokio::test]
async fn what_was_given_up_is_queued_anew_in_its_own_room_or_stays() {
    let scratch = scratch();
    let store = &scratch.store;
    let quota = COST + 10;
    store.queue(parcel(1, &[0; 10])).await;
    store.outbox_fail(1, "no".into()).await.unwrap();
    assert_eq!(store.outbox_put(parcel(1, &[0; 11]), quota).await.unwrap(), Queued::Quota);
    assert_eq!(store.queued().await, [(1, true)], "what was refused has changed nothing");
    let anew = store.outbox_put(parcel(1, &[7; 10]), quota).await.unwrap();
    assert!(matches!(anew, Queued::At(Entry { seq: 2, failed: None, .. })), "{anew:?}");
    assert_eq!(store.queued().await, [(2, false)]);
    assert_eq!(store.outbox_bytes().await, quota);
}

#[tokio::test]
async fn pages_hold_what_waits_in_a_lane_in_order() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 0..200 {
        let agent = if id % 10 == 3 { [2; 32] } else { [1; 32] };
        store.queue(NewParcel { agent, lane: u8::from(id % 10 == 5), ..parcel(id, b"x") }).await;
    }
    store.outbox_fail(1, "no".into()).await.unwrap();
    let expected: Vec<u64> = (2..=200).filter(|seq| !matches!((seq - 1) % 10, 3 | 5)).collect();
    let mut paged = Vec::new();
    loop {
        let page = store.next(0, paged.last().copied().unwrap_or(0)).await;
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, expected);
    assert_eq!(store.next(1, 180).await, [186, 196]);
    let mut lanes = store.outbox_lanes().await.unwrap();
    lanes.sort_unstable();
    assert_eq!(lanes, [([1; 32], 0), ([1; 32], 1), ([2; 32], 0)]);
}

#[tokio::test]
async fn a_page_of_large_parcels_is_short_but_never_empty() {
    let scratch = scratch();
    for id in 0..6 {
        scratch.store.queue(parcel(id, &vec![0; 1 << 20])).await;
    }
    assert_eq!(scratch.store.next(0, 0).await, [1, 2, 3, 4]);
    assert_eq!(scratch.store.next(0, 4).await, [5, 6]);
    assert!(scratch.store.next(0, 6).await.is_empty());
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 0..6 {
        let agent = if id % 2 == 0 { [1; 32] } else { [2; 32] };
        store.queue(NewParcel { agent, ..parcel(id, b"x") }).await;
    }
    store.outbox_fail(3, "no".into()).await.unwrap();
    let list = async |filter| {
        let entries = store.outbox_list(filter).await.unwrap();
        entries.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let all = OutboxFilter::default();
    assert_eq!(list(all).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(list(OutboxFilter { after: 2, limit: Some(2), ..all }).await, [3, 4]);
    assert_eq!(list(OutboxFilter { agent: Some([2; 32]), after: 2, ..all }).await, [4, 6]);
    assert_eq!(store.outbox_count().await.unwrap(), (5, 1));
}

#[tokio::test]
async fn numbers_are_never_used_twice() {
    let mut scratch = scratch();
    for id in 1..=3 {
        scratch.store.queue(parcel(id, b"x")).await;
    }
    assert_eq!(scratch.store.outbox_remove(vec![2, 3]).await.unwrap(), 2);
    scratch.reopen().await;
    assert_eq!(scratch.store.queue(parcel(4, b"x")).await, 4);
    assert_eq!(scratch.store.next(0, 0).await, [1, 4]);
}

#[tokio::test]
async fn what_is_withdrawn_or_cleared_is_gone_and_free() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in 1..=4 {
        store.queue(parcel(id, b"x")).await;
    }
    store.queue(NewParcel { agent: [2; 32], ..parcel(1, b"x") }).await;
    store.outbox_fail(3, "no".into()).await.unwrap();
    store.outbox_withdraw([1; 32], 1_u128.to_be_bytes()).await.unwrap();
    store.outbox_withdraw([1; 32], 1_u128.to_be_bytes()).await.unwrap();
    assert_eq!(store.queued().await, [(2, false), (3, true), (4, false), (5, false)]);
    assert_eq!(store.outbox_clear(None, true).await.unwrap(), [key(3)]);
    assert_eq!(store.outbox_clear(Some([1; 32]), false).await.unwrap(), [key(2), key(4)]);
    assert_eq!(store.queued().await, [(5, false)]);
    assert_eq!(store.outbox_clear(None, false).await.unwrap().len(), 1);
    assert_eq!(store.outbox_bytes().await, 0);
}

#[tokio::test]
async fn what_was_for_an_agent_that_is_not_trusted_any_more_is_disowned() {
    let scratch = scratch();
    let store = &scratch.store;
    let contact = "INSERT INTO contacts VALUES (?1, ?1, x'010203040506', NULL, NULL, '[]', 1, NULL)";
    store.write(move |db| Ok::<_, Error>(db.execute(contact, [[2; 32]])?)).await.unwrap();
    store.queue(parcel(1, b"x")).await;
    store.queue(NewParcel { agent: [2; 32], ..parcel(2, b"x") }).await;
    assert_eq!(store.outbox_disown().await.unwrap(), [key(1)]);
    assert!(store.outbox_disown().await.unwrap().is_empty());
    assert_eq!(store.queued().await, [(2, false)]);
}

#[tokio::test]
async fn what_has_expired_is_given_up_once_and_forgotten_a_week_later() {
    let mut scratch = scratch();
    scratch.store.queue(parcel(1, b"x")).await;
    scratch.store.queue(NewParcel { expires_at_ms: 2000, ..parcel(2, b"x") }).await;
    assert!(scratch.store.outbox_expire(999).await.unwrap().is_empty());
    assert_eq!(scratch.store.outbox_expire(1000).await.unwrap(), [key(1)]);
    assert!(scratch.store.outbox_expire(1001).await.unwrap().is_empty());
    scratch.reopen().await;
    let store = &scratch.store;
    assert_eq!(store.queued().await, [(1, true), (2, false)]);
    assert_eq!(store.next(0, 0).await, [2]);
    assert_eq!(store.outbox_expire(1000 + WEEK).await.unwrap(), [key(2)]);
    assert_eq!(store.queued().await, [(2, true)]);
    assert!(store.outbox_expire(2000 + WEEK).await.unwrap().is_empty());
    assert!(store.queued().await.is_empty());
    assert_eq!(store.outbox_bytes().await, 0);
}

#[tokio::test]
async fn whatever_ends_can_end_on_a_full_disk() {
    const WAYS: [(u128, &str); 6] = [
        (1, "delivered"),
        (2, "withdrawn"),
        (3, "cleared"),
        (4, "disowned"),
        (5, "given up"),
        (6, "expired"),
    ];
    let scratch = scratch();
    let store = &scratch.store;
    for (id, free) in WAYS {
        let seq = store.queue(parcel(id, b"x")).await;
        store.reserve.disk_is_full();
        match free {
            "given up" => store.outbox_fail(seq, "no".into()).await.unwrap(),
            "expired" => assert_eq!(store.outbox_expire(1000).await.unwrap(), [key(id)]),
            "delivered" => assert_eq!(store.outbox_remove(vec![seq]).await.unwrap(), 1),
            "withdrawn" => store.outbox_withdraw([1; 32], id.to_be_bytes()).await.unwrap(),
            "cleared" => assert_eq!(store.outbox_clear(None, false).await.unwrap(), [key(id)]),
            _ => assert_eq!(store.outbox_disown().await.unwrap(), [key(id)]),
        }
        assert!(!store.reserve.is_tight(), "{free}: what is set aside was not used");
        assert!(store.reserve.is_held(), "{free}: what is set aside was not taken back");
    }
}

#[tokio::test]
async fn a_long_outbox_is_never_read_through() {
    let scratch = scratch();
    let store = &scratch.store;
    let queries = [
        (
            "SELECT seq, body FROM outbox WHERE agent = ?1 AND lane = ?2 AND seq > ?3 AND failed IS NULL
          ORDER BY seq LIMIT ?4",
            "SEARCH outbox USING INDEX outbox_waiting (agent=? AND lane=? AND seq>?)",
        ),
        ("SELECT DISTINCT agent, lane FROM outbox WHERE failed IS NULL", "USING INDEX outbox_waiting"),
        ("SELECT 1 FROM outbox WHERE expires_at <= ?1 AND failed IS NULL", "outbox_expiry (expires_at<?)"),
        (
            "SELECT 1 FROM outbox WHERE expires_at <= ?1 AND failed IS NOT NULL",
            "outbox_failed (expires_at<?)",
        ),
        (
            "UPDATE outbox SET failed = ?2 WHERE expires_at <= ?1 AND failed IS NULL RETURNING agent, id",
            "outbox_expiry (expires_at<?)",
        ),
        ("DELETE FROM outbox WHERE expires_at <= ?1 AND failed IS NOT NULL", "outbox_failed (expires_at<?)"),
        ("DELETE FROM outbox WHERE agent = ?1 AND id = ?2", "(agent=? AND id=?)"),
        ("SELECT seq FROM outbox WHERE id BETWEEN ?1 AND ?2 LIMIT 2", "outbox_id (id>? AND id<?)"),
    ];
    for (sql, expected) in queries {
        let plan = store.plan(sql).await;
        assert!(plan.contains(expected), "{sql}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
