use airway_protocols::{
    envelope::PAYLOAD_TYPE,
    invite::{self, Invite, InviteDraft, InviteId, MAX_BOOTSTRAP_BYTES, MAX_BOOTSTRAPS},
    trust::MAX_TIME,
    wire,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use libp2p::Multiaddr;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use super::*;

const DOMAIN: &str = "airway-invite-v1";
const SECRET: [u8; 16] = [0xA7; 16];

#[derive(Serialize)]
struct Signed {
    seed: String,
    genesis: String,
    card: String,
    certificate: String,
    id: String,
    secret: String,
    expires: u64,
    roles: Roles,
    reusable: bool,
    ephemeral: bool,
    bootstraps: Vec<String>,
    text: String,
    joiner: String,
    proof: String,
}

/// The payload of an invite, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    genesis: ByteBuf,
    by: ByteBuf,
    card: ByteBuf,
    certificate: ByteBuf,
    id: ByteBuf,
    expires: u64,
    roles: u8,
    reusable: bool,
    ephemeral: bool,
    bootstraps: Vec<ByteBuf>,
}

fn bootstrap() -> Multiaddr {
    format!("/ip4/192.0.2.7/tcp/4001/p2p/{}", key(4).public().to_peer_id()).parse().unwrap()
}

fn signed(id: u8, roles: Roles, (reusable, ephemeral): (bool, bool), bootstraps: &[Multiaddr]) -> Signed {
    let (genesis, card, certificate) = (genesis(1), card(2, NUMBER, Some("ada")), certificate(2, BOTH));
    let (id, expires) = (InviteId::from_bytes([id; 16]), AT + 86_400_000);
    let invite = Invite::sign(
        &key(2),
        InviteDraft {
            genesis: &genesis,
            card: &card,
            certificate: &certificate,
            id,
            secret: SECRET,
            expires,
            roles,
            reusable,
            ephemeral,
            bootstraps,
        },
    )
    .unwrap();
    let text = invite.to_string();
    assert_eq!(text.parse::<Invite>().unwrap().to_string(), text);
    let (joiner, proof) = (public(5), invite.prove(&public(5)));
    assert!(invite::proves(&SECRET, &genesis.id(), &id, &joiner, &proof));
    Signed {
        seed: hex([2; 32]),
        genesis: hex(genesis.as_bytes()),
        card: card.to_string(),
        certificate: hex(certificate.as_bytes()),
        id: id.to_string(),
        secret: hex(SECRET),
        expires,
        roles,
        reusable,
        ephemeral,
        bootstraps: bootstraps.iter().map(ToString::to_string).collect(),
        text,
        joiner: hex(joiner.to_bytes()),
        proof: hex(proof),
    }
}

/// The text around any envelope, with a digest that fits.
fn text(envelope: &[u8]) -> String {
    let contents = [envelope, &SECRET].concat();
    let digest = Sha256::digest(&contents);
    format!("{}{}", invite::PREFIX, BASE64URL.encode(&[&contents, &digest[..4]].concat()))
}

fn payload() -> Payload {
    Payload {
        version: 1,
        genesis: ByteBuf::from(genesis(1).as_bytes()),
        by: ByteBuf::from(public(2).to_bytes()),
        card: ByteBuf::from(card(2, NUMBER, None).as_bytes()),
        certificate: ByteBuf::from(certificate(2, INVITER).as_bytes()),
        id: ByteBuf::from([1; 16]),
        expires: AT,
        roles: 0,
        reusable: false,
        ephemeral: false,
        bootstraps: vec![],
    }
}

/// An invite of the inviter 2, validly signed, after `change`.
fn broken(change: fn(&mut Payload)) -> String {
    let mut payload = payload();
    change(&mut payload);
    text(&forged(&key(2), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap()))
}

fn broken_invites() -> Vec<String> {
    assert!(broken(|_| {}).parse::<Invite>().is_ok());
    let binary = |address: &Multiaddr| ByteBuf::from(address.to_vec());
    assert!(binary(&bootstrap()).len() < MAX_BOOTSTRAP_BYTES);
    let changes: [fn(&mut Payload); 19] = [
        |p| p.version = 2,
        |p| p.genesis = ByteBuf::from(genesis(2).as_bytes()),
        |p| p.genesis = ByteBuf::from([0xA0]),
        |p| p.by = ByteBuf::from(public(3).to_bytes()),
        |p| p.card = ByteBuf::from(card(3, NUMBER, None).as_bytes()),
        |p| p.card = ByteBuf::from(card(2, 0, None).as_bytes()),
        |p| p.card = ByteBuf::from(altered(card(2, NUMBER, None).as_bytes())),
        |p| p.certificate = ByteBuf::from(certificate(3, INVITER).as_bytes()),
        |p| p.certificate = ByteBuf::from(certificate(2, RELAY).as_bytes()),
        |p| p.certificate = ByteBuf::from(altered(certificate(2, INVITER).as_bytes())),
        |p| p.certificate = ByteBuf::new(),
        |p| p.id = ByteBuf::from([1; 15]),
        |p| p.expires = MAX_TIME + 1,
        |p| p.roles = 4,
        |p| p.bootstraps = vec![ByteBuf::from(bootstrap().to_vec()); MAX_BOOTSTRAPS + 1],
        |p| p.bootstraps = vec![ByteBuf::new()],
        |p| p.bootstraps = vec![ByteBuf::from([0xFF])],
        |p| p.bootstraps = vec![ByteBuf::from("/ip4/192.0.2.7/tcp/1".parse::<Multiaddr>().unwrap().to_vec())],
        |p| {
            let long = format!("/dns/{}{}", "a".repeat(MAX_BOOTSTRAP_BYTES), bootstrap());
            p.bootstraps = vec![ByteBuf::from(long.parse::<Multiaddr>().unwrap().to_vec())];
        },
    ];
    changes.map(broken).into()
}

fn refused_invites(good: &str) -> Vec<RefusedText> {
    let encoded = || wire::encode(&payload()).unwrap();
    let mut texts = vec![
        String::new(),
        "hello".to_owned(),
        card(2, NUMBER, None).to_string(),
        "airway-pair:oMGaeX8".to_owned(),
        invite::PREFIX.to_owned(),
        good.replacen(invite::PREFIX, "airway-net: ", 1),
        good.replacen(invite::PREFIX, "AIRWAY-NET:", 1),
        good[..good.len() - 1].to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{good}AA"),
        good.replacen(&good[40..42], "__", 1),
        format!("{}{}", invite::PREFIX, "A".repeat(7_000)),
        text(&[]),
        text(&altered(&forged(&key(2), DOMAIN, PAYLOAD_TYPE, encoded()))),
        text(&forged(&key(3), DOMAIN, PAYLOAD_TYPE, encoded())),
        text(&forged(&key(2), "airway-card-v1", PAYLOAD_TYPE, encoded())),
    ];
    texts.extend(broken_invites());
    refused_texts::<Invite>(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn invites_are_as_written() {
    let positive = vec![
        signed(1, MEMBER, (false, false), &[]),
        signed(2, BOTH, (true, true), &[bootstrap(), bootstrap()]),
    ];
    let negative = refused_invites(&positive[0].text);
    let about = "Invites. The text is airway-net: and, in base64url, a signed envelope, the secret, and the first four \
                 bytes of the SHA-256 of both. The envelope holds the CBOR map {\"version\": 1, \"genesis\", \"by\": the \
                 inviter's key, \"card\" and \"certificate\": the inviter's, \"id\", \"expires\", \"roles\": bits, \
                 \"reusable\", \"ephemeral\", \"bootstraps\": binary multiaddrs} in the domain airway-invite-v1. The proof \
                 of a joiner is HMAC-SHA256 under the secret, of airway-join-v1, a zero byte, the id of the network, the \
                 id of the invite, and the joiner's key.";
    golden("invite.json", &File { about, positive, negative });
}
