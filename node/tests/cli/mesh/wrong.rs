//! What makes no sense changes nothing.

use super::{address, founder, invite};
use crate::process::{Daemon, run};

#[tokio::test]
async fn wrong_usage_founds_and_joins_nothing() {
    let bob = Daemon::new("bob").await;
    let commands: [&[&str]; 19] = [
        &["network", "create"],
        &["network", "create", ""],
        &["network", "create", "Lab"],
        &["network", "create", "two words"],
        &["network", "create", "lab", "--number", "0"],
        &["network", "create", "lab", "--number", "65535"],
        &["network", "create", "lab", "--number", "many"],
        &["network", "members", "of", "what"],
        &["network", "expel"],
        &["network", "found"],
        &["invite", "--uses", "0"],
        &["invite", "--uses", "2", "--reusable"],
        &["invite", "--role", "king"],
        &["invite", "--expires", "soon"],
        &["join"],
        &["join", "hello"],
        &["join", "airway-net:AAAA"],
        &["find"],
        &["find", "bob", "--tag", "ocr"],
    ];
    for command in commands {
        bob.fails(command, 2, "bad_request").await;
    }
    let card = bob.card().await;
    let ticket = bob.ticket(&[]).await;
    for other in [&card, &ticket] {
        let error = bob.fails(&["join", other], 2, "bad_request").await;
        assert!(!error["hint"].as_str().unwrap().contains("airway join"), "{error}");
    }
    assert_eq!(
        run(bob.command(["--json", "join", "-"]), b"").await.error(2, "bad_request")["status"],
        "error"
    );
    assert!(bob.json(&["network"]).await["network"].is_null());
    assert_eq!(address(&bob).await, bob.address());
}

#[tokio::test]
async fn outside_of_a_network_the_way_in_is_named() {
    let bob = Daemon::new("bob").await;
    for command in
        [&["invite"][..], &["network", "members"], &["network", "leave"], &["network", "expel", "x"]]
    {
        let error = bob.fails(command, 1, "conflict").await;
        assert!(error["hint"].as_str().unwrap().contains("airway join"), "{command:?}: {error}");
    }
}

#[tokio::test]
async fn a_home_is_in_one_network_at_a_time() {
    let (alice, bob) = tokio::join!(founder(&[]), founder(&[]));
    let there = address(&bob).await;
    let text = invite(&alice, &[]).await;
    for command in [&["join", &text][..], &["network", "create", "other"]] {
        let error = bob.fails(command, 1, "conflict").await;
        assert!(error["hint"].as_str().unwrap().contains("airway network leave"), "{command:?}: {error}");
    }
    assert_eq!(address(&bob).await, there);
    assert_eq!(alice.json(&["invite", "list"]).await[0]["uses_left"], 1);
}

#[tokio::test]
async fn times_that_no_invite_has_are_refused() {
    let alice = founder(&[]).await;
    let wrong: [&[&str]; 4] = [
        &["--expires", "0s"],
        &["--expires", "366days"],
        &["--certificate-life", "0s"],
        &["--certificate-life", "10years"],
    ];
    for flags in wrong {
        alice.fails(&[&["invite"], flags].concat(), 2, "bad_request").await;
    }
    assert!(alice.json(&["invite", "list"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_answers_for_an_invite_whose_maker_is_away() {
    let (mut alice, bob) = tokio::join!(founder(&[]), Daemon::new("bob"));
    let text = invite(&alice, &[]).await;
    alice.kill().await;
    let ran = bob.run(&["--json", "join", &text, "--timeout", "2s"]).await;
    let error = ran.lines().pop().unwrap();
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(["unreachable", "timeout"].contains(&error["code"].as_str().unwrap()), "{error}");
    assert!(bob.json(&["network"]).await["network"].is_null());
    assert_eq!(address(&bob).await, bob.address());
}
