use super::*;

#[tokio::test]
async fn an_invite_is_kept_over_a_restart_and_does_not_show_its_secret() {
    let mut scratch = scratch();
    let reusable = InviteRow { created_ms: 5, ephemeral: false, ..invite(2, None) };
    scratch.store.invite_put(invite(1, Some(3))).await.unwrap();
    scratch.store.invite_put(reusable.clone()).await.unwrap();
    scratch.reopen().await;
    assert_eq!(scratch.store.invites_list().await.unwrap(), [reusable, invite(1, Some(3))]);
    assert_eq!(scratch.store.invite_get(id(1)).await.unwrap(), Some(invite(1, Some(3))));
    assert_eq!(scratch.store.invite_get(id(3)).await.unwrap(), None);
    let shown = format!("{:?}", InviteRow { secret: Zeroizing::new([0xAB; 16]), ..invite(1, None) });
    assert!(!shown.contains("secret") && !shown.contains("171"), "{shown}");
}

#[tokio::test]
async fn an_invite_can_be_withdrawn() {
    let scratch = scratch();
    let store = &scratch.store;
    store.invite_put(invite(1, None)).await.unwrap();
    assert!(store.invite_withdraw(id(1), 2).await.unwrap());
    assert!(!store.invite_withdraw(id(2), 2).await.unwrap());
    assert!(store.invite_get(id(1)).await.unwrap().unwrap().withdrawn);
    assert_eq!(store.issue(joining(1, 1)).await.unwrap(), IssueOutcome::Withdrawn);
}

#[tokio::test]
async fn only_so_many_invites_may_be_used_at_a_time() {
    let scratch = scratch();
    let store = &scratch.store;
    let most = u16::try_from(MAX_INVITES).unwrap();
    for n in 1..=most {
        store.invite_put(invite(n, Some(1))).await.unwrap();
    }
    let one_more = || store.invite_put(invite(most + 1, Some(1)));
    let error = one_more().await.unwrap_err();
    assert!(matches!(error, InviteStoreError::TooMany) && error.hint().is_some(), "{error}");
    assert_eq!(store.issue(joining(1, 1)).await.unwrap(), IssueOutcome::Issued);
    one_more().await.unwrap();
    store.invite_withdraw(id(2), 3).await.unwrap();
    store.invite_put(invite(most + 2, Some(1))).await.unwrap();
    let late = InviteRow { created_ms: 1 + DAY, expires_ms: 2 * DAY, ..invite(most + 3, Some(1)) };
    store.invite_put(late).await.unwrap();
}

#[tokio::test]
async fn invites_that_ended_are_kept_for_a_day() {
    let scratch = scratch();
    let store = &scratch.store;
    let long = |n, uses| InviteRow { expires_ms: 300 * DAY, ..invite(n, uses) };
    store.invite_put(invite(1, None)).await.unwrap(); // expires after a day
    store.invite_put(long(2, Some(1))).await.unwrap(); // is used up at 2
    store.invite_put(long(3, None)).await.unwrap(); // is withdrawn at 5
    store.invite_put(long(4, None)).await.unwrap(); // goes on
    assert_eq!(store.issue(joining(1, 2)).await.unwrap(), IssueOutcome::Issued);
    store.invite_withdraw(id(3), 5).await.unwrap();
    store.invite_withdraw(id(3), 500).await.unwrap();
    let left_when_another_is_made = async |at| {
        store.invite_put(InviteRow { created_ms: at, ..long(9, None) }).await.unwrap();
        let mut left: Vec<_> = store.invites_list().await.unwrap().iter().map(|row| row.id[15]).collect();
        left.sort_unstable();
        store
            .write(|db| Ok::<_, Error>(db.execute("DELETE FROM invites WHERE id = ?1", [id(9)])?))
            .await
            .unwrap();
        left
    };
    assert_eq!(left_when_another_is_made(DAY + 1).await, [1, 2, 3, 4, 9]);
    assert_eq!(left_when_another_is_made(DAY + 2).await, [1, 3, 4, 9]);
    assert_eq!(left_when_another_is_made(DAY + 5).await, [1, 4, 9]);
    assert_eq!(left_when_another_is_made(2 * DAY + 1).await, [4, 9]);
}
