//! The same bytes to every decoder in Rust and in Go: what one takes the other takes, and understands it alike; what one
//! refuses the other refuses. The inputs are the corpora of the fuzz targets, the golden vectors, and mutations of both;
//! signed objects are mutated under a signature that fits.
//!
//! `AIRWAY_TEST_SIZE=full` tries a million, and `AIRWAY_TEST_SEED` repeats a run.

use std::{collections::BTreeSet, fs, path::Path};

use airway_interop_tests::driver;
use data_encoding::HEXLOWER;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};

use crate::size;
use go::Go;
use mutate::Mutator;
use table::{DECODERS, Decoder, WITHOUT};

mod edges;
mod event;
mod go;
mod mesh;
#[expect(unreachable_pub, reason = "part of the tests of protocols as well")]
#[path = "../../../protocols/tests/corpus/mutate.rs"]
mod mutate;
mod relation;
mod service;
mod shape;
mod table;
#[expect(unreachable_pub, reason = "the targets are a crate of their own, which libFuzzer links")]
#[path = "../../../protocols/fuzz/src/lib.rs"]
mod targets;
mod task;
mod trust;

/// Inputs that are tried in one go: few enough to fit into memory, enough to keep both sides busy.
const BATCH: usize = 256;

/// Disagreements that are told; there may be thousands of the same kind.
const TOLD: usize = 10;

/// Decoders with tests that make their inputs.
const ELSEWHERE: [&str; 2] = [relation::NAME, "peer"];

fn protocols() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols")
}

fn start() -> Go {
    Go::start(&driver::build_go().unwrap_or_else(|error| panic!("{error}")))
}

/// What lies in the corpus of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let directory = protocols().join("fuzz/corpus").join(target);
    let Ok(entries) = fs::read_dir(&directory) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Every string of every golden vector, as the bytes that it writes in hexadecimal digits, and as it stands.
fn vectors() -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(protocols().join("tests/vectors")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            strings(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap(), &mut found);
        }
    }
    found
}

fn strings(value: &serde_json::Value, found: &mut BTreeSet<Vec<u8>>) {
    match value {
        serde_json::Value::String(text) => {
            found.extend(HEXLOWER.decode(text.as_bytes()).ok());
            found.insert(text.clone().into_bytes());
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

/// Where the two sides differ, and on what.
#[derive(Default)]
struct Differences {
    told: Vec<String>,
    tried: usize,
    taken: usize,
}

impl Differences {
    fn compare(&mut self, go: &mut Go, (name, decoder): (&str, Decoder), inputs: &[Vec<u8>]) {
        for batch in inputs.chunks(BATCH) {
            let theirs = go.decode(name, batch);
            for (input, theirs) in batch.iter().zip(theirs) {
                let ours = decoder(input);
                self.tried += 1;
                self.taken += usize::from(ours.is_some());
                if ours != theirs && self.told.len() < TOLD {
                    let input = HEXLOWER.encode(input);
                    self.told.push(format!(
                        "{name} of {input}\n  Rust: {}\n  Go:   {}",
                        told(&ours),
                        told(&theirs)
                    ));
                }
            }
        }
    }

    #[expect(clippy::print_stderr, reason = "how much was compared")]
    fn check(self) {
        let Self { told, tried, taken } = self;
        eprintln!("{tried} inputs, of which {taken} are taken");
        assert!(told.is_empty(), "Rust and Go differ:\n{}", told.join("\n"));
    }
}

fn told(understood: &Option<Vec<u8>>) -> String {
    match understood {
        Some(bytes) => format!("takes it as {} {:?}", HEXLOWER.encode(bytes), String::from_utf8_lossy(bytes)),
        None => "refuses it".to_owned(),
    }
}

#[test]
fn every_decoder_is_on_both_sides() {
    let ours: BTreeSet<_> = DECODERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(ours.len(), DECODERS.len(), "a decoder stands twice in the table");
    assert_eq!(start().names(), ours);
    for (target, _) in targets::TARGETS {
        assert!(
            ours.contains(*target) != WITHOUT.contains(target),
            "{target} is compared or has a reason not to be"
        );
    }
}

#[test]
fn rust_and_go_agree_on_every_corpus_and_every_vector() {
    let mut shared = vectors();
    shared.extend(targets::TARGETS.iter().flat_map(|(target, _)| corpus(target)));
    let shared: Vec<_> = shared.into_iter().step_by(size::size(10, 1)).collect();
    let (mut go, mut differences) = (start(), Differences::default());
    for decoder in DECODERS {
        differences.compare(&mut go, *decoder, &corpus(decoder.0));
        differences.compare(&mut go, *decoder, &shared);
    }
    differences.check();
}

#[test]
fn rust_and_go_agree_on_mutations() {
    let each = size::size(20_000_usize, 1_000_000).div_ceil(DECODERS.len() - ELSEWHERE.len());
    let seed = size::seed();
    let vectors = vectors();
    let (mut go, mut differences) = (start(), Differences::default());
    for (name, decoder) in DECODERS.iter().filter(|(name, _)| !ELSEWHERE.contains(name)) {
        let mut inputs = corpus(name);
        inputs.extend(vectors.iter().filter(|vector| decoder(vector).is_some()).cloned());
        assert!(!inputs.is_empty(), "nothing for {name} to mutate");
        let (mut mutator, mut rng) = (Mutator::new(seed, &inputs), SmallRng::seed_from_u64(seed));
        // Bytes that change are mostly no CBOR any more; messages of another shape are.
        let mut next = || {
            let shaped = if rng.random() { inputs.choose(&mut rng) } else { None };
            shaped.and_then(|input| shape::reshape(&mut rng, input)).unwrap_or_else(|| mutator.next())
        };
        let mut left = each;
        while left > 0 {
            let batch: Vec<_> = (0..left.min(BATCH)).map(|_| next()).collect();
            left -= batch.len();
            differences.compare(&mut go, (name, *decoder), &batch);
        }
    }
    differences.check();
}

#[test]
fn a_relation_goes_the_same_way_in_rust_and_go() {
    let scripts = size::size(2_000, 100_000);
    let mut rng = SmallRng::seed_from_u64(size::seed());
    let (mut go, mut differences) = (start(), Differences::default());
    let mut left = scripts;
    while left > 0 {
        let batch: Vec<_> = (0..BATCH.min(left))
            .map(|_| (0..rng.random_range(1..60)).flat_map(|_| relation::event(&mut rng)).collect())
            .collect();
        left -= batch.len();
        differences.compare(&mut go, (relation::NAME, relation::decode), &batch);
    }
    differences.check();
}
