use super::*;
use crate::store::tasks::{LOG_OF_ONE, LOG_REFUSED};

/// A task of agent 1 with an id made of `id`.
fn task(role: u8, id: u128) -> TaskRow {
    TaskRow {
        seq: 0,
        key: key(role, id),
        digest: [3; 32],
        body: Some(b"body".to_vec()),
        machine: b"machine".to_vec(),
        state: 1,
        open: true,
        queued: false,
        place: None,
        due: None,
        settled: true,
        submits: false,
        held: false,
        max_reward: u64::MAX,
        text: None,
        words: None,
        output: None,
        claim: None,
        created_at_ms: 1,
        changed_at_ms: 1,
    }
}

fn key(role: u8, id: u128) -> TaskKey {
    TaskKey { role, agent: [1; 32], id: id.to_be_bytes() }
}

fn entry(task: u128, state: Option<u8>) -> NewTaskEntry {
    NewTaskEntry {
        at_ms: 1,
        role: 1,
        agent: [1; 32],
        task: task.to_be_bytes(),
        what: 0,
        state,
        text: Some("said".into()),
    }
}

fn receipt(number: u64, hash: u8) -> NewReceipt {
    NewReceipt {
        own: true,
        requester: [1; 32],
        worker: [2; 32],
        number,
        task: u128::from(number).to_be_bytes(),
        hash: [hash; 32],
        outcome: 1,
        reward: u64::MAX,
        at_ms: u64::MAX,
        receipt: vec![hash],
    }
}

impl Store {
    /// One change of tasks, on the disk.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Table<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.tasks_change(Room::Takes, change, |_| {}).await?.await
    }

    /// Stores a task as it is, and returns it as it is then.
    async fn put_task(&self, mut row: TaskRow) -> TaskRow {
        self.change(move |table| table.put(&mut row).map(|()| row)).await.unwrap()
    }

    async fn ids(&self, filter: TaskFilter) -> Vec<u128> {
        let rows = self.tasks_list(filter).await.unwrap();
        rows.into_iter().map(|row| u128::from_be_bytes(row.key.id)).collect()
    }
}

#[tokio::test]
async fn a_task_comes_back_as_it_was_put() {
    let mut scratch = scratch();
    let new = TaskRow {
        queued: true,
        due: Some(9),
        settled: false,
        held: true,
        text: Some("text".into()),
        words: Some("words".into()),
        output: Some(b"output".to_vec()),
        claim: Some(b"claim".to_vec()),
        ..task(1, 5)
    };
    let stored = scratch.store.put_task(new.clone()).await;
    assert_eq!(stored, TaskRow { seq: 1, place: Some(1), ..new });
    scratch.reopen().await;
    assert_eq!(scratch.store.task(key(1, 5)).await.unwrap(), Some(stored.clone()));
    let changed = TaskRow { machine: b"other".to_vec(), state: 2, open: false, due: None, ..stored };
    scratch.store.put_task(changed.clone()).await;
    let pick = |role| TaskPick { id: "00000000-0000-0000-0000-000000000005".parse().unwrap(), role };
    assert_eq!(scratch.store.task_pick(pick(None)).await.unwrap(), changed);
    assert_eq!(scratch.store.task(key(0, 5)).await.unwrap(), None);
    let missing = scratch.store.task_pick(pick(Some(0))).await;
    assert!(matches!(missing, Err(TaskPickError::NotFound(_))), "{missing:?}");
    scratch.store.put_task(task(0, 5)).await;
    let several = scratch.store.task_pick(pick(None)).await;
    assert!(matches!(several, Err(TaskPickError::Ambiguous(_))), "{several:?}");
}

#[tokio::test]
async fn a_change_happens_whole_or_not_at_all() {
    let scratch = scratch();
    let store = &scratch.store;
    let (log, receipts) = (store.task_log_changes(), store.receipt_changes());
    let failed = store.change(|table| {
        table.put(&mut task(1, 1))?;
        table.note(&entry(1, Some(1)))?;
        table.add_receipt(&receipt(1, 1))?;
        Err::<(), _>(Error::Aborted)
    });
    assert!(matches!(failed.await, Err(Error::Aborted)));
    assert_eq!(store.task_usage(1).await.unwrap(), TaskUsage::default());
    assert!(store.receipts(0, None).await.unwrap().is_empty());
    assert_eq!((*log.borrow(), *receipts.borrow()), (0, 0));

    let done = store.change(|table| {
        table.put(&mut task(1, 1))?;
        table.note(&entry(1, Some(1)))?;
        table.add_receipt(&receipt(1, 1))
    });
    done.await.unwrap();
    assert_eq!(store.task_usage(1).await.unwrap().open, 1);
    assert!(*log.borrow() > 0 && *receipts.borrow() > 0);
}

#[tokio::test]
async fn the_queue_goes_by_places_and_what_goes_back_keeps_its_own() {
    let scratch = scratch();
    let store = &scratch.store;
    let mut rows = Vec::new();
    for id in [3, 1, 2] {
        rows.push(store.put_task(TaskRow { queued: true, ..task(1, id) }).await);
    }
    let head = |table: &Table<'_>| Ok(table.head()?.map(|row| u128::from_be_bytes(row.key.id)));
    assert_eq!(store.change(head).await.unwrap(), Some(3));
    let taken = store.put_task(TaskRow { queued: false, ..rows[0].clone() }).await;
    assert_eq!(store.change(head).await.unwrap(), Some(1));
    let last = store.put_task(TaskRow { queued: true, ..task(1, 4) }).await;
    store.put_task(TaskRow { queued: true, ..taken }).await;
    let queue: Vec<_> = store.tasks_queued().await.unwrap().into_iter().map(|row| row.key.id).collect();
    assert_eq!(queue, [3_u128, 1, 2, 4].map(u128::to_be_bytes));
    assert_eq!(store.tasks_ahead(last.place.unwrap()).await.unwrap(), 3);
}

#[tokio::test]
async fn what_tasks_take_up_is_counted_whatever_becomes_of_them() {
    const COST: u64 = 1024;
    let scratch = scratch();
    let store = &scratch.store;
    let row = store.put_task(task(1, 1)).await;
    store.put_task(task(1, 2)).await;
    store.put_task(task(0, 3)).await;
    let used = |bytes, rows, open| TaskUsage { bytes, rows, open };
    assert_eq!(store.task_usage(1).await.unwrap(), used(2 * (COST + 4), 2, 2));
    store.put_task(TaskRow { open: false, output: Some(vec![0; 100]), ..row }).await;
    assert_eq!(store.task_usage(1).await.unwrap(), used(2 * (COST + 4) + 100, 2, 1));
    assert_eq!(store.task_usage(0).await.unwrap(), used(COST + 4, 1, 1));
    let open = store.change(|table| Ok((table.open_with(1, &[1; 32])?, table.tombs_of(&[1; 32])?)));
    assert_eq!(open.await.unwrap(), (1, 0));
    let month = u64::try_from(KEEP_OVER.as_millis()).unwrap();
    assert_eq!(store.tasks_prune(month + 1, u64::MAX).await.unwrap(), [key(1, 1)]);
    assert_eq!(store.task_usage(1).await.unwrap(), used(COST + 4, 1, 1));
}

#[tokio::test]
async fn what_is_over_is_forgotten_earlier_while_tasks_take_up_half_of_their_room() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put_task(TaskRow { open: false, ..task(1, 1) }).await;
    store.put_task(TaskRow { open: false, output: Some(vec![0; 9_000]), ..task(1, 2) }).await;
    store.put_task(TaskRow { open: false, ..task(0, 3) }).await;
    store.put_task(task(1, 4)).await;
    let used = store.task_usage(1).await.unwrap().bytes;
    let day = u64::try_from(KEEP_TIGHT.as_millis()).unwrap();
    assert!(store.tasks_prune(day + 1, 2 * used).await.unwrap().is_empty(), "there is room");
    assert!(store.tasks_prune(day / 2, used).await.unwrap().is_empty(), "it was over a moment ago");
    assert_eq!(store.tasks_prune(day + 1, used).await.unwrap(), [key(1, 1), key(1, 2)]);
    assert!(store.task_usage(1).await.unwrap().bytes < used / 2, "there is room again");
}

#[tokio::test]
async fn what_is_open_or_unsettled_is_not_forgotten_and_logs_go_with_their_tasks() {
    let scratch = scratch();
    let store = &scratch.store;
    store.put_task(task(1, 1)).await;
    store.put_task(TaskRow { open: false, settled: false, ..task(1, 2) }).await;
    store.put_task(TaskRow { open: false, ..task(1, 3) }).await;
    let note = store.change(|table| {
        for id in 1..=3 {
            table.note(&entry(id, Some(1)))?;
        }
        table.note(&entry(3, None))
    });
    note.await.unwrap();
    let month = u64::try_from(KEEP_OVER.as_millis()).unwrap();
    assert!(store.tasks_prune(month, u64::MAX).await.unwrap().is_empty(), "a moment too early");
    assert_eq!(store.tasks_prune(u64::MAX, u64::MAX).await.unwrap(), [key(1, 3)]);
    assert_eq!(store.ids(TaskFilter::default()).await, [1, 2]);
    let log = store.task_log(TaskLogFilter::default()).await.unwrap();
    let kept: Vec<_> = log.iter().map(|entry| (u128::from_be_bytes(entry.task), entry.state)).collect();
    assert_eq!(kept, [(1, Some(1)), (2, Some(1)), (3, None)], "a refusal stays");
}

#[tokio::test]
async fn lists_go_by_role_state_agent_and_number() {
    let scratch = scratch();
    let store = &scratch.store;
    for (role, id, state) in [(0, 1, 0), (1, 2, 1), (1, 3, 2), (0, 4, 5)] {
        store.put_task(TaskRow { state, due: Some(10 * u64::from(state)), ..task(role, id) }).await;
    }
    let all = TaskFilter::default;
    assert_eq!(store.ids(all()).await, [1, 2, 3, 4]);
    assert_eq!(store.ids(TaskFilter { role: Some(1), ..all() }).await, [2, 3]);
    assert_eq!(store.ids(TaskFilter { states: vec![0, 2], ..all() }).await, [1, 3]);
    assert_eq!(store.ids(TaskFilter { agent: Some([9; 32]), ..all() }).await, [0; 0]);
    assert_eq!(store.ids(TaskFilter { after: 1, limit: Some(2), ..all() }).await, [2, 3]);
    assert_eq!(store.ids(TaskFilter { limit: Some(2), tail: true, ..all() }).await, [3, 4]);
    assert_eq!(store.tasks_next_due().await.unwrap(), Some(0));
    let due = store.change(|table| table.due(10)).await.unwrap();
    assert_eq!(due.len(), 2);
    let new = store.change(|table| table.in_state(1, 1, 0)).await.unwrap();
    assert_eq!(new.len(), 1);
    assert!(store.change(|table| table.in_state(1, 1, 2)).await.unwrap().is_empty());
    assert!(store.change(|table| table.is_of_another(&key(1, 1))).await.unwrap());
    assert!(!store.change(|table| table.is_of_another(&key(0, 1))).await.unwrap());
    // Nobody here is a contact.
    assert_eq!(store.change(|table| table.disowned(1)).await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_owed_to_an_agent_comes_in_order() {
    let scratch = scratch();
    let store = &scratch.store;
    for id in [2, 1] {
        store.put_task(TaskRow { settled: false, held: id == 1, ..task(0, id) }).await;
    }
    store.put_task(task(0, 3)).await;
    assert_eq!(store.tasks_unsettled_agents().await.unwrap(), [[1; 32]]);
    for id in [5, 4] {
        store.put_task(TaskRow { settled: false, submits: true, ..task(0, id) }).await;
    }
    for (submits, seqs) in [(false, [1, 2]), (true, [4, 5])] {
        let owed = store.tasks_unsettled([1; 32], submits, 0).await.unwrap();
        assert_eq!(owed.iter().map(|row| row.seq).collect::<Vec<_>>(), seqs);
        assert_eq!(store.tasks_unsettled([1; 32], submits, seqs[0]).await.unwrap().len(), 1);
    }
    assert_eq!(store.tasks_held(Some([1; 32])).await.unwrap(), store.tasks_held(None).await.unwrap());
    assert_eq!(store.tasks_held(None).await.unwrap()[0].key, key(0, 1));
}

#[tokio::test]
async fn the_log_keeps_the_newest_of_each_task_and_of_refusals() {
    let scratch = scratch();
    let store = &scratch.store;
    let filled = store.change(|table| {
        table.note(&entry(1, Some(1)))?;
        for _ in 0..=LOG_OF_ONE {
            table.note(&entry(2, Some(1)))?;
        }
        for _ in 0..=LOG_REFUSED {
            table.note(&entry(3, None))?;
        }
        Ok(())
    });
    filled.await.unwrap();
    let count = async |task: u128, refused| {
        let (mut after, mut count) = (0, 0);
        loop {
            let filter =
                TaskLogFilter { after, task: Some(task.to_be_bytes()), refused, ..TaskLogFilter::default() };
            let page = store.task_log(filter).await.unwrap();
            let Some(last) = page.last() else { return count };
            (after, count) = (last.seq, count + page.len() as u64);
        }
    };
    assert_eq!(count(1, false).await, 1);
    assert_eq!(count(2, false).await, LOG_OF_ONE);
    assert_eq!((count(3, false).await, count(3, true).await), (LOG_REFUSED, LOG_REFUSED));
    let last = store.task_log(TaskLogFilter { limit: Some(1), tail: true, ..TaskLogFilter::default() });
    assert_eq!(last.await.unwrap()[0].seq, *store.task_log_changes().borrow());
}

#[tokio::test]
async fn there_is_one_receipt_of_a_task_and_one_at_each_place_of_a_chain() {
    let scratch = scratch();
    let store = &scratch.store;
    store.change(|table| table.add_receipt(&receipt(1, 1))).await.unwrap();
    let same_task = NewReceipt { task: receipt(1, 1).task, ..receipt(2, 2) };
    for wrong in [receipt(1, 2), same_task] {
        store.change(move |table| table.add_receipt(&wrong)).await.unwrap_err();
    }
    store.change(|table| table.add_receipt(&receipt(2, 2))).await.unwrap();
    let head = store.change(|table| table.chain(&[1; 32], &[2; 32])).await.unwrap();
    assert_eq!(head, Some(ChainHead { number: 2, hash: [2; 32] }));
    let row = store.receipt_of_task([1; 32], [2; 32], 1_u128.to_be_bytes()).await.unwrap().unwrap();
    assert_eq!(row.is, receipt(1, 1));
    // The other way round is another chain.
    assert_eq!(store.change(|table| table.chain(&[2; 32], &[1; 32])).await.unwrap(), None);
}

#[tokio::test]
async fn receipts_of_others_are_known_once_and_may_contradict_each_other() {
    let scratch = scratch();
    let store = &scratch.store;
    let of_others = |number, hash| NewReceipt { own: false, ..receipt(number, hash) };
    assert_eq!(
        store.receipts_learn(vec![of_others(1, 1), of_others(1, 2), of_others(1, 1)]).await.unwrap(),
        2
    );
    assert_eq!(store.receipts_learn(vec![of_others(1, 1)]).await.unwrap(), 0);
    assert_eq!(store.receipts(0, Some(false)).await.unwrap().len(), 2);
    // One of our own that was heard of before is ours from now on.
    store.change(|table| table.add_receipt(&receipt(1, 1))).await.unwrap();
    assert_eq!(store.receipts(0, Some(true)).await.unwrap().len(), 1);
    assert_eq!(store.receipts_of_pair([1; 32], [2; 32], 0, 10).await.unwrap().len(), 2);
    assert!(store.receipts_of_pair([1; 32], [2; 32], 1, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_looked_for_often_is_found_by_an_index() {
    let scratch = scratch();
    let store = &scratch.store;
    for (sql, index) in [
        ("SELECT seq FROM tasks WHERE queued = 1 ORDER BY place LIMIT 1", "tasks_queue"),
        ("SELECT min(due) FROM tasks WHERE due IS NOT NULL", "tasks_due"),
        (
            "SELECT seq FROM tasks WHERE agent = ?1 AND submits = ?2 AND settled = 0 AND seq > ?3 ORDER BY seq",
            "tasks_unsettled",
        ),
        ("SELECT count(*) FROM tasks WHERE role = ?1 AND agent = ?2 AND open = 1", "tasks_open"),
        ("SELECT count(*) FROM tasks WHERE agent = ?1 AND body IS NULL", "tasks_tombs"),
    ] {
        let plan = store.plan(sql).await;
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
