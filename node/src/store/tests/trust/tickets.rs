use zeroize::Zeroizing;

use super::*;

const DAY: u64 = 24 * 3600 * 1000;

/// A ticket that may be used for a day.
fn ticket(id: u8) -> TicketRow {
    TicketRow {
        id: [id; 8],
        secret: Zeroizing::new([222; 16]),
        created_ms: 1,
        expires_at_ms: DAY,
        confirms: true,
        alias: Some("bob".into()),
        scopes: Some(vec![1]),
        used_by: None,
        used_at_ms: None,
    }
}

fn using(n: u16, id: u8) -> Turn {
    Turn { ticket_used: Some([id; 8]), ..turn(&relation(n, RelationState::Trusted), ContactChange::Add) }
}

#[tokio::test]
async fn a_ticket_is_used_once() {
    let scratch = scratch();
    let store = &scratch.store;
    store.ticket_add(ticket(1), 1).await.unwrap();
    let look = |_: Option<Relation>, look: &Look<'_>| {
        Ok::<_, TrustStoreError>((None, (look.ticket(&[1; 8])?, look.ticket(&[2; 8])?)))
    };
    assert_eq!(store.relation_turn(agent(7), look).await.unwrap(), (Some(ticket(1)), None));
    store.make(using(7, 1)).await.unwrap();
    let used = store.ticket([1; 8]).await.unwrap().unwrap();
    assert_eq!(used, TicketRow { used_by: Some(agent(7)), used_at_ms: Some(7), ..ticket(1) });
    assert!(ticket(1).is_live(2) && !used.is_live(2) && !ticket(1).is_live(DAY));

    assert!(matches!(store.make(using(8, 1)).await, Err(TrustStoreError::Ticket)));
    assert_eq!(store.state_of(8).await, None);
    // A repeat is the same use.
    store.make(using(7, 1)).await.unwrap();
    assert_eq!(store.ticket([1; 8]).await.unwrap(), Some(used));
}

#[tokio::test]
async fn a_ticket_that_was_withdrawn_is_good_for_nothing() {
    let scratch = scratch();
    let store = &scratch.store;
    store.ticket_add(ticket(1), 1).await.unwrap();
    assert!(store.ticket_withdraw([1; 8]).await.unwrap());
    assert!(!store.ticket_withdraw([1; 8]).await.unwrap());
    assert!(matches!(store.make(using(7, 1)).await, Err(TrustStoreError::Ticket)));
    assert!(store.contacts_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn tickets_that_ended_are_listed_for_a_day_and_then_forgotten() {
    let scratch = scratch();
    let store = &scratch.store;
    store.ticket_add(ticket(1), 1).await.unwrap();
    store.ticket_add(ticket(2), 1).await.unwrap();
    store.make(using(7, 1)).await.unwrap();
    let listed = async |now| {
        let tickets = store.tickets_list(now).await.unwrap();
        tickets.iter().map(|ticket| ticket.id[0]).collect::<Vec<_>>()
    };
    assert_eq!(listed(DAY + 6).await, [1, 2]);
    assert_eq!(listed(DAY + 7).await, [2]);
    assert_eq!(store.trust_prune(DAY + 6).await.unwrap(), 0);
    assert_eq!(store.trust_prune(DAY + 7).await.unwrap(), 1);
    assert_eq!(store.trust_prune(2 * DAY).await.unwrap(), 1);
    assert_eq!(store.ticket([2; 8]).await.unwrap(), None);
}

#[tokio::test]
async fn so_many_tickets_and_no_more() {
    let scratch = scratch();
    let store = &scratch.store;
    let count = MAX_TICKETS as u8;
    for id in 1..=count {
        store.ticket_add(ticket(id), 1).await.unwrap();
    }
    assert!(matches!(store.ticket_add(ticket(count + 1), 1).await, Err(TicketError::TooMany)));
    store.make(using(7, 1)).await.unwrap();
    store.ticket_add(ticket(count + 1), 1).await.unwrap();
    // Of those that ended as many are kept again.
    let later = TicketRow { expires_at_ms: 9 * DAY, ..ticket(count + 2) };
    store.ticket_add(later, DAY + 1).await.unwrap();
    assert_eq!(store.tickets_list(DAY + 1).await.unwrap().len(), MAX_TICKETS + 1);
    assert_eq!(store.ticket([1; 8]).await.unwrap(), None, "the first that ended");
}

#[test]
fn the_secret_of_a_ticket_is_not_shown() {
    assert!(!format!("{:?}", ticket(1)).contains("222"));
}
