use airway_protocols::{
    claim::{
        Claim, ClaimDraft, Error, Key, LIFE, MAX_BYTES,
        set::{self, MAX_VALUE},
    },
    envelope::PAYLOAD_TYPE,
    tag::Tag,
    trust::MAX_TIME,
    wire,
};
use serde_bytes::ByteBuf;

use super::*;

const DOMAIN: &str = "airway-claim-v1";

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    claims: Vec<Signed>,
    refused_claims: Vec<RefusedBytes>,
    tags: [&'static str; 4],
    refused_tags: Vec<RefusedText>,
    sets: Vec<Joined>,
    refused_sets: Vec<RefusedBytes>,
}

#[derive(Serialize)]
struct Signed {
    network: &'static str,
    seed: String,
    card: String,
    tags: Vec<String>,
    issued: u64,
    expires: u64,
    certificate: Option<String>,
    bytes: String,
    keys: Vec<Keyed>,
}

#[derive(Serialize)]
struct Keyed {
    of: String,
    key: String,
}

#[derive(Serialize)]
struct Joined {
    claims: Vec<String>,
    bytes: String,
}

/// The payload of a claim, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    network: ByteBuf,
    by: ByteBuf,
    card: ByteBuf,
    tags: Vec<String>,
    issued: u64,
    expires: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<ByteBuf>,
}

fn claim(realm: &Realm, card: &Card, tags: &[&str], certificate: Option<&Certificate>) -> Claim {
    let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
    let draft = ClaimDraft { card, tags: &tags, issued: AT, expires: AT + LIFE, certificate };
    Claim::sign(realm, &key(2), draft).unwrap()
}

fn signed(network: &'static str, realm: &Realm, claim: &Claim) -> Signed {
    assert_eq!(Claim::from_bytes(claim.as_bytes(), realm).unwrap(), *claim);
    let keyed = |key: Key| {
        let of = match &key {
            Key::Address(node) => format!("address {node}"),
            Key::Name(name) => format!("name {name}"),
            Key::Tag(tag) => format!("tag {tag}"),
        };
        Keyed { of, key: hex(key.bytes(&realm.id())) }
    };
    Signed {
        network,
        seed: hex([2; 32]),
        card: claim.card().to_string(),
        tags: claim.tags().iter().map(ToString::to_string).collect(),
        issued: claim.issued(),
        expires: claim.expires(),
        certificate: claim.certificate().map(|certificate| hex(certificate.as_bytes())),
        bytes: hex(claim.as_bytes()),
        keys: claim.keys().into_iter().map(keyed).collect(),
    }
}

fn bare(number: u16, name: Option<&str>) -> Card {
    Card::sign(&key(2), number, 0, name.map(|name| name.parse().unwrap()), &[]).unwrap()
}

fn on_backbone() -> Payload {
    Payload {
        version: 1,
        network: ByteBuf::from(*Realm::backbone().id().as_bytes()),
        by: ByteBuf::from(public(2).to_bytes()),
        card: ByteBuf::from(card(2, 0, None).as_bytes()),
        tags: vec![],
        issued: AT,
        expires: AT + LIFE,
        certificate: None,
    }
}

fn in_mesh() -> Payload {
    Payload {
        network: ByteBuf::from(*realm().id().as_bytes()),
        card: ByteBuf::from(card(2, NUMBER, None).as_bytes()),
        certificate: Some(ByteBuf::from(certificate(2, MEMBER).as_bytes())),
        ..on_backbone()
    }
}

/// A claim of agent 2, validly signed, after `change`.
fn broken(mut payload: Payload, change: fn(&mut Payload)) -> Vec<u8> {
    change(&mut payload);
    forged(&key(2), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap())
}

fn tags(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn refused_on_backbone() -> Vec<RefusedBytes> {
    let valid = broken(on_backbone(), |_| {});
    let read = |bytes: &[u8]| -> Result<Claim, Error> { Claim::from_bytes(bytes, &Realm::backbone()) };
    assert!(read(&valid).is_ok());
    let encoded = || wire::encode(&on_backbone()).unwrap();
    let changes: [fn(&mut Payload); 18] = [
        |p| p.version = 2,
        |p| p.network = ByteBuf::from(*realm().id().as_bytes()),
        |p| p.by = ByteBuf::from(public(3).to_bytes()),
        |p| p.card = ByteBuf::from(card(3, 0, None).as_bytes()),
        |p| p.card = ByteBuf::from(card(2, NUMBER, None).as_bytes()),
        |p| p.card = ByteBuf::from(altered(card(2, 0, None).as_bytes())),
        |p| p.card = ByteBuf::new(),
        |p| p.tags = tags(&["a", "b", "c", "d"]),
        |p| p.tags = tags(&["a", "a"]),
        |p| p.tags = tags(&["OCR"]),
        |p| (p.card, p.tags) = (ByteBuf::from(bare(0, None).as_bytes()), tags(&["a"])),
        |p| p.card = ByteBuf::from(bare(0, Some("ada")).as_bytes()),
        |p| p.expires = p.issued,
        |p| p.expires = p.issued + LIFE + 1,
        |p| (p.issued, p.expires) = (MAX_TIME, MAX_TIME + 1),
        |p| p.issued = u64::MAX,
        |p| p.certificate = Some(ByteBuf::from(certificate(2, MEMBER).as_bytes())),
        |p| p.card = ByteBuf::from(vec![0; MAX_BYTES]),
    ];
    let others = [
        vec![],
        valid[..valid.len() - 1].to_vec(),
        altered(&valid),
        forged(&key(2), "airway-member-v1", PAYLOAD_TYPE, encoded()),
        forged(&key(3), DOMAIN, PAYLOAD_TYPE, encoded()),
    ];
    let changed = changes.map(|change| broken(on_backbone(), change));
    others.into_iter().chain(changed).map(|bytes| refused(&bytes, read)).collect()
}

fn refused_in_mesh() -> Vec<RefusedBytes> {
    let read = |bytes: &[u8]| -> Result<Claim, Error> { Claim::from_bytes(bytes, &realm()) };
    assert!(read(&broken(in_mesh(), |_| {})).is_ok());
    let changes: [fn(&mut Payload); 7] = [
        |p| p.certificate = None,
        |p| p.certificate = Some(ByteBuf::from(certificate(3, MEMBER).as_bytes())),
        |p| p.certificate = Some(ByteBuf::from(altered(certificate(2, MEMBER).as_bytes()))),
        |p| {
            let foreign = Realm::of(&genesis(2));
            let foreigner = Certificate::sign(&foreign, &key(2), None, grant(2, MEMBER)).unwrap();
            p.certificate = Some(ByteBuf::from(foreigner.as_bytes()));
        },
        |p| {
            let moved = Grant { nonce: 1, ..grant(2, MEMBER) };
            let moved = Certificate::sign(&realm(), &key(1), None, moved).unwrap();
            p.certificate = Some(ByteBuf::from(moved.as_bytes()));
        },
        |p| p.card = ByteBuf::from(card(2, 0, None).as_bytes()),
        |p| p.card = ByteBuf::from(card(2, NUMBER, Some("ada")).as_bytes()),
    ];
    changes.map(|change| refused(&broken(in_mesh(), change), read)).into()
}

fn joined(claims: &[Claim]) -> Joined {
    let value = set::join(claims);
    let envelopes: Vec<_> = claims.iter().map(|claim| claim.as_bytes().to_vec()).collect();
    assert_eq!(set::split(&value).unwrap(), envelopes);
    Joined { claims: envelopes.iter().map(hex).collect(), bytes: hex(value) }
}

fn refused_sets() -> Vec<RefusedBytes> {
    assert!(set::split(&[0; MAX_VALUE + 1]).is_err());
    let values = [vec![0x80], vec![0x80, 0], vec![0xFF; 11], vec![0xFF, 0x7F], vec![2, 0], vec![0; 17]];
    values.into_iter().map(|value| refused(&value, set::split)).collect()
}

#[test]
fn claims_are_as_written() {
    let (backbone, mesh) = (Realm::backbone(), realm());
    let named = Grant { name: Some("ada".parse().unwrap()), ..grant(2, MEMBER) };
    let named = Certificate::sign(&mesh, &key(1), None, named).unwrap();
    let plain = claim(&backbone, &card(2, 0, None), &[], None);
    let tagged = claim(&backbone, &card(2, 0, Some("ada")), &["ocr", "pdf-2", "0"], None);
    let member = claim(&mesh, &card(2, NUMBER, Some("ada")), &["ocr"], Some(&named));
    let gone = claim(&mesh, &bare(NUMBER, None), &[], Some(&named));
    assert!(gone.is_withdrawn());

    let good_tags = ["a", "ocr", "0-9", "a1234567890123456789012345678901"];
    for tag in good_tags {
        assert_eq!(tag.parse::<Tag>().unwrap().as_str(), tag);
    }
    let long = "a".repeat(33);
    let mut refused_claims = refused_on_backbone();
    refused_claims.extend(refused_in_mesh());
    let vectors = Vectors {
        about: "Claims: the CBOR map {\"version\": 1, \"network\", \"by\": the agent's key, \"card\", \"tags\", \"issued\", \
                \"expires\", \"certificate\" where the network has an authority} in the domain airway-claim-v1. The key \
                in the DHT is /airway-addr/, /airway-name/ or /airway-tag/ and the SHA-256 of airway-addr-key-v1, \
                airway-name-key-v1 or airway-tag-key-v1, a zero byte, the id of the network, and the node number as four \
                bytes, the name or the tag. A set is the value at a key: each claim behind its length as a varint. The \
                refused claims are of the backbone, the last seven of the mesh, which is that of the genesis with seed 1 \
                in network.json.",
        claims: vec![
            signed("backbone", &backbone, &plain),
            signed("backbone", &backbone, &tagged),
            signed("mesh", &mesh, &member),
            signed("mesh", &mesh, &gone),
        ],
        refused_claims,
        tags: good_tags,
        refused_tags: refused_texts::<Tag>(&["", "OCR", "a b", "-a", "a-", "ä", &long]),
        sets: vec![joined(&[]), joined(std::slice::from_ref(&plain)), joined(&[plain, tagged])],
        refused_sets: refused_sets(),
    };
    golden("claim.json", &vectors);
}
