//! An implementation of `SPEC.md` in another language, which was written from the document alone and shares no line with this
//! crate: it has to read and to refuse what the golden vectors say.

use std::{env, process::Command};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reader");

#[test]
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn who_knows_the_document_alone_reads_and_refuses_what_the_vectors_say() {
    let test = "who_knows_the_document_alone_reads_and_refuses_what_the_vectors_say";
    let python = Command::new("python3").arg("--version").output();
    if !python.as_ref().is_ok_and(|output| output.status.success()) {
        let allowed = env::var("AIRWAY_ALLOW_SKIP").is_ok_and(|skip| skip == "1");
        assert!(allowed, "{test} cannot run here, for want of python3 (AIRWAY_ALLOW_SKIP=1 skips it)");
        eprintln!("NOT RUN: {test}: {python:?}");
        return;
    }
    // Without files of its own beside the source.
    let read = Command::new("python3").arg("-B").arg(READER).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
