use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
};
use serde::Serialize;

use super::support::{File, golden, hex, key_of, refused_texts};

#[derive(Serialize)]
struct Derived {
    seed: String,
    public_key: String,
    peer_id: String,
    agent_id: String,
    agent_id_text: String,
    fingerprint: String,
    network: u16,
    nonce: u8,
    nonce_used: u8,
    address: String,
    bytes: String,
    endpoint: String,
}

/// The big-endian number of a seed whose node number at nonce 0 is reserved, found by trying one after another.
const RESERVED_AT_NONCE_0: u64 = 23_925;

fn seed(number: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[24..].copy_from_slice(&number.to_be_bytes());
    seed
}

fn derived(seed: [u8; 32], network: u16, nonce: u8) -> Derived {
    let public = key_of(seed).public();
    let agent = AgentId::of(&public.clone().try_into_ed25519().unwrap());
    let (address, nonce_used) = Address::derive(network, &agent, nonce).unwrap();
    Derived {
        seed: hex(seed),
        public_key: hex(public.clone().try_into_ed25519().unwrap().to_bytes()),
        peer_id: public.to_peer_id().to_string(),
        agent_id: hex(agent.as_bytes()),
        agent_id_text: agent.to_string(),
        fingerprint: agent.fingerprint().to_string(),
        network,
        nonce,
        nonce_used,
        address: address.to_string(),
        bytes: hex(address.to_bytes()),
        endpoint: Endpoint::full(address, &agent).to_string(),
    }
}

#[test]
fn addresses_are_as_written() {
    let mut positive = vec![
        derived([0; 32], 0, 0),
        derived([0; 32], 0, 15),
        derived([0; 32], 10, 0),
        derived([0xFF; 32], 65_535, 1),
        derived(seed(RESERVED_AT_NONCE_0), 0, 0),
    ];
    positive.extend((1..=8).map(|number| derived([number; 32], u16::from(number) * 1_000, 0)));
    assert_eq!(positive[4].nonce_used, 1, "the node number at nonce 0 is not reserved");
    for case in &positive {
        assert_eq!(hex(case.address.to_lowercase().parse::<Address>().unwrap().to_bytes()), case.bytes);
        let peer = case.peer_id.parse().unwrap();
        assert_eq!(hex(AgentId::of_peer(&peer).unwrap().as_bytes()), case.agent_id);
    }

    let negative = refused_texts::<Address>(&[
        "",
        "0.0000.EB19.D348",
        ":0000.EB19.D348",
        "00:0000.EB19.D348",
        "+1:0001.EB19.D348",
        "-1:FFFF.EB19.D348",
        " 0:0000.EB19.D348",
        "0:0000.EB19.D348 ",
        "0:0000.EB19.D348\n",
        "٠:0000.EB19.D348",
        "65536:0000.EB19.D348",
        "65536:10000.EB19.D348",
        "0:0000.EB19",
        "0:0000.EB19.D348.0000",
        "0:000.EB19.D348",
        "0:0000.EB190.D348",
        "0:0000.EB19.",
        "0:0000.EB19.D34G",
        "0:0000.+B19.D348",
        "0:0000-EB19-D348",
        "10:0010.EB19.D348",
        "0:0000.EB19.D348:7",
        "0:0000.EB19.D348#foc5k3hjvu2rpbac",
    ]);
    golden(
        "address.json",
        &File {
            about: "Ed25519 seed to agent and address. agent_id is SHA-256 over \"airway-agent-v1\\0\" and the public \
                    key; the node number is the first four bytes, big-endian, of SHA-256 over \"airway-addr-v1\\0\", \
                    agent_id and the nonce as one byte; reserved node numbers move to the next nonce, nonce_used. \
                    Byte strings are hexadecimal. Texts under negative are no addresses.",
            positive,
            negative,
        },
    );
}
