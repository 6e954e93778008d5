//! What contacts do with each other: the one that has dialled begins, then the other does the same on the connection that
//! is there.

use std::fs;

use airway_interop_tests::{driver::Peer, matrix::Column};
use rand::RngCore as _;
use serde_json::json;

use crate::stage::{Two, ask, text};

/// Has each do something with the other, and sees how they are connected.
async fn both_ways(column: Column, each: impl AsyncFn(&Peer, &Peer)) {
    let two = Two::friends(column).await;
    for (peer, other) in two.both_ways() {
        each(peer, other).await;
    }
    two.check_path().await;
}

pub(crate) async fn ping(column: Column) {
    both_ways(column, async |peer, other| {
        let pong = ask(peer, "ping", json!({ "who": other.ready().endpoint })).await;
        assert!(pong["micros"].is_u64(), "{pong}");
        assert_eq!(pong["relayed"], false, "{pong}");
    })
    .await;
}

pub(crate) async fn echo(column: Column) {
    both_ways(column, async |peer, other| {
        // A byte, and more than fits into any window at once.
        for bytes in [1, 64 * 1024 + 1, 1024 * 1024] {
            let echoed = ask(peer, "echo", json!({ "who": other.ready().endpoint, "bytes": bytes })).await;
            assert_eq!(echoed["bytes"], bytes, "{echoed}");
        }
    })
    .await;
}

pub(crate) async fn port_stream(column: Column) {
    both_ways(column, async |peer, other| {
        let who = &other.ready().endpoint;
        let nobody_listens = json!({ "who": who, "port": 5000, "bytes": 1 });
        peer.ask("call", nobody_listens).await.unwrap_err().refusal().unwrap();
        ask(other, "serve", json!({ "port": 5000 })).await;
        for bytes in [0, 1024 * 1024 + 1] {
            let said = ask(peer, "call", json!({ "who": who, "port": 5000, "bytes": bytes })).await;
            assert_eq!(said["bytes"], bytes, "{said}");
        }
    })
    .await;
}

pub(crate) async fn message(column: Column) {
    both_ways(column, async |peer, other| {
        let texts = ["hello", "héllo\n\u{1f980}", &"x".repeat(100_000)];
        let mut sent = Vec::new();
        for text in texts {
            let answer = ask(peer, "send", json!({ "who": other.ready().endpoint, "text": text })).await;
            sent.push([answer["message"].clone(), json!(peer.ready().endpoint), json!(text)]);
        }
        // What was acknowledged is there.
        let inbox = ask(other, "inbox", json!({})).await;
        let messages = inbox["messages"].as_array().unwrap_or_else(|| panic!("no messages in {inbox}"));
        let arrived: Vec<_> =
            messages.iter().map(|one| ["id", "from", "text"].map(|key| one[key].clone())).collect();
        assert_eq!(arrived, sent);
    })
    .await;
}

pub(crate) async fn file(column: Column) {
    both_ways(column, async |peer, other| {
        let mut bytes = vec![0; 1024 * 1024 + 1];
        rand::rng().fill_bytes(&mut bytes);
        let path = peer.dir().join("model.bin");
        fs::write(&path, &bytes).unwrap();
        let sent = ask(peer, "send_file", json!({ "who": other.ready().endpoint, "path": path })).await;
        assert_eq!(sent["size"], bytes.len(), "{sent}");
        let files = ask(other, "files", json!({})).await;
        let [file] = files["files"].as_array().unwrap().as_slice() else { panic!("not one file: {files}") };
        assert_eq!((&file["name"], &file["digest"]), (&json!("model.bin"), &sent["digest"]), "{file}");
        assert_eq!((&file["from"], &file["size"]), (&json!(peer.ready().endpoint), &sent["size"]), "{file}");
        assert!(fs::read(text(file, "path")).unwrap() == bytes, "other bytes have arrived");
    })
    .await;
}

pub(crate) async fn perf(column: Column) {
    both_ways(column, async |peer, other| {
        let who = &other.ready().endpoint;
        for (upload, download) in [(1024 * 1024, 0), (0, 1024 * 1024)] {
            let run = json!({ "who": who, "upload": upload, "download": download });
            assert!(ask(peer, "perf", run).await["micros"].as_u64() > Some(0));
        }
    })
    .await;
}
