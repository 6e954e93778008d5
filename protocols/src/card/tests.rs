use libp2p::identity::Keypair;
use proptest::prelude::*;

use super::*;
use crate::envelope::Object;

fn addresses(texts: &[&str]) -> Vec<Multiaddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn card() -> Card {
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    let addresses = addresses(&["/ip4/192.0.2.1/udp/4001/quic-v1", "/dns4/relay.example/tcp/4001"]);
    Card::sign(&key, 0, 0, Some("ada".parse().unwrap()), &addresses).unwrap()
}

proptest! {
    #[test]
    fn a_changed_character_is_noticed(at: prop::sample::Index, new in "[A-Za-z0-9_-]") {
        let text = card().to_string();
        let at = PREFIX.len() + at.index(text.len() - PREFIX.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &new);
        prop_assume!(changed != text);

        prop_assert!(changed.parse::<Card>().is_err());
    }

    #[test]
    fn a_card_cut_short_is_refused(cut: prop::sample::Index) {
        let text = card().to_string();
        prop_assert!(text[..cut.index(text.len())].parse::<Card>().is_err());
    }

    #[test]
    fn any_text_parses_or_fails(text in "(airway:)?\\PC{0,80}") {
        prop_assert!(text.parse::<Card>().is_err());
    }
}

#[test]
fn a_card_reads_back_as_it_was_signed() {
    let card = card();
    let read: Card = format!(" {card}\n").parse().unwrap();

    assert_eq!(read, card);
    assert_eq!(read.name().unwrap().as_str(), "ada");
    assert_eq!(read.addresses().len(), 2);
    assert_eq!(AgentId::of_peer(&read.peer_id()), Ok(read.agent_id()));
    assert_eq!(Address::derive(0, &read.agent_id(), 0), Ok((read.address(), 0)));
    assert_eq!(read.endpoint(), Endpoint::full(read.address(), &read.agent_id()));
}

#[test]
fn the_own_peer_id_is_taken_off_but_a_relays_stays() {
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    let own = key.public().to_peer_id();
    let relayed = format!("/ip4/192.0.2.1/tcp/1/p2p/{}/p2p-circuit", PeerId::random());

    let given = addresses(&[&format!("{relayed}/p2p/{own}")]);
    let card = Card::sign(&key, 0, 0, None, &given).unwrap();
    assert_eq!(card.addresses(), addresses(&[&relayed]));

    let foreign = addresses(&[&format!("/ip4/192.0.2.1/tcp/1/p2p/{}", PeerId::random())]);
    assert!(matches!(Card::sign(&key, 0, 0, None, &foreign), Err(Error::Body(InvalidBody::PeerSuffix))));
}

#[test]
fn limits_hold_when_signing() {
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    let sign = |nonce, addresses: &[Multiaddr]| Card::sign(&key, 0, nonce, None, addresses);

    let many = addresses(&["/ip4/192.0.2.1/tcp/1"; MAX_ADDRESSES + 1]);
    assert!(matches!(sign(0, &many), Err(Error::Body(InvalidBody::AddressCount { found: 9 }))));
    let long = addresses(&[&format!("/dns/{}", "a".repeat(MAX_ADDRESS_BYTES))]);
    assert!(matches!(sign(0, &long), Err(Error::Body(InvalidBody::AddressSize { .. }))));
    assert!(matches!(sign(16, &[]), Err(Error::Body(InvalidBody::Nonce(16)))));
}

#[test]
fn the_largest_card_fits() {
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    // Two bytes of a DNS multiaddr are its code and its length.
    let longest = format!("/dns/{}", "a".repeat(MAX_ADDRESS_BYTES - 2));
    let full = addresses(&[longest.as_str(); MAX_ADDRESSES]);
    let name = "a".repeat(crate::name::MAX_LENGTH).parse().unwrap();
    let card = Card::sign(&key, u16::MAX, 15, Some(name), &full).unwrap();
    assert!(card.as_bytes().len() < 1_400, "{}", card.as_bytes().len());
}

#[test]
fn each_wrong_text_has_its_own_error() {
    let text = card().to_string();
    let read = |text: &str| text.parse::<Card>().unwrap_err();

    assert!(matches!(read("hello"), Error::NotACard));
    assert!(matches!(read(&format!("{PREFIX}{}", "A".repeat(3_000))), Error::TooLong));
    assert!(matches!(read(&text[..text.len() - 4]), Error::Altered));
    assert!(matches!(read(&text.replace(PREFIX, "airway:*")), Error::Altered));

    let mut bytes = card().as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(matches!(Card::from_bytes(&bytes), Err(Error::Signature)));
}

#[test]
fn a_card_that_names_another_key_is_refused() {
    let (mallory, victim) = (Keypair::generate_ed25519(), Keypair::generate_ed25519());
    let body = Body::new(&victim.public().try_into_ed25519().unwrap(), 0, 0, None, &[]);
    let payload = crate::wire::encode(&body).unwrap();
    let forged = libp2p::core::SignedEnvelope::new(
        &mallory,
        Body::DOMAIN.to_owned(),
        envelope::PAYLOAD_TYPE.to_vec(),
        payload,
    )
    .unwrap()
    .into_protobuf_encoding();
    assert!(matches!(Card::from_bytes(&forged), Err(Error::Envelope(envelope::Error::Signer))));
}
