//! Receipts and scores: shown, explained, exported and verified.

use std::fs;

use serde_json::{Value, json};

use super::tasks::{id, task_is};
use crate::process::{Daemon, friends, run, until};

/// Has bob do a task for alice.
async fn work(alice: &Daemon, bob: &Daemon, description: &str) {
    let task = alice.json(&["task", "submit", "bob", description]).await;
    task_is(bob, id(&task), "new").await;
    bob.json(&["task", "accept", id(&task)]).await;
    bob.json(&["task", "next"]).await;
    bob.json(&["task", "complete", id(&task), "--result", "done"]).await;
    task_is(alice, id(&task), "succeeded").await;
    task_is(bob, id(&task), "succeeded").await;
}

#[tokio::test]
async fn a_score_grows_by_work_and_says_where_it_comes_from() {
    let (alice, bob) = friends().await;
    let before = alice.json(&["polo", "bob"]).await[0].take();
    assert_eq!((&before["raw"], &before["receipts"]), (&json!(0), &json!(0)));
    assert_eq!(before["personal_milli"], 1000, "whom we trust is worth a little");
    for description in ["one", "two"] {
        work(&alice, &bob, description).await;
    }
    let bob_is = async || alice.json(&["polo", "bob"]).await[0].take();
    until("the score follows", async || bob_is().await["as_worker"] == 2).await;
    let after = bob_is().await;
    assert!(after["raw"].as_i64().unwrap() >= 2, "{after}");
    assert!(after["personal_milli"].as_u64() > Some(1000), "{after}");
    let all = alice.json(&["polo"]).await;
    assert_eq!(
        (&all[0]["own"], &all[0]["raw"], &all[0]["personal_milli"]),
        (&json!(true), &json!(-2), &Value::Null)
    );
    let why = alice.json(&["polo", "why", "bob"]).await;
    assert_eq!(why["paths"][0]["agents"], json!(["me", "bob"]), "{why}");
    assert_eq!((&why["pairs"][0]["requester"], &why["pairs"][0]["receipts"]), (&json!("me"), &json!(2)));
    let text = alice.run(&["polo", "why", "bob"]).await.text();
    assert!(text.starts_with("bob is worth ") && text.contains("me -> bob"), "{text}");
    let table = alice.run(&["polo"]).await.text();
    assert!(table.contains("SCORE") && table.lines().count() == 3, "{table}");
}

#[tokio::test]
async fn receipts_are_exported_verified_without_a_daemon_and_found_out() {
    let (alice, bob) = friends().await;
    for description in ["one", "two", "three"] {
        work(&alice, &bob, description).await;
    }
    let place = tempfile::tempdir().unwrap();
    let (hers, his) = (place.path().join("alice.polo"), place.path().join("bob.polo"));
    for (daemon, path) in [(&alice, &hers), (&bob, &his)] {
        daemon.json(&["polo", "export", path.to_str().unwrap()]).await;
    }
    alice.fails(&["polo", "export", hers.to_str().unwrap()], 1, "conflict").await;
    for daemon in [&alice, &bob] {
        assert_eq!(daemon.run(&["down"]).await.code, 0);
    }
    let paths = [hers.to_str().unwrap(), his.to_str().unwrap()];
    let sound = alice.json(&["polo", "verify", paths[0], paths[1]]).await;
    assert_eq!((&sound["sound"], &sound["files"][0]["receipts"]), (&json!(true), &json!(3)), "{sound}");

    // The second receipt is left out, and then the last one.
    let lines: Vec<String> = fs::read_to_string(&his).unwrap().lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines.len(), 5);
    for (left_out, code) in [(3, "gap"), (4, "tail")] {
        let cut = place.path().join(code);
        let kept: String = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        fs::write(&cut, kept).unwrap();
        let found =
            run(alice.command(["--json", "polo", "verify", cut.to_str().unwrap(), paths[0]]), b"").await;
        assert_eq!(found.code, 1, "{found:?}");
        let report = &found.lines()[0]["data"];
        assert_eq!(report["sound"], false);
        let codes: Vec<_> =
            report["files"][0]["findings"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
        assert!(codes.contains(&&json!(code)), "{report}");
    }
    let text = alice.run(&["polo", "verify", paths[0]]).await.text();
    assert!(text.contains("3 receipts of ") && text.contains("all in order"), "{text}");
    alice.fails(&["polo", "verify", "/no/such/file"], 6, "not_found").await;
    fs::write(place.path().join("other"), "nothing\n").unwrap();
    alice.fails(&["polo", "verify", place.path().join("other").to_str().unwrap()], 2, "bad_request").await;
}

#[tokio::test]
async fn contacts_alone_are_asked_for_receipts_and_show_them_only_if_their_owner_wants() {
    let (alice, bob) = friends().await;
    alice.fails(&["polo", "pull", "bob"], 5, "not_trusted").await;
    alice.fails(&["polo", "pull", "nobody"], 6, "not_found").await;
    alice.fails(&["polo", "why", "nobody"], 6, "not_found").await;
    fs::write(bob.home.join("config.toml"), "[polo]\nshare = true\n").unwrap();
    let _bob = bob.restart().await;
    let pulled = alice.json(&["polo", "pull", "bob", "--timeout", "50s"]).await;
    assert_eq!(pulled, json!({"new": 0, "receipts": 0}));
}
