use airway_protocols::{
    network::{MAX_BYTES, NetworkId},
    trust::MAX_TIME,
    wire,
};

use super::*;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    geneses: Vec<Begun>,
    refused_geneses: Vec<RefusedBytes>,
    realms: Vec<Told>,
    refused_ids: Vec<RefusedText>,
}

#[derive(Serialize)]
struct Begun {
    seed: String,
    name: &'static str,
    number: u16,
    trust_members: bool,
    created: u64,
    salt: String,
    bytes: String,
    id: String,
}

#[derive(Serialize)]
struct Told {
    network: &'static str,
    id: String,
    number: u16,
    tag: String,
    kad: String,
    meshsub: Option<String>,
    events_topic: Option<String>,
}

/// A genesis, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    name: &'static str,
    #[serde(with = "serde_bytes")]
    authority: [u8; 32],
    number: u32,
    policy: Policy,
    created: u64,
    #[serde(with = "serde_bytes")]
    salt: Vec<u8>,
}

fn begun(seed: u8, name: &'static str, number: u16, trust_members: bool, created: u64) -> Begun {
    let policy = Policy { trust_members };
    let genesis =
        Genesis::new(name.parse().unwrap(), &public(seed), number, policy, created, [seed; 16]).unwrap();
    assert_eq!(Genesis::from_bytes(genesis.as_bytes()).unwrap(), genesis);
    let (seed, salt) = (hex([seed; 32]), hex([seed; 16]));
    let (bytes, id) = (hex(genesis.as_bytes()), genesis.id().to_string());
    Begun { seed, name, number, trust_members, created, salt, bytes, id }
}

fn broken(change: fn(&mut Payload)) -> Vec<u8> {
    let mut payload = Payload {
        version: 1,
        name: "lab",
        authority: public(1).to_bytes(),
        number: 4_660,
        policy: Policy::default(),
        created: AT,
        salt: vec![1; 16],
    };
    change(&mut payload);
    wire::encode(&payload).unwrap()
}

fn refused_geneses() -> Vec<RefusedBytes> {
    assert_eq!(broken(|_| {}), genesis(1).as_bytes());
    let changes: [fn(&mut Payload); 9] = [
        |p| p.version = 2,
        |p| p.name = "Lab",
        |p| p.name = "backbone",
        |p| p.authority = [&[1][..], &[0; 31]].concat().try_into().unwrap(),
        |p| p.number = 0,
        |p| p.number = 65_536,
        |p| p.created = MAX_TIME + 1,
        |p| p.salt = vec![1; 15],
        |p| p.salt = vec![1; MAX_BYTES],
    ];
    let whole = genesis(1).as_bytes().to_vec();
    let others = [vec![], vec![0xA0], whole[..whole.len() - 1].to_vec(), [&whole[..], &[0]].concat()];
    others.into_iter().chain(changes.map(broken)).map(|bytes| refused(&bytes, Genesis::from_bytes)).collect()
}

fn told(network: &'static str, realm: &Realm) -> Told {
    let (id, number, tag) = (realm.id().to_string(), realm.number(), realm.tag());
    let meshsub = realm.meshsub().map(|protocol| protocol.to_string());
    Told {
        network,
        id,
        number,
        tag,
        kad: realm.kad().to_string(),
        meshsub,
        events_topic: realm.events_topic(),
    }
}

#[test]
fn networks_are_as_written() {
    let longest = "a12345678901234567890123456789012345678901234567890123456789012";
    let vectors = Vectors {
        about: "Networks. A genesis is the CBOR map {\"version\": 1, \"name\", \"authority\": ed25519 key, \"number\", \
                \"policy\": {\"trust_members\"}, \"created\", \"salt\"}; the id of its network is SHA-256 of airway-net-v1, \
                a zero byte and the genesis. In place of a genesis the backbone has the word backbone; the id of the \
                network of a swarm key, here 32 bytes of 7, is SHA-256 of airway-swarm-key-v1, a zero byte and the key. \
                The tag is the first 10 bytes of SHA-256 of airway-proto-v1, a zero byte and the id, in base32. Only networks \
                with a genesis speak meshsub.",
        geneses: vec![
            begun(1, "lab", NUMBER, false, AT),
            begun(2, "lab", NUMBER, true, AT),
            begun(3, longest, u16::MAX, false, MAX_TIME),
        ],
        refused_geneses: refused_geneses(),
        realms: vec![
            told("backbone", &Realm::backbone()),
            told("mesh", &realm()),
            told("swarm key", &Realm::of_swarm_key(&[7; 32])),
        ],
        refused_ids: refused_texts::<NetworkId>(&["", "a5", &"a5".repeat(33), &"g5".repeat(32)]),
    };
    assert_eq!(vectors.geneses[0].id, vectors.realms[1].id);
    golden("network.json", &vectors);
}
