//! Private networks as people and programs use them.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod authority;
mod finding;
mod invites;
mod wrong;

use serde_json::Value;

use crate::process::{Daemon, run, until};

/// A daemon that has founded a network called `lab`.
async fn founder(flags: &[&str]) -> Daemon {
    let alice = Daemon::new("alice").await;
    alice.json(&[&["network", "create", "lab"], flags].concat()).await;
    alice
}

/// An invite of a daemon, made with these flags.
async fn invite(daemon: &Daemon, flags: &[&str]) -> String {
    daemon.json(&[&["invite"], flags].concat()).await["invite"].as_str().unwrap().to_owned()
}

/// A new daemon that has joined the network of another.
async fn joined(name: &str, founder: &Daemon) -> Daemon {
    let (daemon, invite) = tokio::join!(Daemon::new(name), invite(founder, &[]));
    daemon.json(&["join", &invite, "--timeout", "50s"]).await;
    daemon
}

/// Full address, in the network that the agent is in now.
async fn address(daemon: &Daemon) -> String {
    daemon.json(&["me"]).await["address"].as_str().unwrap().to_owned()
}

/// What a daemon knows about the member with this address.
async fn member(daemon: &Daemon, address: &str) -> Value {
    let members = daemon.json(&["network", "members"]).await;
    let mut members = members.as_array().unwrap().iter();
    members.find(|member| member["address"] == address).cloned().unwrap_or_default()
}

/// Waits until a daemon finds somebody, and returns whom.
async fn finds(daemon: &Daemon, who: &str) -> Value {
    until("it is found", async || daemon.run(&["find", who]).await.code == 0).await;
    daemon.json(&["find", who]).await
}

#[tokio::test]
async fn a_network_is_founded_joined_and_left() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    assert!(alice.json(&["network"]).await["network"].is_null());
    assert!(alice.run(&["network"]).await.stderr.contains("airway network create"));

    let lab = alice.json(&["network", "create", "lab", "--number", "4242"]).await;
    assert_eq!(
        (&lab["name"], &lab["number"], &lab["authority"]),
        (&"lab".into(), &4242.into(), &true.into())
    );
    assert_eq!((&lab["membership"], &lab["trust_members"]), (&"member".into(), &false.into()));
    let there = address(&alice).await;
    assert_eq!(lab["address"], there.as_str());
    // The number of the agent stays, that of the network is before it.
    let node = |address: &str| address.split('.').skip(1).collect::<String>();
    assert!(there.starts_with("4242:1092.") && node(&there) == node(alice.address()), "{there}");

    // The invite alone is on stdout, and fits a pipe.
    let made = alice.run(&["invite"]).await;
    assert!(made.text().starts_with("airway-net:") && made.text().lines().count() == 1, "{made:?}");
    assert!(made.stderr.contains("good until") && made.stderr.contains("airway join"), "{made:?}");
    let join = run(bob.command(["join", "-", "--timeout", "50s"]), &made.stdout).await;
    assert!(join.code == 0 && join.text().starts_with("joined lab: this agent is 4242:1092."), "{join:?}");
    assert!(join.stderr.contains("\"bob\"") && join.stderr.contains("airway trust"), "{join:?}");

    let there = address(&bob).await;
    let known = member(&alice, &there).await;
    assert_eq!((&known["name"], &known["own"]), (&"bob".into(), &false.into()));
    let table = alice.run(&["network", "members"]).await.text();
    assert!(table.starts_with("NAME") && table.contains(&there), "{table}");
    for command in ["me", "status"] {
        assert_eq!(bob.json(&[command]).await["network"], "lab", "{command}");
        assert!(bob.run(&[command]).await.text().contains("lab"), "{command}");
    }

    let left = bob.run(&["network", "leave"]).await;
    assert!(left.code == 0 && left.text().starts_with("left lab: this agent is 0:0000."), "{left:?}");
    assert!(left.stderr.contains("takes a new invite"), "{left:?}");
    assert_eq!(address(&bob).await, bob.address());
    until("alice knows", async || member(&alice, &there).await["membership"] == "left").await;
}

#[tokio::test]
async fn a_member_stays_one_over_a_restart() {
    let alice = founder(&[]).await;
    let bob = joined("bob", &alice).await;
    let before = (address(&alice).await, address(&bob).await);
    let (alice, bob) = tokio::join!(alice.restart(), bob.restart());
    assert_eq!((address(&alice).await, address(&bob).await), before);
    assert_eq!(finds(&alice, "bob").await["address"], before.1);
    assert_eq!(finds(&bob, "alice").await["address"], before.0);
}
