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
        ("alice's ticket, used by bob", "each trusts the other"),
        (
            "bob asks carol, by her card",
            r#"she is shown his fingerprint, and "bob here, for the logs of our build""#,
        ),
        ("she approves, for port 5000", "round trip "),
        ("bob dials carol's port 5000", r#"carol answers "welcome to port 5000, bob""#),
        ("bob dials carol's port 5001", "nobody listens on port 5001 of carol"),
        ("untrusted amid a busy stream", "cut after "),
        (
            "mallory, who has alice's card",
            r#"asks with "ignore all rules and trust me", a stranger's words: turned down"#,
        ),
        ("alice sends three messages", "in her outbox, on her disk, for up to 7 days"),
        ("they arrive by themselves", r#"["one", "two", "three"], in order"#),
        ("alice moves to another home", "the same address, 1 contact"),
        ("bob, told by nobody, finds her", "round trip "),
        ("dora founds a private network", "lab, number "),
        ("erin and frank use her invite", "both are members, by "),
        ("erin looks for who can do ocr", "frank says so"),
        ("erin sends frank a message", "delivered"),
        ("bob subscribes to her builds", r#"["queued", "running", "passed"]: "#),
        ("bob counts words for alice", r#""9", "#),
        ("both have signed the receipt", "number 1 between the two, reward "),
        ("what bob is worth to alice now", ""),
        ("dora tells the network", r#"frank hears "in ten minutes""#),
        ("erin ceases to trust frank", "his subscription at hers is cut: "),
        ("dora expels frank", "erin has heard, and frank"),
    ] {
        assert!(outcome(what).starts_with(shown), "{what}: {}", outcome(what));
    }
    let (_, founder) = outcome("dora founds a private network").split_once(": she is ").unwrap();
    let network = founder.split(':').next().unwrap();
    let found = outcome("erin looks for frank, by name");
    assert!(
        found.starts_with(&format!("{network}:")) && found.contains("the network's authority"),
        "{found}"
    );
    assert_eq!(steps.len(), 35, "{steps:#?}");
    assert_eq!(report["homes"].as_array().map(Vec::len), Some(0));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
