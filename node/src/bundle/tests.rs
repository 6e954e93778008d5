mod network;

use airway_protocols::address::Address;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::*;
use crate::store::{Contact, Pin, Relation, RelationState};

fn identity() -> Identity {
    let dir = tempfile::tempdir().unwrap();
    Identity::load_or_create(&dir.path().join("identity.key")).unwrap()
}

fn contact(alias: &str) -> Contact {
    let identity = identity();
    let (address, _): (Address, u8) = identity.address().unwrap();
    Contact {
        agent: *identity.agent_id().as_bytes(),
        public_key: identity.public_key(),
        address: address.to_bytes(),
        name: Some("bob".into()),
        alias: Some(alias.into()),
        multiaddrs: vec!["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()],
        trusted_at_ms: 1,
        last_used_ms: Some(2),
    }
}

/// The first of the contacts with all that there can be of it, and an agent that is blocked.
fn relations(contacts: &[Contact]) -> Vec<Relation> {
    let of = |contact: &Contact| {
        Relation::stranger(contact.agent, contact.public_key, contact.address, contact.trusted_at_ms)
    };
    let trusted = Relation {
        state: RelationState::Trusted,
        generation: u64::MAX,
        heard: 4,
        spoke_ms: 4,
        request: Some([5; 32]),
        scopes: Some(vec![1]),
        granted: Some(vec![2, 3]),
        expires_at_ms: Some(6),
        said: Some(vec![7; 100]),
        said_until_ms: Some(8),
        known: true,
        ..of(&contacts[0])
    };
    vec![trusted, Relation { state: RelationState::Blocked, generation: 9, ..of(&contact("mallory")) }]
}

fn pin(contact: &Contact) -> Pin {
    Pin { address: contact.address, agent: contact.agent, since_ms: 1 }
}

fn bundle() -> Bundle {
    let multiaddrs = vec!["/ip4/192.0.2.7/tcp/4001".parse().unwrap()];
    let contacts = vec![contact("robert"), contact("roberta")];
    let relations = relations(&contacts);
    let pins = contacts.iter().map(pin).collect();
    let identity = identity();
    let (mesh, authority) = network::carried(&identity);
    Bundle {
        identity,
        name: Some("alice".into()),
        multiaddrs,
        trust: Carried { contacts, relations, pins },
        mesh,
        authority: Some(authority),
    }
}

/// The bundle with one field changed.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Bundle, Error> {
    let mut form: Value = serde_json::from_slice(&form::write(&bundle()).unwrap()).unwrap();
    change(&mut form);
    form::read(&serde_json::to_vec(&form).unwrap())
}

#[test]
fn what_was_taken_comes_out_again() {
    let before = bundle();
    let after = form::read(&form::write(&before).unwrap()).unwrap();
    assert_eq!(after.identity.public_key(), before.identity.public_key());
    assert_eq!(after.identity.encoded(), before.identity.encoded());
    assert_eq!((after.name, after.multiaddrs), (before.name, before.multiaddrs));
    assert_eq!(after.trust.contacts, before.trust.contacts);
    assert_eq!((after.trust.relations, after.trust.pins), (before.trust.relations, before.trust.pins));
}

#[test]
fn a_bundle_of_a_newer_version_is_named_so_whatever_is_in_it() {
    let error = form::read(br#"{"airway_identity":4,"keys":["new"]}"#).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 4, known: 3 }), "{error}");
    assert!(matches!(form::read(b"[]").unwrap_err(), Error::NotABundle));
}

/// A bundle of an earlier version, which had fewer fields.
fn earlier(version: u64, missing: &[&str]) -> Bundle {
    let bundle = changed(|form| {
        form["airway_identity"] = version.into();
        for field in missing {
            form.as_object_mut().unwrap().remove(*field).unwrap();
        }
    });
    bundle.unwrap()
}

#[test]
fn bundles_of_the_earlier_versions_are_read() {
    let first = earlier(1, &["relations", "pins", "found", "network", "authority"]);
    let Carried { contacts, relations, pins } = first.trust;
    assert_eq!((contacts.len(), relations.len(), pins.len()), (2, 0, 0));
    let second = earlier(2, &["found", "network", "authority"]);
    assert_eq!((second.trust.relations.len(), second.trust.pins.len()), (2, 2));
    assert_eq!(second.mesh, CarriedMesh::default());
    assert!(second.authority.is_none());
}

#[tokio::test]
async fn an_agent_moves_with_those_whom_it_trusts_and_those_whom_it_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("new"));
    let before = bundle();
    before.install(&home).await.unwrap();
    let after = Bundle::of(&home).unwrap();
    assert_eq!(after.trust.contacts.len(), 2);
    let found = |agent| after.trust.relations.iter().find(|relation| relation.agent == agent).unwrap();
    for relation in &before.trust.relations {
        assert_eq!(found(relation.agent), relation);
    }
    let other = found(before.trust.contacts[1].agent);
    assert_eq!((other.state, other.generation, other.known), (RelationState::Trusted, 0, true));
    assert_eq!(after.trust.relations.len(), 3);
    assert_eq!(after.trust.pins.len(), 2);
}

#[test]
fn what_does_not_fit_together_is_damaged() {
    let other = identity();
    let changes: [fn(&mut Value, &Identity); 11] = [
        |form, other| form["key"] = BASE64.encode(&other.encoded()).into(),
        |form, _| form["key"] = "AAAA".into(),
        |form, other| form["address"] = other.endpoint().unwrap().to_string().into(),
        |form, other| form["contacts"][0]["public_key"] = BASE64.encode(&other.public_key()).into(),
        |form, other| form["contacts"][1]["address"] = other.endpoint().unwrap().to_string().into(),
        |form, other| form["relations"][0]["public_key"] = BASE64.encode(&other.public_key()).into(),
        |form, _| form["relations"][0]["state"] = "blocked".into(),
        |form, _| form["relations"][1]["state"] = "trusted".into(),
        |form, _| form["relations"][0]["request"] = "AAAA".into(),
        |form, _| form["pins"][0]["address"] = form["pins"][1]["address"].clone(),
        // It would become a line of the settings.
        |form, _| form["name"] = "alice\"\nlisten = [\"/ip4/0.0.0.0/tcp/1\"]".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let error = changed(|form| change(form, &other)).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{number}: {error}");
    }
    let many = vec!["/ip4/192.0.2.1/tcp/1"; 1000];
    let bounded = changed(|form| form["contacts"][0]["multiaddrs"] = json!(many)).unwrap();
    assert_eq!(bounded.trust.contacts[0].multiaddrs.len(), crate::contacts::MAX_MULTIADDRS);
}
