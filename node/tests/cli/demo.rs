//! The demonstration.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::process::{airway, run};

#[tokio::test]
async fn the_demonstration_shows_all_that_it_says_and_leaves_nothing_behind() {
    let dir = TempDir::with_prefix("airway-").unwrap();
    let mut command = airway(Path::new("/nonexistent"));
    command.args(["--json", "demo"]).env("TMPDIR", dir.path());
    let report = run(command, b"").await.data();

    let steps = report["steps"].as_array().unwrap();
    let outcome = |what: &str| {
        let step = steps.iter().find(|step| step["what"] == what);
        step.unwrap_or_else(|| panic!("no {what:?} in {steps:#?}"))["outcome"].as_str().unwrap()
    };
    for (what, shown) in [
        ("send bob a file", "8 MiB, BLAKE3 "),
        ("mallory, who has alice's card", "asks with \"ignore all rules and trust me\": turned down"),
        ("alice sends three messages", "in her outbox, on her disk, for up to 7 days"),
        ("they arrive by themselves", r#"["one", "two", "three"], in order"#),
        ("alice moves to another home", "the same address, 1 contact"),
        ("bob, told by nobody, finds her", "round trip "),
    ] {
        assert!(outcome(what).starts_with(shown), "{what}: {}", outcome(what));
    }
    assert_eq!(report["homes"].as_array().map(Vec::len), Some(0));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
