use futures::future::join_all;

use super::*;

impl Store {
    /// The uses that invite `n` has left.
    async fn uses_left(&self, n: u16) -> Option<u32> {
        self.invite_get(id(n)).await.unwrap().unwrap().uses_left
    }

    /// Makes members of the first `count` agents.
    async fn issue_to(&self, count: usize) {
        let fill = move |db: &Connection| {
            for n in 1..=u16::try_from(count).unwrap() {
                crate::store::mesh::put_issued(db, &issued(n))?;
            }
            Ok::<_, Error>(())
        };
        self.write(fill).await.unwrap();
    }
}

#[tokio::test]
async fn an_invite_is_used_as_often_as_it_says_however_many_come_at_once() {
    let scratch = scratch();
    let store = &scratch.store;
    store.invite_put(invite(1, Some(5))).await.unwrap();
    let outcomes = join_all((1..=40).map(|n| store.issue(joining(n, 1)))).await;
    let count =
        |wanted| outcomes.iter().filter(|outcome| matches!(outcome, Ok(found) if *found == wanted)).count();
    assert_eq!((count(IssueOutcome::Issued), count(IssueOutcome::Exhausted)), (5, 35));
    assert_eq!(store.issued_list().await.unwrap().len(), 5);
    assert_eq!(store.uses_left(1).await, Some(0));
}

#[tokio::test]
async fn an_invite_without_end_is_used_any_number_of_times() {
    let scratch = scratch();
    let store = &scratch.store;
    store.invite_put(invite(1, None)).await.unwrap();
    for n in 1..=20 {
        assert_eq!(store.issue(joining(n, 1)).await.unwrap(), IssueOutcome::Issued);
    }
    assert_eq!(store.uses_left(1).await, None);
}

#[tokio::test]
async fn who_lost_the_answer_gets_the_same_certificate_and_nothing_is_counted() {
    let mut scratch = scratch();
    scratch.store.invite_put(invite(1, Some(2))).await.unwrap();
    let outcomes = join_all((0..10).map(|_| scratch.store.issue(joining(1, 1)))).await;
    let fresh = outcomes.iter().filter(|outcome| matches!(outcome, Ok(IssueOutcome::Issued))).count();
    assert_eq!(fresh, 1);
    scratch.reopen().await;
    let store = &scratch.store;
    let same = IssueOutcome::Same(issued(1).certificate);
    let mut again = joining(1, 1);
    again.row.certificate = vec![9; 9];
    assert_eq!(store.issue(again.clone()).await.unwrap(), same);
    assert_eq!(store.uses_left(1).await, Some(1));

    // Neither the end of the invite nor that of its uses takes the certificate away again.
    assert_eq!(store.issue(joining(2, 1)).await.unwrap(), IssueOutcome::Issued);
    store.invite_withdraw(id(1), 3).await.unwrap();
    assert_eq!(store.issue(again.clone()).await.unwrap(), same);
    assert_eq!(store.issue(joining(3, 1)).await.unwrap(), IssueOutcome::Withdrawn);
    // Nor does a renewal, which needs no invite.
    let renewed = vec![8; 8];
    let renewal = Issue { row: IssuedRow { certificate: renewed.clone(), ..issued(1) }, ..renewing(1) };
    assert_eq!(store.issue(renewal).await.unwrap(), IssueOutcome::Issued);
    assert_eq!(store.issue(again.clone()).await.unwrap(), IssueOutcome::Same(renewed));
    // The end of the certificate does.
    again.now_ms = 30 * DAY;
    assert_eq!(store.issue(again).await.unwrap(), IssueOutcome::Withdrawn);
}

#[tokio::test]
async fn an_invite_that_is_over_or_unknown_leads_nowhere() {
    let scratch = scratch();
    let store = &scratch.store;
    store.invite_put(invite(1, Some(1))).await.unwrap();
    let late = Issue { now_ms: 1 + DAY, ..joining(1, 1) };
    assert_eq!(store.issue(late).await.unwrap(), IssueOutcome::Expired);
    assert_eq!(store.issue(joining(1, 2)).await.unwrap(), IssueOutcome::Unknown);
    let last = Issue { now_ms: DAY, ..joining(1, 1) };
    assert_eq!(store.issue(last).await.unwrap(), IssueOutcome::Issued);
    let unfresh = Issue { fresh_use: false, ..joining(2, 1) };
    assert_eq!(store.issue(unfresh).await.unwrap(), IssueOutcome::Issued, "this use was counted elsewhere");
    assert_eq!(store.uses_left(1).await, Some(0));
}

#[tokio::test]
async fn names_and_node_numbers_are_those_of_one_member() {
    let scratch = scratch();
    let store = &scratch.store;
    store.invite_put(invite(1, Some(9))).await.unwrap();
    assert_eq!(store.issue(joining(1, 1)).await.unwrap(), IssueOutcome::Issued);
    let name_of_1 = |mut issue: Issue| {
        issue.row.name = issued(1).name;
        issue
    };
    let node_of_1 = |mut issue: Issue| {
        issue.row.node = issued(1).node;
        issue
    };
    assert_eq!(store.issue(name_of_1(joining(2, 1))).await.unwrap(), IssueOutcome::NameTaken);
    assert_eq!(store.issue(node_of_1(joining(2, 1))).await.unwrap(), IssueOutcome::NodeTaken);
    assert_eq!(store.uses_left(1).await, Some(8), "a refusal costs no use");
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Issued, "its own are no obstacle");
    assert_eq!(store.issued_get(agent(1)).await.unwrap(), Some(joining(1, 1).row));

    // Two members without a name do not disturb each other.
    for n in [3, 4] {
        let mut nameless = renewing(n);
        nameless.row.name = None;
        assert_eq!(store.issue(nameless).await.unwrap(), IssueOutcome::Issued);
    }
}

#[tokio::test]
async fn who_left_was_expelled_or_has_expired_gives_name_and_node_number_up() {
    for state in [Some(IssuedState::Left), Some(IssuedState::Expelled), None] {
        let scratch = scratch();
        let store = &scratch.store;
        assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Issued);
        let mut other = renewing(2);
        (other.row.name, other.row.node) = (issued(1).name, issued(1).node);
        match state {
            Some(state) => assert!(store.issued_set_state(agent(1), state).await.unwrap()),
            None => other.now_ms = issued(1).expires_ms,
        }
        assert_eq!(store.issue(other).await.unwrap(), IssueOutcome::Issued, "{state:?}");
    }
}

#[tokio::test]
async fn two_who_want_one_name_at_once_do_not_both_get_it() {
    let scratch = scratch();
    let store = &scratch.store;
    let all = (1..=20).map(|n| {
        let mut issue = renewing(n);
        issue.row.name = Some("ocr".into());
        store.issue(issue)
    });
    let outcomes = join_all(all).await;
    let issued = outcomes.iter().filter(|outcome| matches!(outcome, Ok(IssueOutcome::Issued))).count();
    let taken = outcomes.iter().filter(|outcome| matches!(outcome, Ok(IssueOutcome::NameTaken))).count();
    assert_eq!((issued, taken), (1, 19));
}

#[tokio::test]
async fn who_was_expelled_does_not_come_back_and_who_left_does() {
    let mut scratch = scratch();
    scratch.store.invite_put(invite(1, Some(9))).await.unwrap();
    for n in [1, 2] {
        assert_eq!(scratch.store.issue(joining(n, 1)).await.unwrap(), IssueOutcome::Issued);
    }
    assert!(scratch.store.issued_set_state(agent(1), IssuedState::Expelled).await.unwrap());
    assert!(scratch.store.issued_set_state(agent(1), IssuedState::Left).await.unwrap());
    assert!(scratch.store.issued_set_state(agent(2), IssuedState::Left).await.unwrap());
    assert!(!scratch.store.issued_set_state(agent(3), IssuedState::Left).await.unwrap());
    scratch.reopen().await;
    let store = &scratch.store;
    assert_eq!(store.issued_get(agent(1)).await.unwrap().unwrap().state, IssuedState::Expelled);
    assert_eq!(store.issue(joining(1, 1)).await.unwrap(), IssueOutcome::Expelled);
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Expelled);
    assert_eq!(store.issue(joining(2, 1)).await.unwrap(), IssueOutcome::Issued);
    assert_eq!(store.issued_get(agent(2)).await.unwrap().unwrap().state, IssuedState::Member);
    assert_eq!(store.uses_left(1).await, Some(6));
}

#[tokio::test]
async fn a_full_table_makes_room_by_those_who_are_members_no_more() {
    let scratch = scratch();
    let store = &scratch.store;
    let next = u16::try_from(MAX_ISSUED).unwrap() + 1;
    store.issue_to(MAX_ISSUED).await;
    assert_eq!(store.issue(renewing(next)).await.unwrap(), IssueOutcome::Full);
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Issued, "it takes no place");
    store.issued_set_state(agent(2), IssuedState::Left).await.unwrap();
    assert_eq!(store.issue(renewing(next)).await.unwrap(), IssueOutcome::Issued);
    assert_eq!(store.issued_get(agent(2)).await.unwrap(), None);
    store.issued_set_state(agent(3), IssuedState::Expelled).await.unwrap();
    assert_eq!(store.issue(renewing(next + 1)).await.unwrap(), IssueOutcome::Issued);
    assert_eq!(store.issue(renewing(next + 2)).await.unwrap(), IssueOutcome::Full);
    let later = Issue { now_ms: 30 * DAY, ..renewing(next + 2) };
    assert_eq!(store.issue(later).await.unwrap(), IssueOutcome::Issued);
    let left: Vec<_> = store.issued_list().await.unwrap().into_iter().map(|row| row.agent).collect();
    assert_eq!(left, [agent(3), agent(next + 2)], "who was expelled is remembered for good");
}

#[tokio::test]
async fn who_has_expired_is_forgotten_after_a_month() {
    let scratch = scratch();
    let store = &scratch.store;
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Issued);
    let at = |n, now_ms| {
        let row = IssuedRow { expires_ms: now_ms + DAY, ..issued(n) };
        store.issue(Issue { now_ms, row, ..renewing(n) })
    };
    assert_eq!(at(2, 60 * DAY - 1).await.unwrap(), IssueOutcome::Issued);
    assert!(store.issued_get(agent(1)).await.unwrap().is_some());
    assert_eq!(at(3, 60 * DAY).await.unwrap(), IssueOutcome::Issued);
    assert!(store.issued_get(agent(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn however_many_members_there_are_none_is_read_through() {
    let scratch = scratch();
    let queries = [
        (
            "SELECT 1 FROM issued INDEXED BY issued_name
             WHERE name IS NOT NULL AND state = 0 AND name = ?1 AND expires_at > ?2 AND agent <> ?3",
            "issued_name (name=? AND expires_at>?)",
        ),
        (
            "SELECT 1 FROM issued INDEXED BY issued_node
             WHERE state = 0 AND node = ?1 AND expires_at > ?2 AND agent <> ?3",
            "issued_node (node=? AND expires_at>?)",
        ),
        (
            "DELETE FROM issued WHERE state IN (0, 1) AND expires_at <= ?1",
            "issued_expiry (state=? AND expires_at<?)",
        ),
    ];
    for (sql, expected) in queries {
        let plan = scratch.store.plan(sql).await;
        assert!(plan.contains(expected), "{sql}: {plan}");
    }
}
