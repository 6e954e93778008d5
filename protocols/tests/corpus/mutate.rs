//! Inputs made from others, in the ways that find faults in decoders.

use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::SmallRng};

/// Longest mutation, in bytes: inputs that are joined again and again stay within it.
const LONGEST: usize = 8 * 1024;

/// Bytes that decoders treat apart: ends of ranges, first bytes of CBOR items, signs of texts.
const TELLING: [u8; 24] = [
    0x00, 0x01, 0x17, 0x18, 0x1B, 0x1F, 0x20, 0x3B, 0x40, 0x5B, 0x60, 0x7B, 0x7F, 0x80, 0x9B, 0xA0, 0xBB,
    0xC0, 0xF6, 0xFF, b'.', b'#', b':', b'-',
];

/// Makes one mutation after another. The same seed and inputs give the same ones.
#[derive(Debug)]
pub struct Mutator<'a> {
    rng: SmallRng,
    inputs: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub fn new(seed: u64, inputs: &'a [Vec<u8>]) -> Self {
        Self { rng: SmallRng::seed_from_u64(seed), inputs }
    }

    /// An input with one to four mutations.
    pub fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.pick().to_vec();
        for _ in 0..self.rng.random_range(1..=4) {
            self.mutate(&mut bytes);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn pick(&mut self) -> &'a [u8] {
        &self.inputs[self.rng.random_range(0..self.inputs.len())]
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.rng.random_range(0..=bytes.len());
        match self.rng.random_range(0..8) {
            0 => bytes.truncate(at),
            1 => self.splice(bytes, at),
            2 => bytes.insert(at, self.byte()),
            3 => drop(bytes.drain(at..self.rng.random_range(at..=bytes.len()))),
            4 => self.repeat(bytes, at),
            _ if at == bytes.len() => bytes.push(self.byte()),
            5 => bytes[at] ^= 1 << self.rng.random_range(0..8),
            6 => bytes[at] = self.byte(),
            _ => self.lie(bytes, at),
        }
    }

    /// Goes on with the end of another input.
    fn splice(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let other = self.pick();
        bytes.truncate(at);
        bytes.extend_from_slice(&other[self.rng.random_range(0..=other.len())..]);
    }

    /// Says a part twice, as with a field or a frame that comes again.
    fn repeat(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let part = bytes[at..self.rng.random_range(at..=bytes.len())].to_vec();
        bytes.splice(at..at, part);
    }

    /// Claims another length: a little more or less, or in a wider form and at random.
    fn lie(&mut self, bytes: &mut Vec<u8>, at: usize) {
        match self.rng.random_range(0..4) {
            0 => bytes[at] = bytes[at].wrapping_add(1),
            1 => bytes[at] = bytes[at].wrapping_sub(1),
            // The length of a frame: a varint.
            2 => {
                let length = self.rng.random_range(1..5);
                let mut claim = vec![0xFF; length];
                claim.push(self.rng.random_range(0..0x80));
                bytes.splice(at..=at, claim);
            }
            // The length of a CBOR item: the major type stays, one to eight bytes of length follow.
            _ => {
                let width = self.rng.random_range(0..4);
                let mut claim = [0; 9];
                self.rng.fill_bytes(&mut claim);
                claim[0] = bytes[at] & 0xE0 | (24 + width);
                bytes.splice(at..=at, claim[..=1 << width].iter().copied());
            }
        }
    }

    fn byte(&mut self) -> u8 {
        if self.rng.random() { TELLING[self.rng.random_range(0..TELLING.len())] } else { self.rng.random() }
    }
}
