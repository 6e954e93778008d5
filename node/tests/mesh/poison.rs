//! Members that serve the DHT and lie: whatever they answer, nobody is taken for another.

use std::time::Duration;

use airway::{
    InviteOptions, LookupError, NetworkOptions, Uses,
    protocols::{
        claim::{Claim, Key, set},
        network::Realm,
        tag::Tag,
    },
};
use libp2p::identity::Keypair;

use crate::{
    authority::{Authority, MINUTE, claim, now},
    common::{Agent, PATIENCE, until},
    puppet::Puppet,
    stage::{find, founder, invite, member, published},
};

/// Liars; with the founder they are more than a reader asks at least.
const LIARS: usize = 2;

/// Values that one liar puts. libp2p's Kademlia leaves whoever puts what is refused without an answer, and has 32 streams of a
/// connection for such.
const FLOOD: usize = 12;

/// Enough for all servers to answer.
const A_WHILE: Duration = Duration::from_secs(5);

fn name_key(name: &str, realm: &Realm) -> Vec<u8> {
    Key::Name(name.parse().unwrap()).bytes(&realm.id())
}

fn value(claim: &Claim) -> Vec<u8> {
    set::join(std::slice::from_ref(claim))
}

/// A network in which alice looks for others, and some servers of the DHT lie.
async fn town() -> (Agent, Agent, Authority, Vec<Puppet>) {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }).await;
    let alice = member("alice", &invite).await;
    let authority = Authority::of(&founder);
    let mut liars = Vec::new();
    for _ in 0..LIARS {
        let liar = Puppet::member(&authority, |_| {}).await;
        liar.enter(&founder.node).await;
        liar.enter(&alice.node).await;
        liars.push(liar);
    }
    until("alice knows the servers", async || alice.node.network().await.unwrap().unwrap().servers > LIARS)
        .await;
    (founder, alice, authority, liars)
}

#[tokio::test]
async fn nobody_is_found_where_a_liar_says_so() {
    let (founder, alice, authority, liars) = town().await;
    let realm = &authority.realm;
    let bob = Keypair::generate_ed25519();
    let named = |name: &str| authority.certify(&bob, |grant| grant.name = Some(name.parse().unwrap()));
    let of_bob = claim(realm, &bob, &named("bob"), &[], |_| {});
    let mut altered = value(&of_bob);
    *altered.last_mut().unwrap() ^= 1;
    let old = claim(realm, &bob, &named("nobody"), &[], |draft| {
        (draft.issued, draft.expires) = (now() - 60 * MINUTE, now() - 6 * MINUTE);
    });
    let ahead = claim(realm, &bob, &named("nobody"), &[], |draft| {
        (draft.issued, draft.expires) = (now() + 60 * MINUTE, now() + 90 * MINUTE);
    });
    let other = authority.of_another();
    let outsider = other.certify(&bob, |grant| grant.name = Some("nobody".parse().unwrap()));
    let elsewhere = claim(&other.realm, &bob, &outsider, &[], |_| {});
    let over = authority.certify(&bob, |grant| {
        grant.name = Some("nobody".parse().unwrap());
        (grant.not_before, grant.expires) = (now() - 60 * MINUTE, now() - 6 * MINUTE);
    });
    let over = claim(realm, &bob, &over, &[], |draft| draft.issued = now() - 7 * MINUTE);
    let lies = [
        ("of another name", value(&of_bob)),
        ("altered", altered),
        ("that is over", value(&old)),
        ("of tomorrow", value(&ahead)),
        ("of another network", value(&elsewhere)),
        ("of who is a member no more", value(&over)),
        ("of nobody", vec![0xff; 4000]),
        ("too large", vec![0; set::MAX_VALUE + 1]),
        ("larger than a packet", vec![0; 60 * 1024]),
    ];
    let address = alice.node.me().address.to_string();
    for (what, lie) in lies {
        for liar in &liars {
            liar.keep(name_key("nobody", realm), lie.clone()).await;
            liar.keep(Key::Address(alice.node.me().address.node()).bytes(&realm.id()), lie.clone()).await;
            assert!(!liar.put(&founder.node, name_key("nobody", realm), lie.clone()).await, "{what}");
        }
        let found = alice.node.look_up("nobody", A_WHILE).await;
        assert!(matches!(found, Err(LookupError::NotFound { .. })), "{what}: {found:?}");
        if let Ok(found) = founder.node.look_up(&address, A_WHILE).await {
            assert_eq!(found.agent, alice.node.me().agent, "{what}");
        }
    }
}

#[tokio::test]
async fn the_truth_is_found_among_lies_and_who_was_expelled_is_not() {
    let (founder, alice, authority, liars) = town().await;
    let realm = &authority.realm;
    let invite = invite(&founder, InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }).await;
    let bob = member("bob", &invite).await;
    let tag: Tag = "ocr".parse().unwrap();
    bob.node.set_profile(None, Some(vec![tag.clone()])).await.unwrap();
    published(&bob).await;
    // Of mallory, who is expelled, the liars go on telling.
    let mallory = Puppet::new(realm).await;
    let certificate = mallory.join(&founder.node, &invite, Some("mallory")).await;
    let of_mallory = claim(realm, &mallory.key, &certificate, std::slice::from_ref(&tag), |_| {});
    for liar in &liars {
        for key in of_mallory.keys() {
            liar.keep(key.bytes(&realm.id()), value(&of_mallory)).await;
        }
        for key in [name_key("bob", realm), Key::Address(bob.node.me().address.node()).bytes(&realm.id())] {
            liar.keep(key, value(&of_mallory)).await;
        }
    }
    assert_eq!(find(&alice.node, "mallory").await.agent, certificate.agent());
    founder.node.expel("mallory").await.unwrap();
    until("alice knows", async || alice.node.network().await.unwrap().unwrap().revocations == 1).await;
    let gone = alice.node.look_up("mallory", A_WHILE).await;
    assert!(matches!(gone, Err(LookupError::NotFound { .. })), "{gone:?}");
    for who in ["bob".to_owned(), bob.node.me().address.to_string()] {
        assert_eq!(find(&alice.node, &who).await.agent, bob.node.me().agent);
    }
    until("bob alone has the tag", async || {
        let found = alice.node.look_up_tag(&tag, PATIENCE).await.unwrap_or_default();
        assert!(found.iter().all(|found| found.agent == bob.node.me().agent), "{found:?}");
        found.len() == 1
    })
    .await;
}

#[tokio::test]
async fn what_is_newer_counts_wherever_it_lies() {
    let (founder, alice, authority, liars) = town().await;
    let realm = &authority.realm;
    let key = Keypair::generate_ed25519();
    let certificate = authority.certify(&key, |grant| grant.name = Some("carol".parse().unwrap()));
    let old = claim(realm, &key, &certificate, &[], |draft| draft.issued = now() - 10 * MINUTE);
    let new = claim(realm, &key, &certificate, &[], |_| {});
    for liar in &liars {
        liar.keep(name_key("carol", realm), value(&old)).await;
    }
    let honest = &liars[0];
    assert!(honest.put(&founder.node, name_key("carol", realm), value(&new)).await);
    assert!(
        !honest.put(&founder.node, name_key("carol", realm), value(&old)).await,
        "what is older is refused"
    );
    let found = alice.node.look_up("carol", A_WHILE).await.unwrap();
    assert_eq!(found.issued, Some(new.issued()));
}

#[tokio::test]
async fn a_flood_of_what_is_not_true_is_refused_and_nobody_is_pushed_out() {
    let (founder, alice, authority, liars) = town().await;
    let realm = &authority.realm;
    published(&alice).await;
    for (at, liar) in liars.iter().enumerate() {
        // Its own claim has a few keys; all others are refused.
        let own = claim(realm, &liar.key, &liar.worn(), &[], |_| {});
        for number in 0..FLOOD {
            let key = Key::Address(u32::try_from(0x1_0000 + at * FLOOD + number).unwrap());
            assert!(!liar.put(&founder.node, key.bytes(&realm.id()), value(&own)).await, "{number}");
        }
        for key in own.keys() {
            assert!(liar.put(&founder.node, key.bytes(&realm.id()), value(&own)).await);
        }
    }
    assert_eq!(find(&founder.node, "alice").await.agent, alice.node.me().agent);
}
