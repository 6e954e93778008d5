//! Files of one language to the other that are interrupted on the way, by the end of either process: what has arrived is
//! not sent again.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use airway_interop_tests::{
    contract::Transport,
    driver::{Language, Peer},
    matrix::Column,
    wait::until,
};
use rand::RngCore as _;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    size::size,
    stage::{Two, ask, text},
};

/// However loaded the machine is, a file is there by then.
const PATIENCE: Duration = Duration::from_secs(1200);

/// How long to wait before a file is looked at again.
const PACE: Duration = Duration::from_millis(1);

/// Bytes that are written or compared at once.
const PART: usize = 1024 * 1024;

/// How often a machine may be too fast for us to interrupt it; each time the file is twice as large.
const TRIES: usize = 4;

fn megabytes() -> usize {
    size(32, 1024)
}

/// A sender and a receiver that trust each other.
async fn contacts(sender: Language) -> (Peer, Peer) {
    let Two { dialler, listener, .. } =
        Two::friends(Column { transport: Transport::Quic, dials: sender }).await;
    (dialler, listener)
}

/// Makes a file of random bytes, of which no part is like another.
fn write(path: &Path, megabytes: usize) -> io::Result<()> {
    let (mut file, mut part) = (File::create(path)?, vec![0; PART]);
    rand::rng().fill_bytes(&mut part);
    for number in 0..megabytes {
        part[..size_of::<usize>()].copy_from_slice(&number.to_be_bytes());
        file.write_all(&part)?;
    }
    file.sync_all()
}

/// Whether two files are the same, byte for byte.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        (&mut one).take(PART as u64).read_to_end(&mut left)?;
        (&mut other).take(PART as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// Where agents of both languages keep what has come of a file that is not complete.
fn partial(receiver: &Peer) -> Option<PathBuf> {
    let below = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    below(receiver.dir().join("home/files"))
        .flat_map(below)
        .map(|dir| dir.join(".partial"))
        .find(|partial| partial.exists())
}

/// How much has come of the file that is not complete.
fn arrived(receiver: &Peer) -> u64 {
    partial(receiver).and_then(|partial| fs::metadata(partial).ok()).map_or(0, |found| found.len())
}

/// Waits until so much of a file has come.
async fn half_way(receiver: &Peer, bytes: u64) {
    let mut looks = interval(PACE);
    while arrived(receiver) < bytes {
        looks.tick().await;
    }
}

/// What a receiver says of the only file that it has, once it has it.
async fn received(receiver: &Peer) -> Value {
    let mut file = None;
    let arrives = async || {
        let files = ask(receiver, "files", json!({})).await;
        file = files["files"].as_array().and_then(|files| files.last()).cloned();
        file.is_some()
    };
    until("the file", PATIENCE, arrives).await;
    file.unwrap()
}

/// Who is killed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    Sender,
    Receiver,
}

/// Sends a file during which one of the two is killed and started again.
async fn interrupted(language: Language, killed: Killed) {
    let mut megabytes = megabytes();
    for _ in 0..TRIES {
        if attempt(language, killed, megabytes).await {
            return;
        }
        megabytes *= 2;
    }
    panic!("{TRIES} files have arrived before anybody could be killed");
}

/// False if the file had arrived before the one could be killed.
async fn attempt(language: Language, killed: Killed, megabytes: usize) -> bool {
    let (mut sender, mut receiver) = contacts(language).await;
    let path = sender.dir().join("model.bin");
    write(&path, megabytes).unwrap();
    let bytes = fs::metadata(&path).unwrap().len();
    let request = json!({ "who": receiver.ready().endpoint, "path": path });

    let (had, sent) = {
        let mut sending = Box::pin(sender.ask_within(PATIENCE, "send_file", request.clone()));
        tokio::select! {
            _ = &mut sending => return false,
            come = timeout(PATIENCE, half_way(&receiver, bytes / 4)) => come.unwrap(),
        }
        match killed {
            Killed::Receiver => {
                receiver.kill().await.unwrap();
                let had = arrived(&receiver);
                if had == 0 {
                    return false;
                }
                receiver.restart().await.unwrap();
                (had, Some(sending.await.unwrap_or_else(|error| panic!("{error}"))))
            }
            Killed::Sender => (arrived(&receiver), None),
        }
    };
    let sent = match sent {
        Some(sent) => sent,
        None => {
            sender.kill().await.unwrap();
            if had == 0 || arrived(&receiver) == 0 {
                return false;
            }
            sender.restart().await.unwrap();
            go_on(&sender, request).await
        }
    };
    let file = received(&receiver).await;
    assert_eq!((&file["name"], &file["size"]), (&json!("model.bin"), &json!(bytes)), "{file}");
    let arrived_at = PathBuf::from(text(&file, "path"));
    assert!(same(&path, &arrived_at).unwrap(), "other bytes have arrived");
    // The one in Go says where the last attempt began.
    let began = if language == Language::Go { &sent["began"] } else { &file["began"] };
    assert!(began.as_u64() >= Some(had), "{had} bytes were there, and were sent again: {sent}, {file}");
    true
}

/// Has a sender that was killed go on with a file. The one in Rust does so by itself.
async fn go_on(sender: &Peer, request: Value) -> Value {
    if sender.language() == Language::Rust {
        return Value::Null;
    }
    sender.ask_within(PATIENCE, "send_file", request).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn a_file_from_rust_to_go_outlives_the_end_of_its_receiver() {
    interrupted(Language::Rust, Killed::Receiver).await;
}

#[tokio::test]
async fn a_file_from_rust_to_go_outlives_the_end_of_its_sender() {
    interrupted(Language::Rust, Killed::Sender).await;
}

#[tokio::test]
async fn a_file_from_go_to_rust_outlives_the_end_of_its_receiver() {
    interrupted(Language::Go, Killed::Receiver).await;
}

#[tokio::test]
async fn a_file_from_go_to_rust_outlives_the_end_of_its_sender() {
    interrupted(Language::Go, Killed::Sender).await;
}
