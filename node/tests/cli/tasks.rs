//! Tasks by hand: given, done, waited for and taken back.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, time::timeout};

use crate::process::{Daemon, PATIENCE, friends, run, until};

/// Waits until a task is so at a daemon, and returns it.
pub(super) async fn task_is(daemon: &Daemon, id: &str, state: &str) -> Value {
    let show = async || run(daemon.command(["--json", "task", "show", id]), b"").await;
    until(&format!("task {id} is {state}"), async || {
        let shown = show().await;
        shown.code == 0 && shown.data()["state"] == state
    })
    .await;
    show().await.data()
}

/// The id of a task.
pub(super) fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_task_is_given_done_and_leaves_a_receipt_at_both() {
    let (alice, bob) = friends().await;
    let submitted = run(
        alice.command(["--json", "task", "submit", "bob", "count the lines", "--input", "-"]),
        b"one\ntwo\n",
    )
    .await
    .data();
    let id = id(&submitted);
    assert_eq!((&submitted["role"], &submitted["name"]), (&json!("requester"), &json!("bob")));
    let new = task_is(&bob, id, "new").await;
    assert_eq!(
        (&new["role"], &new["name"], &new["a2a"]),
        (&json!("worker"), &json!("alice"), &json!("TASK_STATE_SUBMITTED"))
    );
    assert_eq!(
        (&new["description"], &new["input"]),
        (&json!("count the lines"), &json!({"text": "one\ntwo\n"}))
    );

    assert_eq!(bob.json(&["task", "accept", id]).await["position"], 0);
    assert_eq!(bob.json(&["task", "queue"]).await[0]["id"], id);
    let taken = bob.json(&["task", "next"]).await["task"].take();
    assert_eq!((&taken["state"], &taken["attempt"]), (&json!("executing"), &json!(1)));
    assert_eq!(bob.json(&["task", "next"]).await["task"], Value::Null, "there is one");
    bob.json(&["task", "progress", id, "40%", "half of it"]).await;
    until("alice hears how far it is", async || {
        let task = alice.json(&["task", "show", id]).await;
        task["progress"] == 400 && task["text"] == "half of it"
    })
    .await;
    bob.json(&["task", "complete", id, "--result", "2", "--attempt", "1"]).await;

    let (hers, his) = (task_is(&alice, id, "succeeded").await, task_is(&bob, id, "succeeded").await);
    assert_eq!((&hers["output"], &hers["a2a"]), (&json!({"text": "2"}), &json!("TASK_STATE_COMPLETED")));
    assert_eq!((&hers["receipt"]["seq"], &hers["receipt"]["hash"]), (&json!(1), &his["receipt"]["hash"]));
    assert!(hers["receipt"]["reward"].as_u64().unwrap() >= 1, "{hers}");
    let states: Vec<_> = hers["history"].as_array().unwrap().iter().map(|entry| &entry["state"]).collect();
    assert_eq!(states.first().unwrap(), &"submitted", "{states:?}");
    assert_eq!(states.last().unwrap(), &"succeeded", "{states:?}");
    assert_eq!(alice.run(&["task", "result", id]).await.stdout, b"2");
    for (daemon, args) in [(&alice, ["task", "list", "--mine"]), (&bob, ["task", "list", "--theirs"])] {
        assert_eq!(daemon.json(&args).await[0]["id"], id);
        let text = daemon.run(&args).await.text();
        assert!(text.contains("succeeded") && text.contains("count the lines"), "{text}");
    }
    assert!(alice.json(&["task", "list", "--theirs"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn who_waits_gets_the_result_and_nothing_else_on_stdout() {
    let (alice, bob) = friends().await;
    let waiting = alice.command(["task", "submit", "bob", "say hello", "--wait", "--timeout", "50s"]);
    let waited = tokio::spawn(run(waiting, b""));
    let open = async || bob.json(&["task", "list", "--state", "new"]).await;
    until("it has come", async || !open().await.as_array().unwrap().is_empty()).await;
    let task = open().await[0].take();
    bob.json(&["task", "accept", id(&task)]).await;
    bob.json(&["task", "next", "--wait", "10s"]).await;
    bob.json(&["task", "complete", id(&task), "--result", "hello"]).await;
    let waited = waited.await.unwrap();
    assert_eq!((waited.code, waited.stdout.as_slice()), (0, &b"hello"[..]), "{waited:?}");
    assert!(waited.stderr.contains("waiting for bob"), "{waited:?}");

    let declined = alice.command(["--json", "task", "submit", "bob", "dig", "--wait", "--timeout", "50s"]);
    let declined = tokio::spawn(run(declined, b""));
    until("it has come", async || !open().await.as_array().unwrap().is_empty()).await;
    let task = open().await[0].take();
    bob.json(&["task", "decline", id(&task), "no spade"]).await;
    let error = declined.await.unwrap().error(1, "conflict");
    assert!(error["message"].as_str().unwrap().contains("no spade"), "{error}");
    let late =
        alice.fails(&["task", "submit", "bob", "wait", "--wait", "--timeout", "300ms"], 4, "timeout").await;
    let hint = late["hint"].as_str().unwrap();
    let mine = alice.json(&["task", "list", "--mine"]).await;
    assert!(
        hint.contains(id(mine.as_array().unwrap().last().unwrap())),
        "it goes on, and is not to be submitted again: {hint}"
    );
}

#[tokio::test]
async fn a_result_that_is_a_file_is_copied_to_where_it_is_wanted() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    let input = place.path().join("input.bin");
    std::fs::write(&input, &bytes).unwrap();
    let task = alice.json(&["task", "submit", "bob", "double it", "--input", input.to_str().unwrap()]).await;
    std::fs::remove_file(&input).unwrap();
    let new = task_is(&bob, id(&task), "new").await;
    let path = new["input"]["file"]["path"].as_str().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), bytes);
    bob.json(&["task", "accept", id(&task)]).await;
    bob.json(&["task", "next"]).await;
    bob.json(&["task", "complete", id(&task), "--file", path]).await;
    task_is(&alice, id(&task), "succeeded").await;
    let copy = place.path().join("copy.bin");
    let args = ["task", "result", id(&task), "-o", copy.to_str().unwrap()];
    assert_eq!(alice.json(&args).await["saved"], copy.to_str().unwrap());
    assert_eq!(std::fs::read(&copy).unwrap(), bytes);
    alice.fails(&args, 1, "conflict").await;
}

#[tokio::test]
async fn a_task_is_taken_back_with_the_word_of_its_worker_or_without_it() {
    let (alice, bob) = friends().await;
    let task = alice.json(&["task", "submit", "bob", "one"]).await;
    task_is(&bob, id(&task), "new").await;
    alice.json(&["task", "cancel", id(&task), "-m", "found it"]).await;
    for daemon in [&alice, &bob] {
        assert_eq!(task_is(daemon, id(&task), "cancelled").await["reason"], "requester");
    }
    assert_eq!(bob.run(&["down"]).await.code, 0);
    let task = alice.json(&["task", "submit", "bob", "two"]).await;
    assert_eq!(alice.json(&["task", "cancel", id(&task)]).await["cancelling"], true);
    let ended = alice.json(&["task", "cancel", id(&task), "--abandon"]).await;
    assert_eq!((&ended["state"], &ended["reason"]), (&json!("cancelled"), &json!("abandoned")));
    alice.fails(&["task", "cancel", id(&task)], 1, "conflict").await;
    alice.fails(&["task", "result", id(&task)], 1, "conflict").await;
}

#[tokio::test]
async fn what_happens_with_tasks_is_told_as_it_does() {
    let (alice, bob) = friends().await;
    let mut watch = bob
        .command(["--json", "task", "watch", "--after", "0", "--count", "2"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let task = alice.json(&["task", "submit", "bob", "\u{1b}[2Jlook"]).await;
    task_is(&bob, id(&task), "new").await;
    bob.json(&["task", "accept", id(&task)]).await;
    let mut told = String::new();
    timeout(PATIENCE, watch.stdout.take().unwrap().read_to_string(&mut told)).await.unwrap().unwrap();
    assert!(watch.wait().await.unwrap().success());
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let states: Vec<_> = told.iter().map(|entry| (&entry["task"], &entry["state"])).collect();
    assert_eq!(states, [(&task["id"], &json!("new")), (&task["id"], &json!("accepted"))]);
    let shown = bob.run(&["task", "show", id(&task)]).await.text();
    assert!(shown.contains("[2Jlook") && !shown.contains("\u{1b}[2J"), "{shown}");
    let log = bob.run(&["task", "log", id(&task)]).await.text();
    assert!(log.lines().count() == 2 && log.contains("of alice: accepted"), "{log}");
}

#[tokio::test]
async fn what_makes_no_sense_about_tasks_is_refused_with_what_to_do() {
    let (alice, bob) = friends().await;
    let long = "x".repeat(16 * 1024 + 1);
    let mistakes: [&[&str]; 9] = [
        &["task"],
        &["task", "submit", "bob"],
        &["task", "submit", "bob", ""],
        &["task", "submit", "bob", &long],
        &["task", "submit", "bob", "x", "--deadline", "1ms"],
        &["task", "submit", "bob", "x", "--deadline", "soon"],
        &["task", "progress", "0199", "101%"],
        &["task", "list", "--state", "done"],
        &["task", "show", "no-id"],
    ];
    for mistake in mistakes {
        alice.fails(mistake, 2, "bad_request").await;
    }
    alice.fails(&["task", "submit", "nobody", "x"], 6, "not_found").await;
    alice.fails(&["task", "submit", "bob", "x", "--input", "/no/such/file"], 6, "not_found").await;
    alice.fails(&["task", "show", "0199f2c1-7a0e-7c3a-8a3c-0c0c0c0c0c0c"], 6, "not_found").await;

    // It is not for the requester to do, nor for the worker to take back.
    let task = alice.json(&["task", "submit", "bob", "x"]).await;
    task_is(&bob, id(&task), "new").await;
    alice.fails(&["task", "accept", id(&task)], 1, "conflict").await;
    bob.fails(&["task", "cancel", id(&task)], 1, "conflict").await;
    bob.fails(&["task", "complete", id(&task)], 1, "conflict").await;
    // The same id is one task; another one under it is none.
    let given = ["task", "submit", "bob", "x", "--id", id(&task)];
    assert_eq!(alice.json(&given).await["id"], task["id"]);
    alice.fails(&["task", "submit", "bob", "y", "--id", id(&task)], 1, "conflict").await;
}
