//! Cards and addresses that were not copied whole.

use crate::process::{Daemon, friends};

/// Places in a text that are spoiled: every first, and some in between.
const PLACES: usize = 24;

/// The text with one character taken out, and with one replaced, at places all over it.
fn spoiled(text: &str) -> Vec<String> {
    let step = text.len().div_ceil(PLACES).max(1);
    let places = (0..text.len()).step_by(step).chain([text.len() - 1]);
    let spoil = |at: usize| {
        let other = if &text[at..=at] == "7" { "A" } else { "7" };
        [format!("{}{}", &text[..at], &text[at + 1..]), format!("{}{other}{}", &text[..at], &text[at + 1..])]
    };
    places.flat_map(spoil).collect()
}

#[tokio::test]
async fn a_card_with_one_wrong_character_is_refused() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    for card in spoiled(&bob.card().await) {
        alice.fails(&["trust", &card], 2, "bad_request").await;
    }
    assert!(alice.json(&["trusted"]).await.as_array().unwrap().is_empty(), "nothing has changed");
}

#[tokio::test]
async fn an_address_with_one_wrong_character_is_nobody_we_know() {
    let (alice, bob) = friends().await;
    // Whether it is connected, and where, may change at any time.
    let trusted = async || {
        let contact = alice.json(&["trusted"]).await[0].take();
        ["agent_id", "alias", "trusted_at"].map(|key| contact[key].clone())
    };
    let before = trusted().await;
    for address in spoiled(bob.address()) {
        let ran = alice.run(&["--json", "untrust", &address]).await;
        // Either it is no address, or it is that of somebody else.
        let code = if ran.code == 2 { "bad_request" } else { "not_trusted" };
        ran.error(if ran.code == 2 { 2 } else { 5 }, code);
    }
    assert_eq!(trusted().await, before, "nothing has changed");
}

#[tokio::test]
async fn names_and_numbers_out_of_range_are_refused() {
    let (alice, bob) = friends().await;
    let long = "x".repeat(10_000);
    let address = format!("{}:7", bob.address());
    for who in [":", "0:", "#", &long, "\u{202e}bob", "bob\n", "../bob", "%2e%2e", "b b", &address] {
        let ran = alice.run(&["--json", "send", "--", who, "hello"]).await;
        // White space around a name is nobody's intention.
        if who.trim() == "bob" {
            assert_eq!(ran.code, 0, "{who:?}: {ran:?}");
            continue;
        }
        let code = if ran.code == 2 { "bad_request" } else { "not_found" };
        ran.error(if ran.code == 2 { 2 } else { 6 }, code);
    }
    for port in ["0", "65536", "-1", "07x", ""] {
        alice.fails(&["dial", "bob", "--", port], 2, "bad_request").await;
    }
    assert_eq!(bob.inbox().await.len(), 1);
}
