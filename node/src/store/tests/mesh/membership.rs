use super::*;

#[tokio::test]
async fn a_home_belongs_to_one_network_at_a_time() {
    let mut scratch = scratch();
    assert_eq!(scratch.store.membership().await.unwrap(), None);
    for network in [1, 2] {
        scratch.store.membership_enter(membership(network)).await.unwrap();
        scratch.reopen().await;
        assert_eq!(scratch.store.membership().await.unwrap(), Some(membership(network)));
    }
    scratch.store.membership_leave().await.unwrap();
    scratch.reopen().await;
    assert_eq!(scratch.store.membership().await.unwrap(), None);
}

#[tokio::test]
async fn a_network_takes_nothing_over_from_the_one_before() {
    let scratch = scratch();
    let store = &scratch.store;
    for again in [true, false] {
        store.membership_enter(membership(1)).await.unwrap();
        store.invite_put(invite(1, None)).await.unwrap();
        assert_eq!(store.issue(joining(1, 1)).await.unwrap(), IssueOutcome::Issued);
        store.mesh_peer_put(agent(1), peers::peer(1)).await.unwrap();
        store.set_profile(Profile { name: Some("alice".into()), tags: vec![] }).await.unwrap();
        if again {
            store.membership_enter(membership(2)).await.unwrap();
        } else {
            store.membership_leave().await.unwrap();
        }
        assert!(store.invites_list().await.unwrap().is_empty());
        assert!(store.issued_list().await.unwrap().is_empty());
        assert!(store.mesh_peers().await.unwrap().is_empty());
        assert_eq!(store.profile().await.unwrap().name.as_deref(), Some("alice"), "that is the agent's own");
    }
}

#[tokio::test]
async fn only_a_newer_list_of_those_expelled_is_kept() {
    let scratch = scratch();
    let store = &scratch.store;
    assert!(!store.membership_set_revocations(vec![1], 9).await.unwrap(), "of no network");
    store.membership_enter(membership(1)).await.unwrap();
    for (version, kept) in [(1, false), (2, false), (4, true), (3, false), (4, false), (5, true)] {
        let list = vec![u8::try_from(version).unwrap()];
        assert_eq!(store.membership_set_revocations(list, version).await.unwrap(), kept, "{version}");
    }
    let after = store.membership().await.unwrap().unwrap();
    assert_eq!((after.revocations, after.revocations_version), (Some(vec![5]), 5));
}

#[tokio::test]
async fn a_certificate_is_renewed_where_there_is_one() {
    let scratch = scratch();
    let store = &scratch.store;
    assert!(!store.membership_set_certificate(vec![8]).await.unwrap());
    store.membership_enter(membership(1)).await.unwrap();
    assert!(store.membership_set_certificate(vec![8]).await.unwrap());
    let renewed = Membership { certificate: vec![8], ..membership(1) };
    assert_eq!(store.membership().await.unwrap(), Some(renewed));
}

#[tokio::test]
async fn on_a_full_disk_who_was_expelled_is_noted_and_a_network_can_be_left() {
    let scratch = scratch();
    let store = &scratch.store;
    store.membership_enter(membership(1)).await.unwrap();
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Issued);
    store.reserve.disk_is_full();
    assert!(store.issued_set_state(agent(1), IssuedState::Expelled).await.unwrap());
    assert!(store.membership_set_revocations(vec![1], 9).await.unwrap());
    assert_eq!(store.issue(renewing(1)).await.unwrap(), IssueOutcome::Expelled);
    store.reserve.disk_is_full();
    store.membership_leave().await.unwrap();
    assert_eq!(store.membership().await.unwrap(), None);
}

#[tokio::test]
async fn each_claim_is_later_than_the_one_before_whatever_the_clock_does() {
    let mut scratch = scratch();
    assert_eq!(scratch.store.claim_time(100).await.unwrap(), 100);
    assert_eq!(scratch.store.claim_time(100).await.unwrap(), 101);
    assert_eq!(scratch.store.claim_time(50).await.unwrap(), 102);
    scratch.reopen().await;
    assert_eq!(scratch.store.claim_time(0).await.unwrap(), 103);
    assert_eq!(scratch.store.claim_time(1000).await.unwrap(), 1000);
    let many = (0..20).map(|_| scratch.store.claim_time(1000));
    let mut times: Vec<_> =
        futures::future::join_all(many).await.into_iter().map(|time| time.unwrap()).collect();
    times.sort_unstable();
    assert_eq!(times, (1001..=1020).collect::<Vec<_>>());

    let (day, year) = (24 * 3600 * 1000, 365 * 24 * 3600 * 1000);
    assert_eq!(scratch.store.claim_time(day).await.unwrap(), day);
    assert_eq!(scratch.store.claim_time(0).await.unwrap(), day + 1, "the clock was set back by a day");
    assert_eq!(scratch.store.claim_time(year).await.unwrap(), year);
    assert_eq!(scratch.store.claim_time(2000).await.unwrap(), 2000, "it was a year ahead");
}

#[tokio::test]
async fn name_and_tags_are_kept_as_they_were_set_last() {
    let mut scratch = scratch();
    assert_eq!(scratch.store.profile().await.unwrap(), Profile::default());
    let first = Profile { name: Some("alice".into()), tags: vec!["ocr".into(), "pdf".into()] };
    let second = Profile { name: None, tags: vec!["ocr".into()] };
    for profile in [first, second, Profile::default()] {
        scratch.store.set_profile(profile.clone()).await.unwrap();
        scratch.reopen().await;
        assert_eq!(scratch.store.profile().await.unwrap(), profile);
    }
}
