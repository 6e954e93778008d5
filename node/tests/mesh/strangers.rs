//! Whoever is no member, at the doors of one: silence, whatever it knows and says.

use airway::{
    InviteOptions, NetworkOptions, Uses,
    protocols::{
        admit::{Answer, Hello},
        certificate::{Certificate, Invalid},
        invite::Invite,
        join::{Refusal, Reply, Request},
        network::CLOCK_SKEW,
    },
};
use libp2p::identity::Keypair;

use crate::{
    authority::{Authority, MINUTE, card, now},
    common::{Agent, until},
    puppet::{Puppet, framed},
    stage::{founder, invite, member},
};

const DOORS: [&str; 2] = ["/airway/admit/1.0.0", "/airway/join/1.0.0"];

/// A founder, a member who does not invite, and an invite that is good.
async fn lab() -> (Agent, Agent, Invite) {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }).await;
    let alice = member("alice", &invite).await;
    (founder, alice, invite)
}

fn hello(key: &Keypair, certificate: &Certificate) -> Hello {
    Hello {
        certificate: certificate.as_bytes().to_vec(),
        card: card(key, certificate, &[]).as_bytes().to_vec(),
        serves: true,
        relay: true,
        version: 0,
    }
}

/// What it hears, and whether it can speak the DHT afterwards.
async fn admitted(puppet: &Puppet, at: &Agent, hello: &Hello) -> (Option<Answer>, bool) {
    let answer = puppet.admit(&at.node, hello).await.ok();
    (answer, puppet.is_served(&at.node).await)
}

#[tokio::test]
async fn garbage_is_not_answered_at_any_door_of_anybody() {
    let (founder, alice, invite) = lab().await;
    let puppet = Puppet::new(invite.realm()).await;
    let on_the_backbone = Agent::new("bob").await;
    let bytes = [
        vec![],
        vec![0x80],
        vec![0xff; 32],
        vec![0x80, 0x80, 0x80, 0x80, 0x04, 0],
        vec![3, 0xff, 0xff, 0xff],
        vec![1, 0xa0],
        framed(&Request::Leave { certificate: vec![0; 1000] }),
        framed(&Request::Leave { certificate: vec![0; 5000] }),
        framed(&Request::Renew { certificate: vec![], name: None }),
        framed(&Request::Join { invite: invite.id(), proof: [7; 32], name: None }),
    ];
    for agent in [&founder, &alice, &on_the_backbone] {
        for door in DOORS {
            for bytes in &bytes {
                let heard = puppet.say(&agent.node, door, bytes).await;
                assert_eq!(heard, b"", "{door}: {bytes:?}");
            }
        }
        assert!(!puppet.is_served(&agent.node).await);
    }
    assert_eq!(founder.node.members().await.unwrap().len(), 2);
}

#[tokio::test]
async fn who_is_no_member_is_not_answered_whatever_certificate_it_shows() {
    let (founder, alice, _) = lab().await;
    let authority = Authority::of(&founder);
    let puppet = Puppet::new(&authority.realm).await;
    let own = authority.certify(&puppet.key, |_| {});
    let (forged, bob) = (authority.of_another(), Keypair::generate_ed25519());
    let of_bob = authority.certify(&bob, |_| {});
    // By another authority, by none, and by members that may not or did not sign.
    let of_another = forged.certify(&puppet.key, |_| {});
    let by_bob =
        forged.certify_by(&bob, &forged.certify(&bob, |grant| grant.roles.inviter = true), &puppet.key);
    let mut altered = hello(&puppet.key, &own);
    altered.certificate[300] ^= 1;
    let mut without_card = hello(&puppet.key, &own);
    without_card.card = hello(&bob, &of_bob).card;
    let shown = [
        ("of another authority", hello(&puppet.key, &of_another)),
        ("by a member of another network", hello(&puppet.key, &by_bob)),
        ("of another member", hello(&bob, &of_bob)),
        (
            "of another member, with our own card",
            Hello { card: hello(&puppet.key, &own).card, ..hello(&bob, &of_bob) },
        ),
        ("altered", altered),
        ("our own, with the card of another", without_card),
        ("nothing", Hello { certificate: vec![], ..hello(&puppet.key, &own) }),
    ];
    for agent in [&founder, &alice] {
        for (what, hello) in &shown {
            assert_eq!(admitted(&puppet, agent, hello).await, (None, false), "{what}");
            let renew = Request::Renew { certificate: hello.certificate.clone(), name: None };
            if *what != "our own, with the card of another" {
                for request in [renew, Request::Leave { certificate: hello.certificate.clone() }] {
                    let answer = puppet.ask(&agent.node, &request).await;
                    assert!(answer.is_err(), "{what}: {answer:?}");
                }
            }
        }
    }
    // Nothing of that has harmed the one whom it belongs to.
    let (answer, is_served) = admitted(&puppet, &alice, &hello(&puppet.key, &own)).await;
    assert!(matches!(answer, Some(Answer::Hello(_))) && is_served, "{answer:?}");
}

#[tokio::test]
async fn who_was_a_member_once_is_told_why_it_is_none_now_and_nothing_else() {
    let (founder, alice, invite) = lab().await;
    let authority = Authority::of(&founder);
    let late = Puppet::member(&authority, |grant| {
        (grant.not_before, grant.expires) = (now() - 60 * MINUTE, now() - CLOCK_SKEW - 1);
    })
    .await;
    let early = Puppet::member(&authority, |grant| grant.not_before = now() + CLOCK_SKEW + 10 * MINUTE).await;
    let expelled = Puppet::new(invite.realm()).await;
    expelled.join(&founder.node, &invite, Some("mallory")).await;
    expelled.enter(&alice.node).await;
    founder.node.expel("mallory").await.unwrap();
    until("alice knows", async || alice.node.network().await.unwrap().unwrap().revocations == 1).await;
    for agent in [&founder, &alice] {
        for (puppet, expected) in
            [(&late, Invalid::Expired), (&early, Invalid::NotYet), (&expelled, Invalid::Expelled)]
        {
            let (answer, is_served) = admitted(puppet, agent, &puppet.hello()).await;
            assert_eq!((answer, is_served), (Some(Answer::Refused(expected)), false));
        }
    }
    let renew =
        |puppet: &Puppet| Request::Renew { certificate: puppet.worn().as_bytes().to_vec(), name: None };
    for (puppet, expected) in [(&late, Refusal::Expired), (&expelled, Refusal::Expelled)] {
        let answer = puppet.ask(&founder.node, &renew(puppet)).await.unwrap();
        assert_eq!(answer, Reply::Refused(expected));
    }
}
