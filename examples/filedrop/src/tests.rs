//! Both sides with real files, the receiver after the sender.

use std::{fs, time::Duration};

use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::*;

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

async fn agent(homes: &TempDir, name: &str) -> Node {
    let listen = Some(vec!["/ip4/127.0.0.1/udp/0/quic-v1".into()]);
    let flags = Overrides { name: Some(name.into()), listen, ..Overrides::default() };
    Node::start(homes.path().join(name), flags).await.unwrap()
}

#[tokio::test]
async fn what_is_put_into_one_directory_arrives_in_the_other_beside_what_is_there() {
    let dirs = tempfile::tempdir().unwrap();
    let (alice, bob) = (agent(&dirs, "alice").await, agent(&dirs, "bob").await);
    let to = invite(&bob).await.unwrap().to_string();
    let [out, into] = ["out", "in"].map(|dir| dirs.path().join(dir));
    for dir in [&out, &into] {
        fs::create_dir(dir).unwrap();
    }
    let large = vec![0xa5; 3 << 20];
    fs::write(out.join("large"), &large).unwrap();
    fs::write(out.join("a.txt"), "from alice").unwrap();
    fs::write(out.join(".hidden"), "not yet").unwrap();
    fs::write(into.join("a.txt"), "bob's own").unwrap();

    let sender = run(&alice, Mode::Send { dir: out.clone(), to });
    let receiver = run(&bob, Mode::Receive { dir: into.clone() });
    let arrived = async {
        let sent = ["large", "a.txt"].map(|name| out.join("sent").join(name));
        while !sent.iter().all(|path| path.exists())
            || !bob.inbox(Default::default()).await.unwrap().is_empty()
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        ended = sender => panic!("the sender ended: {ended:?}"),
        ended = receiver => panic!("the receiver ended: {ended:?}"),
        arrived = timeout(PATIENCE, arrived) => arrived.expect("not within a minute"),
    }

    let read = |name| fs::read(into.join(name)).unwrap();
    assert_eq!(read("large"), large);
    assert_eq!((read("a.txt"), read("2-a.txt")), (b"bob's own".to_vec(), b"from alice".to_vec()));
    assert_eq!(fs::read_dir(&into).unwrap().count(), 3, "nothing else is left");
    assert!(out.join(".hidden").exists() && !out.join("a.txt").exists() && !out.join("large").exists());
    alice.shut_down().await;
    bob.shut_down().await;
}

#[test]
fn a_name_that_is_taken_is_given_with_a_number() {
    let dir = tempfile::tempdir().unwrap();
    let [file, into] = ["file", "in"].map(|name| dir.path().join(name));
    fs::create_dir(&into).unwrap();
    for (bytes, name) in [("one", "a"), ("two", "2-a"), ("three", "3-a")] {
        fs::write(&file, bytes).unwrap();
        assert_eq!(link(&file, &into, "a").unwrap(), into.join(name));
        fs::remove_file(&file).unwrap();
    }
    for (bytes, name) in [("one", "a"), ("two", "2-a"), ("three", "3-a")] {
        assert_eq!(fs::read_to_string(into.join(name)).unwrap(), bytes);
    }
}
