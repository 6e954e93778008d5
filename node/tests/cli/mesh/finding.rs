//! Members find each other, and speak once they trust each other.

use super::{address, finds, founder, joined};
use crate::process::{Daemon, run, until};

#[tokio::test]
async fn a_member_is_found_by_name_and_by_address_with_its_card() {
    let alice = founder(&[]).await;
    let bob = joined("bob", &alice).await;
    let there = address(&bob).await;
    let short = there.split('#').next().unwrap();
    for who in ["bob", short, &there] {
        let found = finds(&alice, who).await;
        assert_eq!((&found["address"], &found["name"]), (&there.as_str().into(), &"bob".into()), "{who}");
        assert_eq!((&found["layer"], &found["trusted"]), (&"network".into(), &false.into()), "{who}");
        assert!(found["card"].as_str().unwrap().starts_with("airway:"), "{who}");
    }
    let text = alice.run(&["find", "bob"]).await.text();
    for part in [&there, "bob", "the network's authority", "no"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let card = alice.run(&["find", "bob", "--card"]).await;
    assert!(card.text().starts_with("airway:") && card.text().lines().count() == 1, "{card:?}");

    // The card is as good as any.
    let asked = run(alice.command(["--json", "trust", "-"]), &card.stdout).await.data();
    assert_eq!((&asked["state"], &asked["request"]["address"]), (&"requested".into(), &there.into()));
}

#[tokio::test]
async fn an_agent_that_was_found_is_asked_as_if_its_card_had_been_given() {
    let alice = founder(&[]).await;
    let bob = joined("bob", &alice).await;
    let (here, there) = (address(&alice).await, address(&bob).await);
    finds(&alice, "bob").await;

    // To be found is not to be trusted.
    for command in [&["ping", "bob", "-c", "1"][..], &["send", "bob", "hello"], &["dial", "bob", "7"]] {
        let error = alice.fails(command, 5, "not_trusted").await;
        assert!(error["message"].as_str().unwrap().contains(&there), "{command:?}: {error}");
        assert!(error["hint"].as_str().unwrap().contains("airway trust"), "{command:?}: {error}");
    }
    let asked = alice.json(&["trust", "bob", "-m", "we are in one lab"]).await;
    assert_eq!((&asked["state"], &asked["layer"]), (&"requested".into(), &"network".into()));
    assert_eq!(asked["request"]["address"], there);
    until("bob is asked", async || !bob.json(&["pending"]).await.as_array().unwrap().is_empty()).await;
    assert_eq!(bob.json(&["pending"]).await[0]["address"], here);
    bob.json(&["approve", &here]).await;
    until("alice has heard", async || !alice.json(&["trusted"]).await.as_array().unwrap().is_empty()).await;
    assert_eq!(alice.json(&["send", "bob", "hello"]).await["to"], there);
    let found = alice.json(&["find", "bob"]).await;
    assert_eq!((&found["layer"], &found["trusted"]), (&"contact".into(), &true.into()));
}

#[tokio::test]
async fn where_members_trust_each_other_the_first_word_makes_them_contacts() {
    let alice = founder(&["--trust-members"]).await;
    let (bob, carol) = tokio::join!(joined("bob", &alice), joined("carol", &alice));
    finds(&bob, "carol").await;
    let there = address(&carol).await;

    // Whom the name has led to is said: a stream has no other place for it.
    let dialled = run(bob.command(["dial", "carol", "7", "--timeout", "50s"]), b"hello").await;
    assert_eq!((dialled.code, dialled.text().as_str()), (0, "hello"), "{dialled:?}");
    assert!(dialled.stderr.contains(&format!("carol is {there}")), "{dialled:?}");
    let again = run(bob.command(["dial", "carol", "7"]), b"hello").await;
    assert_eq!((again.code, again.stderr.as_str()), (0, ""), "{again:?}");
    assert_eq!(bob.json(&["send", "carol", "hello"]).await["to"], there);
    assert_eq!(carol.inbox().await[0]["from"], address(&bob).await);
}

#[tokio::test]
async fn agents_are_found_by_what_they_say_they_can_do() {
    let alice = founder(&[]).await;
    let (bob, carol) = tokio::join!(joined("bob", &alice), joined("carol", &alice));
    assert_eq!(
        bob.json(&["me", "set", "tags", "ocr", "translate"]).await["tags"].as_array().unwrap().len(),
        2
    );
    carol.json(&["me", "set", "tags", "ocr"]).await;
    let names = async |tag: &str| {
        let found = alice.json(&["find", "--tag", tag]).await;
        let mut names: Vec<_> =
            found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    until("both are found", async || names("ocr").await == ["bob", "carol"]).await;
    assert_eq!(names("translate").await, ["bob"]);
    let table = alice.run(&["find", "--tag", "ocr"]).await.text();
    assert!(table.starts_with("NAME") && table.contains("ocr, translate"), "{table}");
    let nobody = alice.run(&["find", "--tag", "juggle"]).await;
    assert_eq!((nobody.code, nobody.text().as_str()), (0, ""), "{nobody:?}");

    carol.json(&["me", "set", "tags", "--clear"]).await;
    until("carol can nothing any more", async || names("ocr").await == ["bob"]).await;
}

#[tokio::test]
async fn a_name_is_set_and_taken_away_and_survives() {
    let bob = Daemon::new("bob").await;
    for name in ["", "Bob", "two words", "-x", "bób", "x".repeat(64).as_str()] {
        bob.fails(&["me", "set", "name", "--", name], 2, "bad_request").await;
    }
    for tags in [&["OCR"][..], &[""], &["a b"], &["-x"], &["a", "b", "c", "d"], &[&"x".repeat(33)]] {
        bob.fails(&[&["me", "set", "tags", "--"], tags].concat(), 2, "bad_request").await;
    }
    let me = bob.json(&["me"]).await;
    assert_eq!((&me["name"], &me["tags"]), (&"bob".into(), &serde_json::json!([])), "nothing has changed");

    assert_eq!(bob.json(&["me", "set", "name", "robert"]).await["name"], "robert");
    assert_eq!(bob.json(&["card"]).await["name"], "robert");
    bob.json(&["me", "set", "tags", "ocr"]).await;
    assert!(bob.run(&["me"]).await.text().contains("ocr"));
    assert!(bob.json(&["me", "set", "name", "--clear"]).await["name"].is_null());
    let bob = bob.restart().await;
    assert_eq!(bob.json(&["me"]).await["tags"], serde_json::json!(["ocr"]));
}
