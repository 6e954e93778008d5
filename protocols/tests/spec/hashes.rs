//! Hashes and proofs, computed from what the document says of them and compared with the golden vectors.

use airway_protocols::{claim::Key, network::NetworkId};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    document::Table,
    golden::{cases, payload, unbase64, unhex},
};
use crate::row;

fn sha(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().to_vec()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().fold(mac, |mac, part| mac.chain_update(part)).finalize().into_bytes().to_vec()
}

fn zero(domain: &str) -> Vec<u8> {
    [domain.as_bytes(), &[0]].concat()
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Computes a hash for each case, and compares.
fn holds(all: &[Value], expected: &str, compute: impl Fn(&Value) -> Vec<u8>) {
    assert!(!all.is_empty());
    for case in all {
        assert_eq!(hex(&compute(case)), case[expected].as_str().unwrap(), "{expected}");
    }
}

pub(crate) fn tables() -> Vec<Table> {
    vec![hashes(), domains(), keys()]
}

/// Hashes of agents and of what they say of trust.
fn of_agents() {
    let agents = cases("address.json", "positive");
    holds(&agents, "agent_id", |case| sha(&[&zero("airway-agent-v1"), &unhex(&case["public_key"])]));
    for case in &agents {
        let nonce = u8::try_from(case["nonce_used"].as_u64().unwrap()).unwrap();
        let hash = sha(&[&zero("airway-addr-v1"), &unhex(&case["agent_id"]), &[nonce]]);
        assert_eq!(hash[..4], unhex(&case["bytes"])[2..]);
    }
    let statements = cases("trust.json", "statements");
    holds(&statements, "id", |case| sha(&[&zero("airway-trust-id-v1"), &unhex(&case["bytes"])]));
    let tickets = cases("trust.json", "tickets");
    holds(&tickets, "proof", |case| {
        mac(&unhex(&case["secret"]), &[&zero("airway-ticket-v1"), &unhex(&case["statement"])])
    });
}

/// Hashes of networks, and proofs of their invites.
fn of_networks() {
    let geneses = cases("network.json", "geneses");
    holds(&geneses, "id", |case| sha(&[&zero("airway-net-v1"), &unhex(&case["bytes"])]));
    let realms = cases("network.json", "realms");
    for realm in &realms {
        let tag = &sha(&[&zero("airway-proto-v1"), &unhex(&realm["id"])])[..10];
        assert_eq!(BASE32_NOPAD.encode(tag).to_lowercase(), realm["tag"].as_str().unwrap());
    }
    let id = |at: usize| unhex(&realms[at]["id"]);
    assert_eq!(id(0), sha(&[&zero("airway-net-v1"), b"backbone"]));
    let swarm = sha(&[&zero("airway-swarm-key-v1"), &[7; 32]]);
    assert!(realms.iter().any(|realm| unhex(&realm["id"]) == swarm));
    for invite in cases("invite.json", "positive") {
        let network = sha(&[&zero("airway-net-v1"), &unhex(&invite["genesis"])]);
        let parts = [&zero("airway-join-v1"), &network, &unhex(&invite["id"]), &unhex(&invite["joiner"])];
        let proof = mac(&unhex(&invite["secret"]), &parts.map(Vec::as_slice));
        assert_eq!(hex(&proof), invite["proof"].as_str().unwrap());
    }
}

/// The digits at the end of texts that hold a secret.
fn of_texts() {
    for text in cases("invite.json", "positive").iter().chain(&cases("trust.json", "tickets")) {
        let bytes = unbase64(&text["text"]);
        let (contents, check) = bytes.split_at(bytes.len() - 4);
        assert_eq!(sha(&[contents])[..4], *check);
    }
}

/// Ids of broadcasts, and of anything else that gossipsub may carry.
fn of_messages() {
    let id = |data: &Value| sha(&[&zero("airway-mid-v1"), &unhex(data)])[..20].to_vec();
    holds(&cases("events.json", "message_ids"), "id", |case| id(&case["data"]));
    holds(&cases("events.json", "broadcasts"), "id", |case| id(&case["bytes"]));
}

/// Digests of tasks and of their results.
fn of_tasks() {
    for (list, domain) in [("bodies", "airway-task-v1"), ("contents", "airway-output-v1")] {
        let digest = |case: &Value| sha(&[&zero(domain), &unhex(&case["bytes"])]);
        holds(&cases("tasks.json", list), "digest", digest);
    }
}

fn hashes() -> Table {
    of_agents();
    of_networks();
    of_texts();
    of_messages();
    of_tasks();
    let receipts = cases("polo.json", "receipts");
    holds(&receipts, "hash", |case| sha(&[&zero("airway-receipt-id-v1"), &unhex(&case["bytes"])]));
    let of = |what: &str, function: &str, domain: &str, then: &str| {
        let domain = if domain.is_empty() { "none".into() } else { format!("`{domain}` ‖ 00") };
        row![what, function, domain, then]
    };
    Table {
        name: "hashes",
        rows: vec![
            of("agent id", "SHA-256", "airway-agent-v1", "public key"),
            of("node number", "SHA-256, first 4 bytes", "airway-addr-v1", "agent id ‖ nonce, 1 byte"),
            of("statement id", "SHA-256", "airway-trust-id-v1", "envelope"),
            of("ticket proof", "HMAC-SHA256 under the secret", "airway-ticket-v1", "statement id"),
            of(
                "join proof",
                "HMAC-SHA256 under the secret",
                "airway-join-v1",
                "network id ‖ invite id ‖ joiner's key",
            ),
            of("network id, of a mesh", "SHA-256", "airway-net-v1", "genesis"),
            of("network id, of the backbone", "SHA-256", "airway-net-v1", "the 8 bytes of `backbone`"),
            of("network id, of a swarm key", "SHA-256", "airway-swarm-key-v1", "key"),
            of("network tag", "SHA-256, first 10 bytes", "airway-proto-v1", "network id"),
            of("DHT key of an address", "SHA-256", "airway-addr-key-v1", "network id ‖ node number, 4 bytes"),
            of("DHT key of a name", "SHA-256", "airway-name-key-v1", "network id ‖ name"),
            of("DHT key of a tag", "SHA-256", "airway-tag-key-v1", "network id ‖ tag"),
            of("multihash of any of those keys", "none", "", "`12 20` ‖ the hash in it"),
            of(
                "message id of a broadcast",
                "SHA-256, first 20 bytes",
                "airway-mid-v1",
                "all bytes of the message's data",
            ),
            of("digest of a task", "SHA-256", "airway-task-v1", "body"),
            of("digest of a result", "SHA-256", "airway-output-v1", "content"),
            of("receipt hash", "SHA-256", "airway-receipt-id-v1", "envelope"),
            of("check of a ticket or invite", "SHA-256, first 4 bytes", "", "all bytes before it"),
        ],
    }
}

/// Signatures of the golden vectors verify in these domains.
fn domains() -> Table {
    let all = [
        ("card", "airway-card-v1", "card.json", "positive"),
        ("statement", "airway-trust-v1", "trust.json", "statements"),
        ("certificate", "airway-member-v1", "certificate.json", "positive"),
        ("revocation list", "airway-revocations-v1", "revocations.json", "positive"),
        ("claim", "airway-claim-v1", "claim.json", "claims"),
        ("invite", "airway-invite-v1", "invite.json", "positive"),
        ("broadcast", "airway-event-v1", "events.json", "broadcasts"),
        ("claim of work", "airway-work-v1", "polo.json", "claims"),
        ("receipt", "airway-receipt-v1", "polo.json", "receipts"),
        ("head of chains", "airway-polo-head-v1", "polo.json", "heads"),
    ];
    let rows = all.map(|(what, domain, file, list)| {
        for case in cases(file, list) {
            let envelope = if case["bytes"].is_null() {
                let mut bytes = unbase64(&case["text"]);
                bytes.truncate(bytes.len() - 20);
                bytes
            } else {
                unhex(&case["bytes"])
            };
            payload(&envelope, domain);
        }
        row![what, format!("`{domain}`")]
    });
    Table { name: "domains", rows: rows.into() }
}

/// Keys of the DHT, of all claims of the golden vectors.
fn keys() -> Table {
    let realms = cases("network.json", "realms");
    let id = |name: &Value| unhex(&realms.iter().find(|realm| realm["network"] == *name).unwrap()["id"]);
    let mut rows = Vec::new();
    for claim in cases("claim.json", "claims") {
        for key in claim["keys"].as_array().unwrap() {
            let (kind, of) = key["of"].as_str().unwrap().split_once(' ').unwrap();
            let (kind, bytes) = match kind {
                "address" => ("addr", of.parse::<u32>().unwrap().to_be_bytes().to_vec()),
                kind => (kind, of.as_bytes().to_vec()),
            };
            let hash = sha(&[&zero(&format!("airway-{kind}-key-v1")), &id(&claim["network"]), &bytes]);
            let prefix = format!("/airway-{kind}/");
            assert_eq!([prefix.as_bytes(), &hash].concat(), unhex(&key["key"]));
            let network_id = NetworkId::from_bytes(id(&claim["network"]).try_into().unwrap());
            let key_of = match kind {
                "addr" => Key::Address(of.parse().unwrap()),
                "name" => Key::Name(of.parse().unwrap()),
                _ => Key::Tag(of.parse().unwrap()),
            };
            assert_eq!([&[0x12, 0x20], hash.as_slice()].concat(), key_of.multihash(&network_id));
            let network = claim["network"].as_str().unwrap();
            let of = format!("{network}: {}", key["of"].as_str().unwrap());
            rows.push(row![of, format!("`{prefix}` ‖ `{}`", hex(&hash))]);
        }
    }
    rows.sort();
    rows.dedup();
    Table { name: "dht-keys", rows }
}
