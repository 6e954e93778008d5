//! Where implementations are known to differ: characters that nobody sees, keys that are none, signatures at the edge.

use data_encoding::HEXLOWER;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde::Deserialize;

use super::{Differences, start, table};
use crate::size;

/// Those that nobody sees, and all others.
#[test]
fn rust_and_go_see_the_same_characters() {
    let all = || (0..=u32::from(char::MAX)).filter_map(char::from_u32);
    let telling = |c: &char| matches!(u32::from(*c), 0..0x3200 | 0xA000..0xAB00 | 0xF800..0x1_0000 | 0xE_0000..0xE_1000);
    let inputs: Vec<_> =
        all().filter(|c| size::is_full() || telling(c)).map(|c| format!("a{c}b").into_bytes()).collect();
    let (mut go, mut differences) = (start(), Differences::default());
    for name in ["clean", "trust_pattern", "files_name"] {
        differences.compare(&mut go, table::find(name), &inputs);
    }
    differences.check();
}

/// Of peer ids with any 32 bytes in the place of a key: about half are points of the curve.
#[test]
fn rust_and_go_know_the_same_keys() {
    const HEAD: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
    let mut rng = SmallRng::seed_from_u64(size::seed());
    let mut keys: Vec<[u8; 32]> = (0..size::size(2_000, 100_000)).map(|_| rng.random()).collect();
    // From the least y, and from the greatest, which are not reduced.
    for low in 0..=u8::MAX {
        for sign in [0, 0x80] {
            let (mut least, mut greatest) = ([0; 32], [0xFF; 32]);
            (least[0], least[31], greatest[0], greatest[31]) = (low, sign, low, sign | 0x7F);
            keys.extend([least, greatest]);
        }
    }
    let inputs: Vec<_> = keys.iter().map(|key| [&HEAD[..], key].concat()).collect();
    let (mut go, mut differences) = (start(), Differences::default());
    differences.compare(&mut go, table::find("peer"), &inputs);
    differences.check();
}

/// An envelope whose signature is at an edge where implementations of Ed25519 are known to differ.
#[derive(Deserialize)]
struct Edge {
    why: String,
    taken: bool,
    bytes: String,
}

#[test]
fn rust_and_go_verify_signatures_alike() {
    let edges: Vec<Edge> = serde_json::from_str(include_str!("signatures.json")).unwrap();
    let bytes = |edge: &Edge| HEXLOWER.decode(edge.bytes.as_bytes()).unwrap();
    let inputs: Vec<_> = edges.iter().map(bytes).collect();
    let (name, decoder) = table::find("envelope");
    for (edge, input) in edges.iter().zip(&inputs) {
        assert_eq!(decoder(input).is_some(), edge.taken, "{}", edge.why);
    }
    let mut differences = Differences::default();
    differences.compare(&mut start(), (name, decoder), &inputs);
    differences.check();
}
