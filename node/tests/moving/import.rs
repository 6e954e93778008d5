//! Agents in new homes, and bundles that make none.

use std::fs;

use super::support::{PASSPHRASE, export, import, scratch, sealing, start};
use crate::process::{Daemon, airway, friends, run, until};

#[tokio::test]
async fn a_moved_agent_is_found_by_those_who_know_where_it_was() {
    let (mut alice, bob) = friends().await;
    alice.json(&["alias", "bob", "robert"]).await;
    alice.json(&["send", "robert", "hello"]).await;
    bob.json(&["send", "alice", "hello yourself"]).await;
    let dir = scratch();
    let file = dir.path().join("alice.age");
    let exported = export(&alice.home, &file).await.data();
    assert_eq!(exported["contacts"], 1);
    alice.kill().await;

    let imported = import(&dir.path().join("home"), &file).await.data();
    assert_eq!((&imported["address"], &imported["name"]), (&alice.address().into(), &"alice".into()));
    let settings = fs::read_to_string(dir.path().join("home/config.toml")).unwrap();
    assert_eq!(settings, "name = \"alice\"\n");
    let moved = start("alice", dir).await;
    assert_eq!(moved.address(), alice.address());
    assert_ne!(moved.status["listening"], alice.status["listening"], "it is somewhere else");

    // Bob knows nothing but the old addresses: it is the agent that looks for its contacts.
    until("bob finds alice", async || {
        bob.run(&["ping", "alice", "-c", "1", "--timeout", "5s"]).await.code == 0
    })
    .await;
    bob.json(&["send", "alice", "welcome"]).await;
    moved.json(&["send", "robert", "here I am"]).await;
    let inbox = moved.inbox().await;
    assert_eq!((inbox.len(), &inbox[0]["body"]), (1, &"welcome".into()), "the inbox stayed behind");
    for agent in [&moved, &bob] {
        assert_eq!(agent.json(&["status"]).await["warnings"].as_array().map(Vec::len), Some(0));
    }
}

#[tokio::test]
async fn what_cannot_be_opened_changes_nothing() {
    let alice = Daemon::new("alice").await;
    let dir = scratch();
    let (good, bad, home) = (dir.path().join("good"), dir.path().join("bad"), dir.path().join("home"));
    export(&alice.home, &good).await.data();
    let sealed = fs::read_to_string(&good).unwrap();
    let args = ["identity", "import", good.to_str().unwrap()];
    let wrong = sealing(&home, "wrong horse battery", &args).await.error(2, "bad_request");
    assert!(wrong["message"].as_str().unwrap().contains("passphrase"), "{wrong}");

    let mut flipped = sealed.clone().into_bytes();
    let middle = sealed.len() - 100;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let lines: Vec<&str> = sealed.lines().collect();
    let spoiled: [(&str, Vec<u8>); 5] = [
        ("empty", Vec::new()),
        ("no bundle", b"airway:CiQIARIg".to_vec()),
        ("truncated", lines[..lines.len() / 2].join("\n").into_bytes()),
        ("without its end", lines[..lines.len() - 1].join("\n").into_bytes()),
        ("changed", flipped),
    ];
    for (what, bytes) in spoiled {
        fs::write(&bad, bytes).unwrap();
        let ran = import(&home, &bad).await;
        assert_eq!(ran.code, 2, "{what}: {ran:?}");
        ran.error(2, "bad_request");
        assert!(!home.exists(), "{what}");
    }
    import(&home, &dir.path().join("none")).await.error(2, "bad_request");
    import(&home, dir.path()).await.error(2, "bad_request");
    assert!(!home.exists());
    import(&home, &good).await.data();
}

#[tokio::test]
async fn an_agent_moves_into_no_home_of_another() {
    let (alice, bob) = (Daemon::new("alice").await, Daemon::new("bob").await);
    let dir = scratch();
    let file = dir.path().join("alice.age");
    export(&alice.home, &file).await.data();
    let key = fs::read(bob.home.join("identity.key")).unwrap();
    let taken = import(&bob.home, &file).await.error(1, "conflict");
    assert!(taken["message"].as_str().unwrap().contains(bob.address()), "{taken}");
    assert_eq!(fs::read(bob.home.join("identity.key")).unwrap(), key);
    import(&alice.home, &file).await.error(1, "conflict");

    // A database without its key is not empty, either.
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    fs::write(home.join("airway.db"), "").unwrap();
    import(&home, &file).await.error(1, "conflict");
    fs::remove_file(home.join("airway.db")).unwrap();

    // Settings that the owner has prepared stay, and the agent comes from stdin as well.
    fs::write(home.join("config.toml"), "name = \"alicia\"\n").unwrap();
    let mut command = airway(&home);
    command.args(["--json", "identity", "import", "-"]).env("AIRWAY_PASSPHRASE", PASSPHRASE);
    let imported = run(command, &fs::read(&file).unwrap()).await.data();
    assert_eq!(imported["address"], alice.address());
    assert_eq!(fs::read_to_string(home.join("config.toml")).unwrap(), "name = \"alicia\"\n");
}

#[tokio::test]
async fn an_import_that_was_interrupted_leaves_nothing() {
    let alice = Daemon::new("alice").await;
    let dir = scratch();
    let (file, home) = (dir.path().join("alice.age"), dir.path().join("home"));
    export(&alice.home, &file).await.data();
    import(&home, &file).await.data();
    // As if the machine had stopped before the key was there.
    let interrupt = || {
        fs::remove_file(home.join("identity.key")).unwrap();
        fs::copy(home.join("config.toml"), home.join("import.partial")).unwrap();
    };
    interrupt();
    import(&home, &file).await.data();
    interrupt();
    let mut up = airway(&home);
    up.args(["--json", "up", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    let undone = run(up, b"").await.error(1, "home");
    assert!(undone["message"].as_str().unwrap().contains("interrupted"), "{undone}");
    for name in ["airway.db", "places.json", "config.toml", "import.partial", "identity.key"] {
        assert!(!home.join(name).exists(), "{name}");
    }
    import(&home, &file).await.data();
    // As if it had stopped right after.
    fs::copy(home.join("config.toml"), home.join("import.partial")).unwrap();
    let moved = start("alice", dir).await;
    assert_eq!(moved.address(), alice.address());
    assert!(!home.join("import.partial").exists());
}
