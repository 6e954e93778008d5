//! Every decoder on every input of its corpus, and on mutations of them: what the fuzzers do on nightly, bounded and
//! repeatable, on stable. `AIRWAY_TEST_SIZE=full` does it for minutes; `AIRWAY_TEST_SEED` repeats a run.
#![expect(clippy::unwrap_used, reason = "an input that cannot be read is a failed test")]
#![expect(unreachable_pub, reason = "the targets are a crate of their own, which libFuzzer links")]

#[path = "corpus/mutate.rs"]
mod mutate;
#[path = "../../node/tests/common/size.rs"]
mod size;
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::{
    collections::BTreeSet,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use mutate::Mutator;
use targets::{TARGETS, Target};

/// Fewest inputs of a target.
const INPUTS: usize = 12;

/// Largest input, in bytes.
const INPUT: usize = 4 * 1024;

/// An input and the name of its file.
type Input = (String, Vec<u8>);

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// What lies in a directory, in order.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn corpus(target: &str) -> Vec<Input> {
    let directory = fuzz().join("corpus").join(target);
    let read = |name: String| (name.clone(), fs::read(directory.join(name)).unwrap());
    names(&directory).into_iter().map(read).collect()
}

/// Runs a target, and says what it ran on if it panics.
fn run(name: &str, target: Target, what: &str, bytes: &[u8]) {
    if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        let literal = || panic.downcast_ref::<&str>().copied();
        let promise = panic.downcast_ref::<String>().map(String::as_str).or_else(literal).unwrap_or_default();
        panic!("{name} broke a promise on {what}: {promise}\n{}", data_encoding::HEXLOWER.encode(bytes));
    }
}

#[test]
fn every_promise_holds_for_the_corpus() {
    for (name, target) in TARGETS {
        for (file, bytes) in corpus(name) {
            run(name, *target, &file, &bytes);
        }
    }
}

/// A crash of one decoder may well be one of another.
#[test]
fn every_promise_holds_for_the_corpus_of_every_other_target() {
    let inputs: Vec<_> = TARGETS.iter().map(|(name, _)| (name, corpus(name))).collect();
    for (name, target) in TARGETS {
        for (other, inputs) in &inputs {
            for (file, bytes) in inputs {
                run(name, *target, &format!("{other}/{file}"), bytes);
            }
        }
    }
}

#[test]
fn every_promise_holds_for_mutations_of_the_corpus() {
    let mutations = size::size(1_000, 100_000);
    let seed = size::seed();
    for (name, target) in TARGETS {
        let inputs: Vec<_> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
        let mut mutator = Mutator::new(seed, &inputs);
        for number in 0..mutations {
            let bytes = mutator.next();
            run(name, *target, &format!("mutation {number} of AIRWAY_TEST_SEED={seed}"), &bytes);
        }
    }
}

#[test]
fn every_corpus_is_small_and_sufficient() {
    for (name, _) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= INPUTS, "{name} has {} inputs", inputs.len());
        for (file, bytes) in inputs {
            assert!(bytes.len() < INPUT, "{name}/{file} has {} bytes", bytes.len());
        }
    }
}

/// The table, the files that libFuzzer links, the manifest and the corpora name the same targets.
#[test]
fn nothing_is_fuzzed_on_one_side_alone() {
    let table: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(table.len(), TARGETS.len(), "a target stands twice in the table");
    assert_eq!(names(&fuzz().join("corpus")), table);
    let files: BTreeSet<_> = table.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), files);

    let table = fs::read_to_string(fuzz().join("src/lib.rs")).unwrap();
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let bins: BTreeSet<_> = manifest.split("[[bin]]").skip(1).map(str::trim).collect();
    assert_eq!(bins.len(), TARGETS.len());
    for (name, _) in TARGETS {
        let bin = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(bins.contains(bin.as_str()), "{name} has no [[bin]]");
        let file = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        let called = file.split_once("airway_protocols_fuzz::").and_then(|(_, call)| call.split_once('('));
        let (function, _) = called.unwrap_or_else(|| panic!("{name} calls no function"));
        assert!(table.contains(&format!("(\"{name}\", {function}),")), "{name} fuzzes {function}");
    }
}
