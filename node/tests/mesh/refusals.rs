//! What is not allowed is refused: with a reason to whoever holds an invite, and nothing changes.

use std::time::Duration;

use airway::{
    InviteOptions, MeshError, NetworkOptions, Uses, api,
    protocols::{
        certificate::Certificate,
        invite::Invite,
        join::{Granted, Refusal, Reply, Request},
        network::Roles,
    },
    store::Store,
};
use libp2p::identity::Keypair;

use crate::{
    authority::{Authority, MINUTE, now},
    common::{Agent, PATIENCE, until},
    puppet::Puppet,
    stage::{founder, invite, member},
};

/// Enough for an answer, where there is none to come.
const A_WHILE: Duration = Duration::from_secs(2);

/// What two keys are made of whose agents have the same number at the first nonce: the first two of a hundred thousand.
const COLLIDING: [u64; 2] = [85_561, 99_269];

fn reusable() -> InviteOptions {
    InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }
}

/// Has an agent try to join, which fails; it is where it was, and whoever reads the reason is told what to do.
async fn refused(agent: &Agent, invite: &Invite, name: Option<&str>, hint: &str) -> MeshError {
    let (before, network) = (agent.node.me(), agent.node.network().await.unwrap());
    let error = agent.node.join(invite, name, A_WHILE).await.unwrap_err();
    let network = network.map(|network| network.id);
    assert_eq!(agent.node.network().await.unwrap().map(|network| network.id), network, "{error}");
    assert_eq!(agent.node.me().endpoint(), before.endpoint(), "{error}");
    let code = error.to_string();
    let told = match error {
        MeshError::Refused { ref who, refusal } => {
            assert_eq!(who, &invite.inviter().endpoint().to_string());
            api::Error::from(MeshError::Refused { who: who.clone(), refusal })
        }
        MeshError::Expired => api::Error::from(MeshError::Expired),
        MeshError::AlreadyInNetwork { ref name } => {
            api::Error::from(MeshError::AlreadyInNetwork { name: name.clone() })
        }
        MeshError::Unreachable { ref who, ref reason } => {
            api::Error::from(MeshError::Unreachable { who: who.clone(), reason: reason.clone() })
        }
        ref other => panic!("{other}"),
    };
    assert!(told.hint.as_ref().is_some_and(|told| told.contains(hint)), "{code}: {told:?}");
    error
}

/// How many members the founder has let in, and what its invites have left.
async fn books(founder: &Agent) -> (usize, Vec<Option<u32>>) {
    let invites = founder.node.invites().await.unwrap();
    let members = founder.node.members().await.unwrap();
    (members.len(), invites.iter().map(|invite| invite.uses_left).collect())
}

#[tokio::test]
async fn an_invite_that_has_expired_or_was_withdrawn_or_used_up_lets_nobody_in() {
    let founder = founder(NetworkOptions::default()).await;
    let short = InviteOptions { lasts: Duration::from_secs(1), ..InviteOptions::default() };
    let expiring = invite(&founder, short).await;
    let (withdrawn, used) =
        (invite(&founder, reusable()).await, invite(&founder, InviteOptions::default()).await);
    assert!(founder.node.withdraw_invite(withdrawn.id()).await.unwrap());
    let _alice = member("alice", &used).await;
    until("the invite has expired", async || now() > expiring.expires()).await;
    let books_before = books(&founder).await;

    let bob = Agent::new("bob").await;
    assert!(matches!(refused(&bob, &expiring, None, "airway invite").await, MeshError::Expired));
    let puppet = Puppet::new(used.realm()).await;
    for (invite, expected) in
        [(&expiring, Refusal::Expired), (&withdrawn, Refusal::Withdrawn), (&used, Refusal::Exhausted)]
    {
        // Whoever does not look at the clock is told the same by the inviter.
        let told = puppet.ask(&founder.node, &puppet.request(invite, None)).await.unwrap();
        assert_eq!(told, Reply::Refused(expected));
    }
    for (invite, expected) in [(&withdrawn, Refusal::Withdrawn), (&used, Refusal::Exhausted)] {
        let error = refused(&bob, invite, None, "airway invite").await;
        assert!(matches!(error, MeshError::Refused { refusal, .. } if refusal == expected), "{error}");
    }
    assert_eq!(books(&founder).await, books_before);
}

#[tokio::test]
async fn an_invite_that_is_not_as_it_was_made_is_none() {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, reusable()).await;
    let text = invite.to_string();
    for at in (11..text.len()).step_by(97) {
        let mut altered = text.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let error = String::from_utf8(altered).unwrap().parse::<Invite>().unwrap_err();
        assert!(api::Error::from(error).hint.unwrap().contains("airway invite"), "at {at}");
    }
    // Who knows the invite but not its secret, or another's proof, is not answered.
    let puppet = Puppet::new(invite.realm()).await;
    let Request::Join { invite: id, mut proof, .. } = puppet.request(&invite, None) else { unreachable!() };
    proof[31] ^= 1;
    let other = Puppet::new(invite.realm()).await;
    let replayed = other.request(&invite, None);
    for request in [Request::Join { invite: id, proof, name: None }, replayed] {
        let answer = puppet.ask(&founder.node, &request).await;
        assert!(answer.is_err(), "{answer:?}");
    }
    assert_eq!(books(&founder).await.0, 1);
}

#[tokio::test]
async fn an_invite_is_good_in_its_own_network_alone() {
    let (one, other) = (founder(NetworkOptions::default()).await, founder(NetworkOptions::default()).await);
    let (here, there) = (invite(&one, reusable()).await, invite(&other, reusable()).await);
    let alice = member("alice", &here).await;
    let error = refused(&alice, &there, None, "airway network leave").await;
    assert!(matches!(error, MeshError::AlreadyInNetwork { .. }), "{error}");
    // The inviter of the other network does not know it, and says nothing.
    let puppet = Puppet::new(there.realm()).await;
    let answer = puppet.ask(&one.node, &puppet.request(&there, None)).await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!((books(&one).await.0, books(&other).await.0), (2, 1));
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_the_invite_is_not_used_up() {
    let founder = founder(NetworkOptions::default()).await;
    let _alice = member("alice", &invite(&founder, InviteOptions::default()).await).await;
    let once = invite(&founder, InviteOptions::default()).await;
    let second = Agent::new("alice").await;
    for name in [None, Some("alice"), Some("founder")] {
        let error = refused(&second, &once, name, "--name").await;
        assert!(matches!(error, MeshError::Refused { refusal: Refusal::NameTaken, .. }), "{error}");
    }
    let network = second.node.join(&once, Some("alice-2"), PATIENCE).await.unwrap();
    assert_eq!(network.member_name.as_deref(), Some("alice-2"));
}

#[tokio::test]
async fn who_was_expelled_does_not_come_back_by_an_invite_that_is_still_good() {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, reusable()).await;
    let (alice, bob) = (member("alice", &invite).await, member("bob", &invite).await);
    founder.node.expel("alice").await.unwrap();
    until("alice knows", async || alice.node.network().await.unwrap().unwrap().standing.is_err()).await;
    let error = refused(&alice, &invite, None, "--home").await;
    assert!(matches!(error, MeshError::Refused { refusal: Refusal::Expelled, .. }), "{error}");
    alice.node.leave_network(false).await.unwrap();
    let error = refused(&alice, &invite, Some("mallory"), "--home").await;
    assert!(matches!(error, MeshError::Refused { refusal: Refusal::Expelled, .. }), "{error}");
    assert!(bob.node.network().await.unwrap().unwrap().standing.is_ok());
}

#[tokio::test]
async fn an_inviter_gives_no_more_than_it_has_and_nobody_invites_without_the_role() {
    let founder = founder(NetworkOptions::default()).await;
    let inviter = Roles { inviter: true, relay: false };
    let ivy = member("ivy", &invite(&founder, InviteOptions { roles: inviter, ..reusable() }).await).await;
    for roles in [inviter, Roles { inviter: false, relay: true }] {
        let error = ivy.node.invite(InviteOptions { roles, ..reusable() }).await.unwrap_err();
        assert!(matches!(error, MeshError::Roles), "{error}");
        assert!(api::Error::from(error).hint.unwrap().contains("airway invite --role"));
    }
    let alice = member("alice", &invite(&ivy, InviteOptions::default()).await).await;
    let error = alice.node.invite(InviteOptions::default()).await.unwrap_err();
    assert!(matches!(error, MeshError::NotInviter), "{error}");

    // One who asks a member without the role for a certificate is told so, if it is a member; otherwise it hears nothing.
    let authority = Authority::of(&founder);
    let renewing = Puppet::member(&authority, |_| {}).await;
    let renew = Request::Renew { certificate: renewing.worn().as_bytes().to_vec(), name: None };
    assert_eq!(renewing.ask(&alice.node, &renew).await.unwrap(), Reply::Refused(Refusal::NotInviter));
    let relay = Puppet::member(&authority, |grant| grant.roles.relay = true).await;
    let renew = Request::Renew { certificate: relay.worn().as_bytes().to_vec(), name: None };
    assert_eq!(relay.ask(&ivy.node, &renew).await.unwrap(), Reply::Refused(Refusal::NotInviter));
    let stranger = Puppet::new(&authority.realm).await;
    let answer = stranger.ask(&alice.node, &renew).await;
    assert!(answer.is_err(), "{answer:?}");
}

#[tokio::test]
async fn an_inviter_whose_own_membership_is_over_lets_nobody_in() {
    let founder = founder(NetworkOptions::default()).await;
    let roles = Roles { inviter: true, relay: false };
    let ivy = member("ivy", &invite(&founder, InviteOptions { roles, ..reusable() }).await).await;
    let invite = invite(&ivy, reusable()).await;
    // As if it had been away for longer than its certificate was good.
    let (authority, home) = (Authority::of(&founder), ivy.home.path().to_owned());
    ivy.node.shut_down().await;
    let key = airway::identity::Identity::load(&home.join("identity.key")).unwrap().keypair();
    let over = authority.certify(&key, |grant| {
        (grant.not_before, grant.expires, grant.roles) = (now() - 60 * MINUTE, now() - 6 * MINUTE, roles);
        grant.name = Some("ivy".parse().unwrap());
    });
    let store = Store::open(&home.join("airway.db")).unwrap();
    assert!(store.membership_set_certificate(over.as_bytes().to_vec()).await.unwrap());
    store.close().await;
    let ivy = ivy.restart("ivy").await;

    assert!(ivy.node.network().await.unwrap().unwrap().standing.is_err());
    let error = ivy.node.invite(InviteOptions::default()).await.unwrap_err();
    assert!(api::Error::from(error).hint.unwrap().contains("new invite"));
    let bob = Agent::new("bob").await;
    let error = refused(&bob, &invite, None, "try again").await;
    assert!(matches!(error, MeshError::Unreachable { .. }), "{error}");
    // Nor is what it has signed worth anything, now that it is over.
    let alice = Puppet::new(&authority.realm).await;
    alice.wear(authority.certify_by(&key, &over, &alice.key));
    let answer = alice.admit(&founder.node, &alice.hello()).await;
    assert!(!matches!(answer, Ok(airway::protocols::admit::Answer::Hello(_))), "{answer:?}");
}

#[tokio::test]
async fn a_lost_answer_costs_nothing_and_the_same_invite_gives_the_same_certificate() {
    let founder = founder(NetworkOptions::default()).await;
    let once = invite(&founder, InviteOptions::default()).await;
    let puppet = Puppet::new(once.realm()).await;
    let request = puppet.request(&once, Some("carol"));
    let lost = puppet.ask_deaf(&founder.node, &request).await;
    until("the use is counted", async || books(&founder).await == (2, vec![Some(0)])).await;
    drop(lost);
    let [first, again] = [puppet.join(&founder.node, &once, Some("carol")).await, {
        puppet.join(&founder.node, &once, Some("another-name")).await
    }];
    assert_eq!(first, again);
    assert_eq!(first.name().unwrap().to_string(), "carol");
    assert_eq!(books(&founder).await, (2, vec![Some(0)]));
    // It is good for nobody else.
    let other = Puppet::new(once.realm()).await;
    let refused = other.ask(&founder.node, &other.request(&once, None)).await.unwrap();
    assert_eq!(refused, Reply::Refused(Refusal::Exhausted));
}

fn seeded(seed: u64) -> Keypair {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    Keypair::ed25519_from_bytes(bytes).unwrap()
}

#[tokio::test]
async fn the_second_of_two_agents_with_one_number_gets_the_next() {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, reusable()).await;
    let mut certificates = Vec::<Certificate>::new();
    for seed in COLLIDING {
        let puppet = Puppet::with_key(invite.realm(), seeded(seed)).await;
        certificates.push(puppet.join(&founder.node, &invite, None).await);
        // Both are members, and their certificates prove it.
        puppet.enter(&founder.node).await;
    }
    let [first, second] = &certificates[..] else { unreachable!() };
    assert_eq!((first.nonce(), second.nonce()), (0, 1));
    assert_ne!(first.address(), second.address());
    // Whoever comes back has the number that it had.
    let puppet = Puppet::with_key(invite.realm(), seeded(COLLIDING[1])).await;
    let renew = Request::Renew { certificate: second.as_bytes().to_vec(), name: None };
    let Reply::Granted(Granted { certificate, .. }) = puppet.ask(&founder.node, &renew).await.unwrap() else {
        panic!("not renewed")
    };
    let renewed = Certificate::from_bytes(&certificate, invite.realm()).unwrap();
    assert_eq!(renewed.address(), second.address());
}
