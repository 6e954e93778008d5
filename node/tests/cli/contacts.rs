//! Cards, trust and names.

use crate::{
    forgetful::forgetful,
    process::{Daemon, befriend, friends, run, until},
};

#[tokio::test]
async fn trust_is_listed_renamed_and_taken_back() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    assert!(alice.json(&["trusted"]).await.as_array().unwrap().is_empty());

    let trusted = alice.json(&["pair", &bob.ticket(&[]).await, "--as", "robert", "--timeout", "50s"]).await;
    assert_eq!((&trusted["alias"], &trusted["name"]), (&"robert".into(), &"bob".into()));
    assert_eq!(trusted["address"], bob.address());

    let renamed = alice.json(&["alias", "robert", "bobby"]).await;
    assert_eq!(renamed["alias"], "bobby");
    assert!(alice.run(&["trusted"]).await.text().contains("bobby"));
    assert!(alice.json(&["alias", "bobby", "--clear"]).await["alias"].is_null());

    let gone = alice.run(&["untrust", bob.address()]).await;
    assert!(gone.code == 0 && gone.text().starts_with("no longer trusting bob"), "{gone:?}");
    assert!(alice.json(&["trusted"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_card_may_come_from_stdin() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let card = bob.run(&["card"]).await;
    let asked = run(alice.command(["trust", "-", "--json"]), &card.stdout).await.data();
    assert_eq!((&asked["state"], &asked["request"]["address"]), (&"requested".into(), &bob.address().into()));
    until("bob is asked", async || !bob.json(&["pending"]).await.as_array().unwrap().is_empty()).await;
    bob.json(&["approve", "alice"]).await;
    until("alice has heard", async || !alice.json(&["trusted"]).await.as_array().unwrap().is_empty()).await;
    // The same card once more changes nothing.
    let trusted = alice.json(&["trusted"]).await[0].take();
    let again = run(alice.command(["trust", "-", "--json"]), &card.stdout).await.data();
    assert_eq!(again["state"], "trusted");
    assert_eq!(again["contact"]["trusted_at"], trusted["trusted_at"]);
}

#[tokio::test]
async fn a_card_that_is_none_or_our_own_is_wrong_usage() {
    let alice = Daemon::new("alice").await;
    let own = alice.card().await;
    for card in ["", "airway:", "airway:AAAA", "0:0001.0000.0000", &own] {
        alice.fails(&["trust", card], 2, "bad_request").await;
    }
    assert!(alice.json(&["trusted"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn an_alias_is_a_name_that_nobody_else_has() {
    let (alice, bob) = friends().await;
    let carol = Daemon::new("carol").await;
    alice.json(&["alias", "bob", "friend"]).await;
    alice.fails(&["trust", &carol.card().await, "--as", "friend"], 1, "conflict").await;
    alice.fails(&["pair", &carol.ticket(&[]).await, "--as", "friend"], 1, "conflict").await;
    alice.fails(&["pair", "--no-wait", "--as", "friend"], 1, "conflict").await;
    assert!(alice.json(&["pending", "--all"]).await.as_array().unwrap().is_empty(), "nobody was asked");
    assert_eq!(alice.json(&["trusted"]).await.as_array().unwrap().len(), 1, "it was not trusted");
    for alias in ["", "Bob", "two words", "-x", "a:b", "bób"] {
        alice.fails(&["alias", "--", bob.address(), alias], 2, "bad_request").await;
    }
    assert_eq!(alice.json(&["trusted"]).await[0]["alias"], "friend");
}

#[tokio::test]
async fn nobody_of_that_name_is_not_found() {
    let alice = Daemon::new("alice").await;
    let commands: [&[&str]; 15] = [
        &["approve", "nobody"],
        &["reject", "nobody"],
        &["block", "nobody"],
        &["unblock", "nobody"],
        &["scope", "nobody", "--everything"],
        &["trusted", "--log", "nobody"],
        &["trusted", "--log", "--follow", "nobody"],
        &["ping", "nobody"],
        &["send", "nobody", "hello"],
        &["trust", "nobody"],
        &["find", "nobody"],
        &["dial", "nobody", "7"],
        &["untrust", "nobody"],
        &["alias", "nobody", "somebody"],
        &["inbox", "list", "--from", "nobody"],
    ];
    for command in commands {
        let error = alice.fails(command, 6, "not_found").await;
        assert!(error["message"].as_str().unwrap().contains("\"nobody\""), "{command:?}: {error}");
    }
}

#[tokio::test]
async fn a_lack_of_trust_on_either_side_is_told_with_its_remedy() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    let commands: [&[&str]; 3] = [&["ping", "-c", "1"], &["send"], &["dial"]];
    let behind = |command: &[&str]| if command[0] == "dial" { "7" } else { "hello" };

    for command in commands {
        let mut args = [command, &[bob.address()]].concat();
        if command[0] != "ping" {
            args.push(behind(command));
        }
        let error = alice.fails(&args, 5, "not_trusted").await;
        assert!(error["hint"].as_str().unwrap().contains("airway trust"), "{error}");
    }
    befriend(&alice, &bob).await;
    let bob = forgetful(bob, &alice).await;
    for command in commands {
        let mut args = [command, &["bob"]].concat();
        if command[0] != "ping" {
            args.push(behind(command));
        }
        let error = alice.fails(&args, 5, "not_trusted").await;
        assert!(error["hint"].as_str().unwrap().contains("airway untrust"), "{error}");
    }
    assert!(bob.inbox().await.is_empty());
}
