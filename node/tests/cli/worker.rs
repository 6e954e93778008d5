//! A command that does tasks: fed, heard, bounded, and killed with all that it has started.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

use super::tasks::{id, task_is};
use crate::process::{Daemon, PATIENCE, friends, until};

/// A worker that is ready, with what it prints at hand.
struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    talk: Lines<BufReader<ChildStderr>>,
}

impl Worker {
    /// One whose command is a script for a shell.
    async fn new(daemon: &Daemon, flags: &[&str], script: &str) -> Self {
        let args = [&["--json", "worker", "--exec", "sh"], flags, &["--", "-c", script]].concat();
        let mut command = daemon.command(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let talk = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut worker = Self { child, lines, talk };
        assert_eq!(worker.said().await["event"], "ready");
        worker
    }

    /// The next object on stdout.
    async fn told(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time").unwrap();
        serde_json::from_str(&line.expect("a line")).unwrap()
    }

    /// The next object on stderr.
    async fn said(&mut self) -> Value {
        let line = timeout(PATIENCE, self.talk.next_line()).await.expect("a line in time").unwrap();
        serde_json::from_str(&line.expect("a line")).unwrap()
    }

    /// Sends it a signal as Ctrl-C does.
    async fn interrupt(&self) {
        self.signal("-INT").await;
    }

    async fn signal(&self, signal: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
    }

    /// Waits until it has ended by itself; returns its number.
    async fn ended(mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("an end in time").unwrap().code()
    }
}

async fn submit(alice: &Daemon, args: &[&str]) -> Value {
    alice.json(&[&["task", "submit", "bob"], args].concat()).await
}

/// Whether a process that has written its number there still runs.
fn runs(pid: &Path) -> bool {
    let Some(pid) = std::fs::read_to_string(pid).ok().and_then(|text| text.trim().parse::<u32>().ok()) else {
        return false;
    };
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // What is dead and not yet buried runs no more.
    !status.is_empty() && !status.contains(") Z ")
}

#[tokio::test]
async fn a_command_finds_the_task_and_its_output_is_the_result() {
    let (alice, bob) = friends().await;
    let script = r#"echo "airway: progress 50 half" >&2
        printf '%s|%s|%s|' "$AIRWAY_TASK_DESCRIPTION" "$AIRWAY_TASK_ATTEMPT" "$AIRWAY_TASK_REQUESTER"; cat"#;
    let mut worker = Worker::new(&bob, &["--count", "2"], script).await;
    let hostile = "$(touch /tmp/x); `id` \" ' \n%s";
    let task = submit(&alice, &[hostile]).await;
    let done = task_is(&alice, id(&task), "succeeded").await;
    let expected = format!("{hostile}|1|{}|{hostile}", alice.address());
    assert_eq!(done["output"], json!({"text": expected}), "no shell has read it");
    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(input.path(), [0, 255, 7]).unwrap();
    let task = submit(&alice, &["raw", "--input", input.path().to_str().unwrap()]).await;
    task_is(&alice, id(&task), "succeeded").await;
    let result = alice.run(&["task", "result", id(&task)]).await.stdout;
    assert!(result.ends_with(&[b'|', 0, 255, 7]), "{result:?}");
    let (started, completed) = (worker.told().await, worker.told().await);
    assert_eq!((&started["event"], &started["description"]), (&json!("started"), &json!(hostile)));
    assert_eq!(completed["event"], "completed");
    worker.told().await;
    worker.told().await;
    assert_eq!(worker.told().await, json!({"completed": 2, "failed": 0, "lost": 0, "given_back": 0}));
    assert_eq!(worker.ended().await, Some(0));
}

#[tokio::test]
async fn what_a_command_says_last_is_why_a_task_has_failed() {
    let (alice, bob) = friends().await;
    let script = r#"case "$AIRWAY_TASK_DESCRIPTION" in
        words) echo first >&2; echo 'airway: progress 99' >&2; echo 'no such log' >&2; exit 3 ;;
        silent) exit 7 ;;
        much) yes ;;
        long) sleep 600 ;;
        esac"#;
    let _worker = Worker::new(&bob, &["--max-output", "100KiB", "--timeout", "2s"], script).await;
    for (description, reason) in [
        ("words", "no such log"),
        ("silent", "the command ended with 7"),
        ("much", "it wrote more than 102400 bytes"),
        ("long", "it took longer than 2s"),
    ] {
        let task = submit(&alice, &[description]).await;
        let failed = task_is(&alice, id(&task), "failed").await;
        assert_eq!((&failed["text"], &failed["reason"]), (&json!(reason), &json!("worker")), "{description}");
    }
}

#[tokio::test]
async fn a_large_result_goes_as_a_file() {
    let (alice, bob) = friends().await;
    let _worker = Worker::new(&bob, &["--count", "1"], "head -c 300000 /dev/zero").await;
    let task = submit(&alice, &["zeros"]).await;
    let done = task_is(&alice, id(&task), "succeeded").await;
    let file = &done["output"]["file"];
    assert_eq!((&file["size"], &file["name"]), (&json!(300_000), &json!("output")), "{done}");
    assert_eq!(std::fs::read(file["path"].as_str().unwrap()).unwrap(), vec![0; 300_000]);
}

#[tokio::test]
async fn a_task_that_is_cancelled_takes_its_whole_process_group_with_it() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let (child, parent) = (place.path().join("child"), place.path().join("parent"));
    let script = format!(
        "trap '' TERM; sh -c 'echo $$ > {0}; exec sleep 600' & echo $$ > {1}; wait; sleep 600",
        child.display(),
        parent.display()
    );
    let mut worker = Worker::new(&bob, &[], &script).await;
    let task = submit(&alice, &["for ever"]).await;
    until("both run", async || runs(&child) && runs(&parent)).await;
    alice.json(&["task", "cancel", id(&task)]).await;
    assert_eq!(worker.told().await["event"], "started");
    let lost = worker.told().await;
    assert_eq!(lost["event"], "lost", "{lost}");
    until("nothing of it is left", async || !runs(&child) && !runs(&parent)).await;
    task_is(&alice, id(&task), "cancelled").await;
}

#[tokio::test]
async fn a_command_goes_on_while_the_daemon_starts_anew() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let (begun, go) = (place.path().join("begun"), place.path().join("go"));
    let script = format!(
        "echo x >> {0}; while [ ! -e {1} ]; do sleep 0.05; done; echo done",
        begun.display(),
        go.display()
    );
    let mut worker = Worker::new(&bob, &["--count", "1"], &script).await;
    let task = submit(&alice, &["long"]).await;
    until("it has begun", async || begun.exists()).await;
    let bob = bob.restart().await;
    std::fs::write(&go, "").unwrap();
    assert_eq!(task_is(&alice, id(&task), "succeeded").await["output"], json!({"text": "done\n"}));
    assert_eq!(std::fs::read_to_string(&begun).unwrap(), "x\n", "it was executed once");
    assert_eq!(worker.told().await["event"], "started");
    assert_eq!(worker.told().await["event"], "completed");
    assert_eq!(task_is(&bob, id(&task), "succeeded").await["attempt"], 1);
}

#[tokio::test]
async fn ctrl_c_finishes_what_is_being_done_and_once_more_gives_it_back() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let (pid, go) = (place.path().join("pid"), place.path().join("go"));
    let script = format!("echo $$ > {}; while [ ! -e {} ]; do sleep 0.05; done", pid.display(), go.display());
    let mut worker = Worker::new(&bob, &[], &script).await;
    let first = submit(&alice, &["one"]).await;
    until("it has begun", async || runs(&pid)).await;
    worker.interrupt().await;
    assert_eq!(worker.said().await["event"], "finishing");
    let second = submit(&alice, &["two"]).await;
    task_is(&bob, id(&second), "new").await;
    std::fs::write(&go, "").unwrap();
    task_is(&alice, id(&first), "succeeded").await;
    assert_eq!(worker.ended().await, Some(0), "and takes no more");

    std::fs::remove_file(&go).unwrap();
    std::fs::remove_file(&pid).unwrap();
    let mut worker = Worker::new(&bob, &[], &script).await;
    until("the second has begun", async || runs(&pid)).await;
    worker.interrupt().await;
    assert_eq!(worker.said().await["event"], "finishing");
    worker.interrupt().await;
    assert_eq!(worker.told().await["event"], "started");
    assert_eq!(worker.told().await["event"], "given-back");
    assert!(!runs(&pid));
    assert_eq!(worker.told().await["given_back"], 1);
    let back = task_is(&bob, id(&second), "accepted").await;
    assert_eq!((&back["position"], &back["attempt"]), (&json!(0), &json!(1)), "it waits again");
    assert_eq!(worker.ended().await, Some(0));
}

#[tokio::test]
async fn a_hangup_leaves_no_command_without_its_worker() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let (pid, go) = (place.path().join("pid"), place.path().join("go"));
    let script = format!("echo $$ > {}; while [ ! -e {} ]; do sleep 0.05; done", pid.display(), go.display());
    let mut worker = Worker::new(&bob, &["--count", "1"], &script).await;
    let task = submit(&alice, &["one"]).await;
    until("it has begun", async || runs(&pid)).await;
    worker.signal("-HUP").await;
    // It has no terminal that could have closed, and goes on.
    std::fs::write(&go, "").unwrap();
    assert_eq!(worker.told().await["event"], "started");
    assert_eq!(worker.told().await["event"], "completed");
    task_is(&alice, id(&task), "succeeded").await;
    assert_eq!(worker.ended().await, Some(0));
}

#[tokio::test]
async fn a_result_that_no_daemon_takes_holds_up_nobody_who_wants_to_stop() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let (pid, go) = (place.path().join("pid"), place.path().join("go"));
    let script = format!("echo $$ > {}; while [ ! -e {} ]; do sleep 0.05; done", pid.display(), go.display());
    let mut worker = Worker::new(&bob, &[], &script).await;
    submit(&alice, &["one"]).await;
    until("it has begun", async || runs(&pid)).await;
    assert_eq!(bob.run(&["down"]).await.code, 0);
    std::fs::write(&go, "").unwrap();
    until("it has ended", async || !runs(&pid)).await;
    worker.interrupt().await;
    assert_eq!(worker.said().await["event"], "finishing");
    worker.interrupt().await;
    assert_eq!(worker.told().await["event"], "started");
    assert_eq!(worker.told().await["event"], "lost");
    assert_eq!(worker.ended().await, Some(0));
}

#[tokio::test]
async fn several_at_once_and_none_but_what_was_accepted_by_hand() {
    let (alice, bob) = friends().await;
    let place = tempfile::tempdir().unwrap();
    let script = format!(
        "echo x >> {0}; while [ $(wc -l < {0}) -lt 2 ]; do sleep 0.05; done",
        place.path().join("begun").display()
    );
    let _worker = Worker::new(&bob, &["--jobs", "2", "--no-accept"], &script).await;
    let (one, other) = (submit(&alice, &["one"]).await, submit(&alice, &["other"]).await);
    for task in [&one, &other] {
        task_is(&bob, id(task), "new").await;
        bob.json(&["task", "accept", id(task)]).await;
    }
    // Each waits for the other.
    task_is(&alice, id(&one), "succeeded").await;
    task_is(&alice, id(&other), "succeeded").await;
}

#[tokio::test]
async fn a_worker_needs_a_daemon_and_a_program() {
    let (_alice, bob) = friends().await;
    bob.fails(&["worker", "--exec", "no-such-program-anywhere"], 2, "bad_request").await;
    bob.fails(&["worker"], 2, "bad_request").await;
    bob.fails(&["worker", "--exec", "sh", "--jobs", "0"], 2, "bad_request").await;
    assert_eq!(bob.run(&["down"]).await.code, 0);
    bob.fails(&["worker", "--exec", "sh"], 3, "not_running").await;
}
