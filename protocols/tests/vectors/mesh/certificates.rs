use airway_protocols::{
    certificate::{self, Error},
    envelope::PAYLOAD_TYPE,
    network::CLOCK_SKEW,
    revocations::Revocations,
    trust::MAX_TIME,
    wire,
};
use serde_bytes::ByteBuf;

use super::*;

const DOMAIN: &str = "airway-member-v1";

#[derive(Serialize)]
struct Signed {
    by: String,
    issuer: Option<String>,
    member: String,
    nonce: u8,
    name: Option<String>,
    roles: Roles,
    not_before: u64,
    expires: u64,
    serial: String,
    bytes: String,
    agent_id: String,
    address: String,
    standing: Vec<Standing>,
}

/// Whether a certificate stands at a time, when these have been expelled.
#[derive(Serialize)]
struct Standing {
    now: u64,
    expelled: Vec<String>,
    why: Option<String>,
}

/// The payload of a certificate, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    network: ByteBuf,
    by: ByteBuf,
    member: ByteBuf,
    nonce: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    roles: u8,
    not_before: u64,
    expires: u64,
    serial: ByteBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<ByteBuf>,
}

fn signed(by: u8, issuer: Option<&Certificate>, grant: Grant) -> Signed {
    let certificate = Certificate::sign(&realm(), &key(by), issuer, grant).unwrap();
    assert_eq!(Certificate::from_bytes(certificate.as_bytes(), &realm()).unwrap(), certificate);
    Signed {
        by: hex([by; 32]),
        issuer: issuer.map(|issuer| hex(issuer.as_bytes())),
        member: hex(certificate.public_key().to_bytes()),
        nonce: certificate.nonce(),
        name: certificate.name().map(ToString::to_string),
        roles: certificate.roles(),
        not_before: certificate.not_before(),
        expires: certificate.expires(),
        serial: hex(certificate.serial()),
        bytes: hex(certificate.as_bytes()),
        agent_id: hex(certificate.agent().as_bytes()),
        address: certificate.address().to_string(),
        standing: standing(&certificate),
    }
}

fn standing(certificate: &Certificate) -> Vec<Standing> {
    let (from, to) = (certificate.not_before(), certificate.expires());
    let stands = |now, expelled: &[AgentId]| {
        let agents = expelled.iter().copied().collect();
        let list = Revocations::sign(&realm(), &key(1), 1, AT, &agents).unwrap();
        let expelled = expelled.iter().map(|agent| hex(agent.as_bytes())).collect();
        let why = certificate.stands(now, &list).err().map(|invalid| invalid.to_string());
        Standing { now, expelled, why }
    };
    vec![
        stands(from.saturating_sub(CLOCK_SKEW + 1), &[]),
        stands(from.saturating_sub(CLOCK_SKEW), &[]),
        stands(to + CLOCK_SKEW - 1, &[]),
        stands(to + CLOCK_SKEW, &[]),
        stands(from, &[agent(9)]),
        stands(from, &[certificate.agent()]),
        stands(from, &[agent(2)]),
    ]
}

fn payload(by: u8) -> Payload {
    let grant = grant(3, MEMBER);
    Payload {
        version: 1,
        network: ByteBuf::from(*realm().id().as_bytes()),
        by: ByteBuf::from(public(by).to_bytes()),
        member: ByteBuf::from(grant.member.to_bytes()),
        nonce: grant.nonce,
        name: None,
        roles: 0,
        not_before: grant.not_before,
        expires: grant.expires,
        serial: ByteBuf::from(grant.serial),
        issuer: None,
    }
}

/// A certificate of agent 3 by the key with this seed, validly signed, after `change`.
fn broken(by: u8, change: impl FnOnce(&mut Payload)) -> Vec<u8> {
    let mut payload = payload(by);
    change(&mut payload);
    forged(&key(by), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap())
}

/// One by the inviter 2 whose certificate this is.
fn issued(issuer: &Certificate, change: impl FnOnce(&mut Payload)) -> Vec<u8> {
    issued_with(issuer.as_bytes(), change)
}

fn issued_with(issuer: &[u8], change: impl FnOnce(&mut Payload)) -> Vec<u8> {
    broken(2, |payload| {
        payload.issuer = Some(ByteBuf::from(issuer));
        change(payload);
    })
}

/// An agent whose address at nonce 0 is a reserved one, so that its first nonce is 1.
fn reserved() -> PublicKey {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&76_514_u32.to_be_bytes());
    key_of(seed).public().try_into_ed25519().unwrap()
}

fn by_authority() -> Vec<Vec<u8>> {
    let valid = broken(1, |_| {});
    assert!(Certificate::from_bytes(&valid, &realm()).is_ok());
    let encoded = || wire::encode(&payload(1)).unwrap();
    let changes: [fn(&mut Payload); 15] = [
        |p| p.version = 2,
        |p| p.network = ByteBuf::from(*genesis(2).id().as_bytes()),
        |p| p.network = ByteBuf::from([1; 31]),
        |p| p.member = ByteBuf::from([&[1][..], &[0; 31]].concat()),
        |p| p.member = ByteBuf::from([2; 31]),
        |p| p.nonce = 16,
        |p| p.member = ByteBuf::from(reserved().to_bytes()),
        |p| p.name = Some("Ada"),
        |p| p.roles = 4,
        |p| p.expires = p.not_before,
        |p| p.not_before = p.expires + 1,
        |p| p.expires = MAX_TIME + 1,
        |p| p.serial = ByteBuf::from([3; 15]),
        |p| p.serial = ByteBuf::from(vec![3; certificate::MAX_BYTES]),
        |p| p.by = ByteBuf::from(public(2).to_bytes()),
    ];
    let others = [
        vec![],
        valid[..valid.len() - 1].to_vec(),
        altered(&valid),
        forged(&key(1), "airway-claim-v1", PAYLOAD_TYPE, encoded()),
        forged(&key(1), DOMAIN, b"/other", encoded()),
        broken(2, |_| {}),
    ];
    others.into_iter().chain(changes.map(|change| broken(1, change))).collect()
}

fn by_inviter() -> Vec<Vec<u8>> {
    let inviter = certificate(2, INVITER);
    assert!(Certificate::from_bytes(&issued(&inviter, |_| {}), &realm()).is_ok());
    let expires = inviter.expires();
    let second = Certificate::sign(&realm(), &key(2), Some(&inviter), grant(2, MEMBER)).unwrap();
    let foreign = Realm::of(&genesis(2));
    let foreigner = Certificate::sign(&foreign, &key(2), None, grant(2, INVITER)).unwrap();
    let brief = Grant { expires: AT + 1_000, ..grant(2, INVITER) };
    let brief = Certificate::sign(&realm(), &key(1), None, brief).unwrap();
    vec![
        issued(&inviter, |p| p.roles = RELAY.bits()),
        issued(&inviter, |p| p.roles = INVITER.bits()),
        issued(&certificate(2, BOTH), |p| p.roles = BOTH.bits()),
        issued(&inviter, |p| p.expires = expires + 1),
        issued(&inviter, |p| p.not_before = AT - 1),
        issued(&brief, |_| {}),
        issued(&certificate(2, RELAY), |_| {}),
        issued(&certificate(4, INVITER), |_| {}),
        issued(&second, |_| {}),
        issued(&foreigner, |_| {}),
        issued_with(&altered(inviter.as_bytes()), |_| {}),
        issued_with(card(2, NUMBER, None).as_bytes(), |_| {}),
        issued_with(&[], |_| {}),
    ]
}

#[test]
fn certificates_are_as_written() {
    let inviter = certificate(2, BOTH);
    let named = |seed, roles, name: &str| Grant { name: Some(name.parse().unwrap()), ..grant(seed, roles) };
    let moved = Grant { member: reserved(), nonce: 1, ..grant(3, MEMBER) };
    let positive = vec![
        signed(1, None, grant(3, MEMBER)),
        signed(1, None, named(2, BOTH, "ada")),
        signed(1, None, Grant { nonce: 5, ..grant(3, MEMBER) }),
        signed(1, None, moved),
        signed(2, Some(&inviter), grant(3, MEMBER)),
        signed(2, Some(&inviter), named(3, RELAY, "build-7")),
        signed(1, None, Grant { not_before: 0, expires: MAX_TIME, ..grant(1, BOTH) }),
    ];
    let read = |bytes: &[u8]| -> Result<Certificate, Error> { Certificate::from_bytes(bytes, &realm()) };
    let negative =
        by_authority().into_iter().chain(by_inviter()).map(|bytes| refused(&bytes, read)).collect();
    let about = "Certificates of members: the CBOR map {\"version\": 1, \"network\", \"by\": the signer's key, \"member\": \
                 the member's, \"nonce\", \"name\" if there is one, \"roles\": bits, \"not_before\", \"expires\", \
                 \"serial\", \"issuer\": the certificate of the inviter that signs, if one does} in the domain \
                 airway-member-v1. The authority is the key with seed 1. Standing says whether the certificate makes \
                 its member one at a time, when some agents have been expelled; agent 2 is the inviter. The network is \
                 that of the genesis with seed 1 in network.json.";
    golden("certificate.json", &File { about, positive, negative });
}
