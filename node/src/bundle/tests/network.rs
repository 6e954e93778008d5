use airway_protocols::{
    certificate::{Certificate, Grant},
    network::{Policy, Realm, Roles},
    revocations::Revocations,
};

use super::*;
use crate::store::{IssuedRow, IssuedState, Membership, Profile, Store};

/// An authority of a network of its own.
fn authority() -> Authority {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::open(dir.path().join("home")).unwrap();
    Authority::create(&home, "lab".parse().unwrap(), 9, Policy::default(), 1).unwrap()
}

/// A certificate of the authority for an agent.
fn certificate(authority: &Authority, realm: &Realm, member: &Identity) -> Certificate {
    let grant = |nonce| Grant {
        member: member.keypair().public().try_into_ed25519().unwrap(),
        nonce,
        name: Some("alice".parse().unwrap()),
        roles: Roles { inviter: true, relay: false },
        not_before: 1,
        expires: 1000,
        serial: [7; 16],
    };
    (0..16).find_map(|nonce| Certificate::sign(realm, &authority.keypair(), None, grant(nonce)).ok()).unwrap()
}

/// The certificate as it was given out.
fn issued(certificate: &Certificate, state: IssuedState) -> IssuedRow {
    IssuedRow {
        agent: *certificate.agent().as_bytes(),
        name: Some("alice".into()),
        node: certificate.address().node(),
        certificate: certificate.as_bytes().to_vec(),
        expires_ms: 1000,
        issued_ms: 2,
        invite: Some([3; 16]),
        state,
    }
}

/// The network of an agent that is its authority, and has expelled another one.
pub(super) fn carried(agent: &Identity) -> (CarriedMesh, Authority) {
    let authority = authority();
    let realm = Realm::of(authority.genesis());
    let other = identity();
    let expelled = [other.agent_id()].into();
    let list = Revocations::sign(&realm, &authority.keypair(), 5, 1, &expelled).unwrap();
    let own = certificate(&authority, &realm, agent);
    let theirs = certificate(&authority, &realm, &other);
    let mut given = vec![issued(&own, IssuedState::Member), issued(&theirs, IssuedState::Expelled)];
    given.sort_by_key(|row| row.agent);
    let membership = Membership {
        genesis: authority.genesis().as_bytes().to_vec(),
        certificate: own.as_bytes().to_vec(),
        revocations: list.as_bytes().map(<[u8]>::to_vec),
        revocations_version: 5,
        inviter: Some(vec![8, 8]),
        bootstraps: vec!["/ip4/192.0.2.9/tcp/4001".parse().unwrap()],
        ephemeral: true,
        joined_ms: 6,
    };
    let profile = Profile { name: Some("alice".into()), tags: vec!["ocr".into()] };
    let mesh =
        CarriedMesh { claimed_ms: 77, event_epoch: 5, profile, membership: Some(membership), issued: given };
    (mesh, authority)
}

#[test]
fn the_network_comes_out_as_it_was() {
    let before = bundle();
    let after = form::read(&form::write(&before).unwrap()).unwrap();
    assert_eq!(after.mesh, before.mesh);
    assert_eq!(*after.authority.unwrap().text().unwrap(), *before.authority.unwrap().text().unwrap());
}

#[tokio::test]
async fn an_agent_moves_with_its_network_and_claims_later_than_before() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("new"));
    let before = bundle();
    before.install(&home).await.unwrap();
    let after = Bundle::of(&home).unwrap();
    assert_eq!(after.mesh, before.mesh);
    assert_eq!(after.authority.unwrap().genesis(), before.authority.unwrap().genesis());
    let store = Store::open(&home.database()).unwrap();
    assert_eq!(store.claim_time(1).await.unwrap(), 78);
    assert_eq!(store.next_event_epoch().await.unwrap(), 6);
    assert_eq!(store.membership().await.unwrap(), before.mesh.membership);
}

#[tokio::test]
async fn an_agent_of_the_backbone_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("new"));
    let mut before = bundle();
    before.mesh = CarriedMesh { claimed_ms: 3, ..CarriedMesh::default() };
    before.authority = None;
    before.install(&home).await.unwrap();
    let after = Bundle::of(&home).unwrap();
    assert_eq!(after.mesh, before.mesh);
    assert!(after.authority.is_none() && !home.authority().exists());
}

#[tokio::test]
async fn nothing_moves_into_a_home_with_the_key_of_an_authority() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::open(dir.path().join("new")).unwrap();
    let there = authority();
    there.save(&home).unwrap();
    let error = bundle().install(&home).await.unwrap_err();
    assert!(matches!(error, Error::Used { .. }), "{error}");
    assert_eq!(Authority::load(&home).unwrap().unwrap().genesis(), there.genesis());
}

#[test]
fn a_network_that_is_not_the_agents_is_damaged() {
    let other =
        serde_json::to_value(serde_json::from_slice::<Value>(&form::write(&bundle()).unwrap()).unwrap())
            .unwrap();
    let fields = ["genesis", "certificate", "revocations"];
    for field in fields {
        let foreign = other["network"][field].clone();
        for value in [foreign, "AAAA".into(), "?".into()] {
            let error = changed(|form| form["network"][field] = value.clone()).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{field} {value}: {error}");
        }
    }
    let changes: [fn(&mut Value); 4] = [
        |form| form["authority"] = "AAAA".into(),
        |form| form["network"]["issued"][0]["certificate"] = "AAAA".into(),
        |form| form["network"]["issued"][0]["invite"] = "AAAA".into(),
        |form| form["found"]["name"] = "No Name".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let error = changed(change).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{number}: {error}");
    }
}
