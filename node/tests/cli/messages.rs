//! Messages of every kind, and the inbox.

use serde_json::json;

use crate::process::{friends, run};

/// An id as a sender may choose it.
const ID: &str = "0199f2aa-0000-7000-8000-000000000001";

#[tokio::test]
async fn every_kind_arrives_as_it_was_sent() {
    let (alice, bob) = friends().await;
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let text = "grüße\n\u{1b}[2J\ttabs";
    let sent = [
        alice.json(&["send", "bob", text]).await,
        alice.json(&["send", "bob", "--type", "json", r#"{"task": [7, null]}"#]).await,
        run(alice.command(["--json", "send", "bob", "--type", "binary"]), &binary).await.data(),
    ];
    let payloads = [text.as_bytes(), br#"{"task":[7,null]}"#, &binary];
    let inbox = bob.inbox().await;
    assert_eq!(inbox.len(), sent.len());
    for ((sent, item), payload) in sent.iter().zip(&inbox).zip(payloads) {
        let id = sent["id"].as_str().unwrap();
        assert_eq!((&sent["id"], &sent["duplicate"]), (&item["id"], &false.into()));
        assert_eq!((&item["from"], &item["name"]), (&alice.address().into(), &"alice".into()));
        let raw = bob.run(&["inbox", "show", id, "--raw"]).await;
        assert_eq!((raw.code, raw.stdout.as_slice()), (0, payload), "{id}");
    }
    assert_eq!(inbox[1]["body"], json!({"task": [7, null]}));
    // What a terminal would act on is not shown to it.
    let shown = bob.run(&["inbox", "show", sent[0]["id"].as_str().unwrap()]).await;
    assert!(!shown.text().contains('\u{1b}'), "{shown:?}");
}

#[tokio::test]
async fn a_text_from_stdin_is_sent_with_or_without_a_dash() {
    let (alice, bob) = friends().await;
    for args in [&["send", "bob"][..], &["send", "bob", "-"]] {
        assert_eq!(run(alice.command(args), b"piped").await.code, 0);
    }
    assert!(bob.inbox().await.iter().all(|message| message["body"] == "piped"));
}

#[tokio::test]
async fn a_reply_names_what_it_answers() {
    let (alice, bob) = friends().await;
    let question = alice.json(&["send", "bob", "ready?"]).await;
    let id = question["id"].as_str().unwrap();
    // The beginning of an id is enough.
    bob.json(&["reply", &id[..20], "yes"]).await;
    let answer = &alice.inbox().await[0];
    assert_eq!((&answer["body"], &answer["reply_to"]), (&"yes".into(), &question["id"]));
    alice.json(&["send", "bob", "--reply-to", answer["id"].as_str().unwrap(), "good"]).await;
    assert_eq!(bob.inbox().await[1]["reply_to"], answer["id"]);
    bob.fails(&["reply", "0000", "to nothing"], 6, "not_found").await;
}

#[tokio::test]
async fn the_same_id_is_delivered_once() {
    let (alice, bob) = friends().await;
    let send = |text| ["send", "bob", "--id", ID, text];
    assert_eq!(alice.json(&send("once")).await["duplicate"], false);
    assert_eq!(alice.json(&send("once")).await["duplicate"], true);
    alice.fails(&send("another"), 1, "conflict").await;
    assert_eq!(bob.inbox().await.len(), 1);
}

#[tokio::test]
async fn the_inbox_lists_shows_and_forgets() {
    let (alice, bob) = friends().await;
    for text in ["one", "two", "three"] {
        alice.json(&["send", "bob", text]).await;
    }
    let inbox = bob.inbox().await;
    let seq = |at: usize| inbox[at]["seq"].to_string();
    let bodies = async |args: &[&str]| {
        let list = bob.json(&[&["inbox", "list"], args].concat()).await;
        list.as_array().unwrap().iter().map(|m| m["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&["--limit", "2"]).await, ["one", "two"]);
    assert_eq!(bodies(&["--after", &seq(0)]).await, ["two", "three"]);
    assert_eq!(bodies(&["--from", "alice"]).await.len(), 3);
    assert_eq!(bob.json(&["status"]).await["unread"], 3);

    bob.json(&["inbox", "show", &seq(1)]).await;
    assert_eq!(bodies(&["--unread"]).await, ["one", "three"]);
    assert_eq!(bob.json(&["inbox", "clear", "--read"]).await["cleared"], 1);
    assert_eq!(bob.json(&["inbox", "clear", inbox[0]["id"].as_str().unwrap()]).await["cleared"], 1);
    assert_eq!(bodies(&[]).await, ["three"]);
    assert_eq!(bob.json(&["inbox", "clear", "--all"]).await["cleared"], 1);
    bob.fails(&["inbox", "show", &seq(2)], 6, "not_found").await;
}

#[tokio::test]
async fn a_beginning_of_several_ids_is_refused() {
    let (alice, bob) = friends().await;
    for last in ["1", "2"] {
        let id = format!("{}{last}", &ID[..ID.len() - 1]);
        alice.json(&["send", "bob", "--id", &id, "hello"]).await;
    }
    let beginning = &ID[..ID.len() - 1];
    bob.fails(&["inbox", "show", beginning], 1, "conflict").await;
    bob.fails(&["inbox", "clear", beginning], 1, "conflict").await;
    bob.fails(&["reply", beginning, "to whom?"], 1, "conflict").await;
    bob.fails(&["inbox", "show", "no-id"], 2, "bad_request").await;
    assert_eq!(bob.inbox().await.len(), 2);
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_is_not_sent() {
    let (alice, bob) = friends().await;
    let large = vec![b'x'; 1024 * 1024 + 1];
    let refused: [(&[&str], &[u8]); 6] = [
        (&["send", "bob"], b"\xff\xfe"),
        (&["send", "bob", "--type", "json"], b"{\"a\": }"),
        (&["send", "bob", "--type", "json"], b"1 2"),
        (&["send", "bob", "--type", "binary"], &large),
        (&["send", "bob", "--reply-to", "0199", "hello"], b""),
        (&["send", "bob", "--id", "0199f2aa-0000-4000-8000-000000000001", "hello"], b""),
    ];
    for (args, stdin) in refused {
        let ran = run(alice.command(["--json"].iter().chain(args)), stdin).await;
        ran.error(2, "bad_request");
    }
    let largest = run(alice.command(["--json", "send", "bob", "--type", "binary"]), &large[1..]).await;
    assert_eq!(largest.data()["size"], 1024 * 1024);
    assert_eq!(bob.inbox().await.len(), 1);
}
