//! Tasks: what one does for the other, what comes of it, and the receipts that stay with both.

use std::{fs, path::Path};

use airway_interop_tests::{driver::Peer, matrix::Column};
use rand::RngCore as _;
use serde_json::{Value, json};

use crate::stage::{Two, ask, text, until};

/// How long a worker waits for what has been sent to it.
const WAIT_MS: u64 = 30_000;

/// Has each work for the other, and sees how they are connected.
async fn both_ways(column: Column, each: impl AsyncFn(&Peer, &Peer)) {
    let two = Two::friends(column).await;
    for (requester, worker) in two.both_ways() {
        each(requester, worker).await;
    }
    two.check_path().await;
}

/// Submits a task, with what else there is to be said of it; returns its id.
async fn submit(requester: &Peer, worker: &Peer, description: &str, mut more: Value) -> String {
    more["who"] = worker.ready().endpoint.as_str().into();
    more["description"] = description.into();
    text(&ask(requester, "task_submit", more).await, "task")
}

/// Takes the next task, which has to be this one.
async fn take(worker: &Peer, task: &str) -> Value {
    let next = ask(worker, "task_next", json!({ "wait_ms": WAIT_MS, "accept": true })).await;
    assert_eq!((&next["task"], &next["attempt"]), (&json!(task), &json!(1)), "{next}");
    next
}

async fn show(peer: &Peer, task: &str) -> Value {
    ask(peer, "task_show", json!({ "task": task })).await
}

/// Waits until a peer has a task in this state, with nothing left to be told to the other; returns what it says of it.
async fn comes_to(peer: &Peer, task: &str, state: &str) -> Value {
    let mut shown = Value::Null;
    let what = format!("{} has {task} as {state}", peer.name());
    until(&what, async || {
        // It may not have come yet.
        shown = peer.ask("task_show", json!({ "task": task })).await.unwrap_or_default();
        shown["state"] == state && shown["settled"] == true
    })
    .await;
    shown
}

/// Waits until both have it in this state, with the same receipt or none; returns what the requester says of it.
async fn ends(requester: &Peer, worker: &Peer, task: &str, [ours, theirs]: [&str; 2]) -> Value {
    let theirs = comes_to(worker, task, theirs).await;
    let ours = comes_to(requester, task, ours).await;
    for key in ["receipt", "reason", "text", "attempt"] {
        assert_eq!(ours[key], theirs[key], "they differ in {key}: {ours} and {theirs}");
    }
    ours
}

/// Each has the other do something, hears how far it is, and gets the result once.
pub(crate) async fn task(column: Column) {
    both_ways(column, async |requester, worker| {
        let (words, input) = ("Translate to French\n\u{1f980}", "x".repeat(60 * 1024));
        let task = &submit(requester, worker, words, json!({ "input": input })).await;
        let next = take(worker, task).await;
        assert_eq!((&next["description"], &next["input"]), (&json!(words), &json!(input)));
        let progress = json!({ "task": task, "progress": 450, "text": "half of it" });
        ask(worker, "task_progress", progress).await;
        until("the requester hears of it", async || {
            let shown = show(requester, task).await;
            (&shown["state"], &shown["progress"]) == (&json!("executing"), &json!(450))
        })
        .await;
        let result = "héllo ".repeat(8 * 1024);
        ask(worker, "task_complete", json!({ "task": task, "result": result })).await;
        let done = ends(requester, worker, task, ["succeeded", "succeeded"]).await;
        assert_eq!((&done["output"], &done["attempt"]), (&json!(result), &json!(1)));
        let receipt = &done["receipt"];
        assert_eq!((&receipt["seq"], &receipt["reward"]), (&json!(1), &json!(1)), "{receipt}");

        // The same id with the same words is the same task, and with others none.
        let again = json!({ "task": task, "input": input });
        assert_eq!(submit(requester, worker, words, again).await, *task);
        let who = &worker.ready().endpoint;
        let other = json!({ "who": who, "task": task, "description": "something else" });
        requester.ask("task_submit", other).await.unwrap_err().refusal().unwrap();
        let nothing = ask(worker, "task_next", json!({ "wait_ms": 1, "accept": true })).await;
        assert_eq!(nothing["task"], Value::Null, "{nothing}");
    })
    .await;
}

/// A worker that tries and fails leaves a receipt without a reward; one that declines leaves none.
pub(crate) async fn task_fails(column: Column) {
    both_ways(column, async |requester, worker| {
        let failing = &submit(requester, worker, "divide by zero", json!({ "at_most_once": true })).await;
        take(worker, failing).await;
        ask(worker, "task_fail", json!({ "task": failing, "reason": "there is no such number" })).await;
        let failed = ends(requester, worker, failing, ["failed", "failed"]).await;
        assert_eq!((&failed["reason"], &failed["text"]), (&json!(1), &json!("there is no such number")));
        assert_eq!(failed["receipt"]["reward"], 0, "{failed}");

        let unwanted = &submit(requester, worker, "sing", json!({})).await;
        comes_to(worker, unwanted, "new").await;
        ask(worker, "task_decline", json!({ "task": unwanted, "reason": "not here" })).await;
        let declined = ends(requester, worker, unwanted, ["declined", "declined"]).await;
        assert_eq!((&declined["reason"], &declined["text"]), (&json!(1), &json!("not here")));
        assert_eq!(declined["receipt"], Value::Null, "{declined}");
    })
    .await;
}

/// The requester takes back what has not begun, and what is under way.
pub(crate) async fn task_cancelled(column: Column) {
    both_ways(column, async |requester, worker| {
        let waiting = &submit(requester, worker, "later", json!({})).await;
        let running = &submit(requester, worker, "now", json!({})).await;
        comes_to(worker, running, "new").await;
        ask(worker, "task_accept", json!({ "task": running })).await;
        take(worker, running).await;
        for task in [waiting, running] {
            ask(requester, "task_cancel", json!({ "task": task })).await;
            let cancelled = ends(requester, worker, task, ["cancelled", "cancelled"]).await;
            assert_eq!((&cancelled["reason"], &cancelled["receipt"]), (&json!(4), &Value::Null));
        }
        let late = json!({ "task": running, "result": "too late" });
        worker.ask("task_complete", late).await.unwrap_err().refusal().unwrap();
        let nothing = ask(worker, "task_next", json!({ "wait_ms": 1, "accept": true })).await;
        assert_eq!(nothing["task"], Value::Null, "{nothing}");
    })
    .await;
}

fn noise(path: &Path, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    rand::rng().fill_bytes(&mut bytes);
    fs::write(path, &bytes).unwrap();
    bytes
}

/// Waits until a peer has received the file that a task names, and sees that it is the one.
async fn arrived(peer: &Peer, file: &Value, bytes: &[u8]) {
    let mut path = None;
    until("the file has arrived", async || {
        let files = ask(peer, "files", json!({})).await;
        let files = files["files"].as_array().unwrap_or_else(|| panic!("no files in {files}"));
        let found = files.iter().find(|one| one["digest"] == file["digest"]);
        path = found.map(|found| text(found, "path"));
        path.is_some()
    })
    .await;
    assert_eq!(file["size"], bytes.len(), "{file}");
    assert!(fs::read(path.unwrap()).unwrap() == bytes, "other bytes have arrived");
}

/// What is too large to be told goes as a file, both ways.
pub(crate) async fn task_file(column: Column) {
    both_ways(column, async |requester, worker| {
        let (question, answer) = (requester.dir().join("question.bin"), worker.dir().join("answer.bin"));
        let (asked, answered) = (noise(&question, 1024 * 1024 + 1), noise(&answer, 2 * 1024 * 1024 + 3));
        let task = &submit(requester, worker, "reverse it", json!({ "file": question })).await;
        let next = take(worker, task).await;
        assert_eq!(next["input"]["file"]["name"], "question.bin", "{next}");
        arrived(worker, &next["input"]["file"], &asked).await;
        ask(worker, "task_complete", json!({ "task": task, "file": answer })).await;
        let done = ends(requester, worker, task, ["succeeded", "succeeded"]).await;
        assert_eq!(done["file"]["name"], "answer.bin", "{done}");
        arrived(requester, &done["file"], &answered).await;
    })
    .await;
}

/// The receipts of two are one chain for each direction, alike at both; either verifies what the other exports, and finds
/// what is missing at the end of it.
pub(crate) async fn receipt_chain(column: Column) {
    let two = Two::friends(column).await;
    let mut early = Vec::new();
    for (requester, worker) in two.both_ways() {
        early.push(export(requester, worker, "early").await);
        let mut before = Value::Null;
        for seq in 1..=3 {
            let task = &submit(requester, worker, &format!("number {seq}"), json!({})).await;
            take(worker, task).await;
            let result = json!({ "task": task, "result": seq.to_string() });
            ask(worker, "task_complete", result).await;
            let receipt = ends(requester, worker, task, ["succeeded", "succeeded"]).await["receipt"].take();
            assert_eq!(receipt["seq"], seq, "{receipt}");
            assert!(before.is_null() || receipt["prev"] == before, "{receipt} does not follow {before}");
            before = receipt["hash"].clone();
        }
    }
    let mut late = Vec::new();
    for (peer, other) in two.both_ways() {
        late.push(export(peer, other, "late").await);
    }
    for peer in [&two.dialler, &two.listener] {
        for (_, path) in &late {
            assert_eq!(findings(peer, &[path]).await, json!([]), "{path}");
        }
        assert_eq!(findings(peer, &[&late[0].1, &late[1].1]).await, json!([]));
        // The second one was made after the first three receipts, of which the other knows three more.
        assert_eq!((early[1].0, late[1].0), (3, 6));
        assert_eq!(findings(peer, &[&early[1].1, &late[0].1]).await, json!(["tail"]));
    }
    two.check_path().await;
}

/// Has a peer export what it has with another; returns how many receipts that is, and the file.
async fn export(peer: &Peer, other: &Peer, name: &str) -> (u64, String) {
    let path = peer.dir().join(name).display().to_string();
    let export = json!({ "path": path, "who": other.ready().endpoint });
    let exported = ask(peer, "polo_export", export).await;
    (exported["receipts"].as_u64().unwrap_or_else(|| panic!("no number in {exported}")), path)
}

async fn findings(peer: &Peer, paths: &[&str]) -> Value {
    ask(peer, "polo_verify", json!({ "paths": paths })).await["findings"].take()
}
