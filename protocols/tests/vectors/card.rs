use airway_protocols::{
    card::{self, Card},
    envelope::PAYLOAD_TYPE,
    wire,
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use libp2p::Multiaddr;
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::{
    envelope::forged,
    support::{File, RefusedText, golden, hex, key},
};

const DOMAIN: &str = "airway-card-v1";

#[derive(Serialize)]
struct Signed {
    seed: String,
    network: u16,
    nonce: u8,
    name: Option<&'static str>,
    addresses: Vec<&'static str>,
    bytes: String,
    text: String,
    peer_id: String,
    agent_id: String,
    address: String,
    endpoint: String,
}

fn signed(seed: u8, network: u16, name: Option<&'static str>, addresses: &[&'static str]) -> Signed {
    let parsed: Vec<Multiaddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let card = Card::sign(&key(seed), network, 0, name.map(|name| name.parse().unwrap()), &parsed).unwrap();
    assert_eq!(card.to_string().parse::<Card>().unwrap(), card);
    assert_eq!(card.addresses(), parsed);
    Signed {
        seed: hex([seed; 32]),
        network,
        nonce: 0,
        name,
        addresses: addresses.to_vec(),
        bytes: hex(card.as_bytes()),
        text: card.to_string(),
        peer_id: card.peer_id().to_string(),
        agent_id: hex(card.agent_id().as_bytes()),
        address: card.address().to_string(),
        endpoint: card.endpoint().to_string(),
    }
}

/// The payload of a card, free to break the rules.
#[derive(Clone, Serialize)]
struct Payload {
    version: u64,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
    network: u32,
    nonce: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    addresses: Vec<ByteBuf>,
}

/// A card of key 1, validly signed, after `change`.
fn broken(change: fn(&mut Payload)) -> String {
    let public = key(1).public().try_into_ed25519().unwrap();
    let mut payload = Payload {
        version: 1,
        key: public.to_bytes(),
        network: 0,
        nonce: 0,
        name: None,
        addresses: Vec::new(),
    };
    change(&mut payload);
    text(&forged(&key(1), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload).unwrap()))
}

fn binary(address: &str) -> ByteBuf {
    ByteBuf::from(address.parse::<Multiaddr>().unwrap().to_vec())
}

fn text(envelope: &[u8]) -> String {
    format!("{}{}", card::PREFIX, BASE64URL.encode(envelope))
}

fn refused(text: String) -> RefusedText {
    let error = text.parse::<Card>().unwrap_err();
    RefusedText { why: super::support::why(&error), text }
}

#[test]
fn cards_are_as_written() {
    let relayed =
        "/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/p2p-circuit";
    let positive = vec![
        signed(1, 0, None, &[]),
        signed(2, 0, Some("ada"), &["/ip4/192.0.2.1/udp/4001/quic-v1", "/ip6/2001:db8::1/tcp/4001"]),
        signed(3, 4_660, Some("build-7"), &["/dns4/relay.example/udp/4001/quic-v1", relayed]),
    ];

    let good = positive[1].text.clone();
    let changed = |from: &str, to: &str| good.replacen(from, to, 1);
    let mut bad_signature = BASE64URL.decode(&good.as_bytes()[card::PREFIX.len()..]).unwrap();
    *bad_signature.last_mut().unwrap() ^= 1;
    let negative = vec![
        String::new(),
        "hello".to_owned(),
        changed("airway:", ""),
        changed("airway:", "AIRWAY:"),
        changed("airway:", "airway: "),
        card::PREFIX.to_owned(),
        good[..good.len() - 1].to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{good}="),
        format!("{good}AA"),
        text(&[0; card::MAX_BYTES + 1]),
        text(&bad_signature),
        broken(|payload| payload.version = 2),
        broken(|payload| payload.key = key(2).public().try_into_ed25519().unwrap().to_bytes()),
        broken(|payload| payload.network = 65_536),
        broken(|payload| payload.nonce = 16),
        broken(|payload| payload.name = Some("Ada")),
        broken(|payload| payload.name = Some("relay")),
        broken(|payload| payload.addresses = vec![binary("/ip4/192.0.2.1/tcp/1"); card::MAX_ADDRESSES + 1]),
        broken(|payload| {
            payload.addresses = vec![binary(&format!("/dns/{}", "a".repeat(card::MAX_ADDRESS_BYTES)))]
        }),
        broken(|payload| payload.addresses = vec![ByteBuf::new()]),
        broken(|payload| payload.addresses = vec![ByteBuf::from([0xFF])]),
        broken(|payload| {
            let peer = key(1).public().to_peer_id();
            payload.addresses = vec![binary(&format!("/ip4/192.0.2.1/tcp/1/p2p/{peer}"))];
        }),
    ];
    let about = "Contact cards. The payload is the CBOR map {\"version\": 1, \"key\", \"network\", \"nonce\", \"name\" \
                 if there is one, \"addresses\": binary multiaddrs} in the domain airway-card-v1. Texts under negative \
                 are no valid cards.";
    golden("card.json", &File { about, positive, negative: negative.into_iter().map(refused).collect() });
}
