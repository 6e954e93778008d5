use std::collections::BTreeMap;

use airway_protocols::wire;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::support::{File, RefusedBytes, golden, hex, why};

/// A message with a field of every type that messages have.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sample {
    unsigned: u64,
    negative: i64,
    flag: bool,
    nothing: Option<u8>,
    text: String,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    list: Vec<u32>,
    map: BTreeMap<String, u8>,
}

#[derive(Serialize)]
struct Accepted {
    /// The message in the diagnostic notation of RFC 8949.
    diagnostic: &'static str,
    bytes: String,
}

/// A map of one entry, "a", with `value` behind it.
fn entry(value: &[u8]) -> Vec<u8> {
    [&[0xA1, 0x61, b'a'], value].concat()
}

fn nested(levels: usize) -> Vec<u8> {
    entry(&[vec![0x81; levels], vec![0]].concat())
}

fn sample() -> Accepted {
    let sample = Sample {
        unsigned: u64::MAX,
        negative: -500,
        flag: true,
        nothing: None,
        text: "grüß".to_owned(),
        bytes: vec![0, 0xFF],
        list: vec![0, 23, 24, 255, 256, 65_535, 65_536, u32::MAX],
        map: BTreeMap::from([("x".to_owned(), 1), ("yy".to_owned(), 2)]),
    };
    let bytes = wire::encode(&sample).unwrap();
    assert_eq!(wire::decode::<Sample>(&bytes).unwrap(), sample);
    let diagnostic = "{\"unsigned\": 18446744073709551615, \"negative\": -500, \"flag\": true, \"nothing\": null, \
                      \"text\": \"grüß\", \"bytes\": h'00ff', \"list\": [0, 23, 24, 255, 256, 65535, 65536, \
                      4294967295], \"map\": {\"x\": 1, \"yy\": 2}}";
    Accepted { diagnostic, bytes: hex(bytes) }
}

fn accepted((diagnostic, bytes): (&'static str, Vec<u8>)) -> Accepted {
    wire::decode::<BTreeMap<String, IgnoredAny>>(&bytes).unwrap();
    Accepted { diagnostic, bytes: hex(bytes) }
}

fn refused(bytes: Vec<u8>) -> RefusedBytes {
    let error = wire::decode::<BTreeMap<String, IgnoredAny>>(&bytes).unwrap_err();
    assert!(matches!(error, wire::cbor::Error::Malformed { .. }), "{error}");
    RefusedBytes { bytes: hex(bytes), why: why(&error) }
}

#[test]
fn strict_cbor_is_as_written() {
    let mut positive = vec![sample()];
    positive.extend(
        [
            ("{}", vec![0xA0]),
            ("{\"a\": 0}", entry(&[0x00])),
            ("{\"a\": -1}", entry(&[0x20])),
            ("{\"a\": h''}", entry(&[0x40])),
            ("{\"a\": []}", entry(&[0x80])),
            ("{\"a\": false}", entry(&[0xF4])),
            ("{\"b\": 0, \"a\": 1}", vec![0xA2, 0x61, b'b', 0, 0x61, b'a', 1]),
            ("{\"a\": [[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]}", nested(15)),
        ]
        .map(accepted),
    );

    let mut negative = vec![
        vec![],
        vec![0x80],
        vec![0x00],
        vec![0xA1, 0x01, 0x00],
        vec![0xA1, 0x41, b'a', 0x00],
        vec![0xA2, 0x61, b'a', 0, 0x61, b'a', 0],
        vec![0xA2, 0x61, b'a'],
        vec![0xBF, 0x61, b'a', 0, 0xFF],
        vec![0xA1, 0x78, 0x01, b'a', 0],
        nested(16),
    ];
    let values: [&[u8]; 22] = [
        &[],
        &[0x00, 0x00],
        &[0x18],
        &[0x18, 0x17],
        &[0x19, 0x00, 0xFF],
        &[0x1A, 0x00, 0x00, 0xFF, 0xFF],
        &[0x1B, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0x38, 0x17],
        &[0x58, 0x01, 0x00],
        &[0x1C],
        &[0x5F, 0x41, 0x00, 0xFF],
        &[0x9F, 0xFF],
        &[0x42, 0x00],
        &[0x82, 0x00],
        &[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0xBB, 0x80, 0, 0, 0, 0, 0, 0, 0],
        &[0x61, 0xFF],
        &[0xC0, 0x60],
        &[0xF9, 0x3C, 0x00],
        &[0xFB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0],
        &[0xF7],
        &[0xF8, 0x20],
    ];
    negative.extend(values.map(entry));

    let about = "Messages in the strict subset of CBOR. Those under positive have to be accepted by a reader that \
                 expects a map; the first is also what an encoder writes for its fields in that order. Those under \
                 negative have to be refused, whatever message is expected.";
    golden("cbor.json", &File { about, positive, negative: negative.into_iter().map(refused).collect() });
}
