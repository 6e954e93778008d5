//! Events: published, subscribed to, and cut.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout},
    time::timeout,
};

use crate::process::{Daemon, PATIENCE, friends, run, until};

/// A subscription that is live, with what it prints at hand.
struct Subscription {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    _talk: Lines<BufReader<ChildStderr>>,
}

impl Subscription {
    async fn to(daemon: &Daemon, args: &[&str]) -> Self {
        let mut command = daemon.command([&["--json", "subscribe"], args].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut talk = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let told = timeout(PATIENCE, talk.next_line()).await.expect("word in time").expect("text");
        let told = told.unwrap_or_else(|| panic!("it did not subscribe: {args:?}"));
        assert!(told.contains("subscribed"), "{told}");
        Self { child, lines, _talk: talk }
    }

    /// The next object, or `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time").expect("text");
        line.map(|line| serde_json::from_str(&line).expect("an object"))
    }

    /// The next event: topic and body.
    async fn event(&mut self) -> (String, Value) {
        let mut event = self.next().await.expect("an event");
        let topic = event["topic"].as_str().unwrap_or_else(|| panic!("no event: {event}")).to_owned();
        (topic, event["body"].take())
    }

    /// Waits until it has ended by itself; returns its number.
    async fn ended(mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("a process").code()
    }
}

#[tokio::test]
async fn a_contact_gets_the_events_that_match_in_the_order_of_publishing() {
    let (alice, bob) = friends().await;
    let mut builds = Subscription::to(&bob, &["builds/**", "a/*/c", "--from", "alice", "--count", "3"]).await;
    let topics = ["builds/main", "other", "builds", "a/b/c", "a/b/x/c", "builds/x/y"];
    for (number, topic) in topics.iter().enumerate() {
        let published = alice.json(&["publish", topic, &number.to_string()]).await;
        assert_eq!((&published["topic"], &published["size"]), (&json!(topic), &json!(1)), "{published}");
    }
    let first = builds.next().await.unwrap();
    assert_eq!(
        (&first["topic"], &first["body"], &first["name"]),
        (&json!("builds/main"), &json!("0"), &json!("alice"))
    );
    assert_eq!((first["publisher"].as_str(), &first["type"]), (Some(alice.address()), &json!("text")));
    assert_eq!(builds.event().await, ("a/b/c".into(), json!("3")));
    assert_eq!(builds.event().await, ("builds/x/y".into(), json!("5")));
    assert_eq!(builds.next().await, None);
    assert_eq!(builds.ended().await, Some(0));
}

#[tokio::test]
async fn what_is_kept_is_replayed_from_where_it_is_asked_for() {
    let (alice, bob) = friends().await;
    let mut positions = Vec::new();
    for number in 0..4 {
        let published = alice.json(&["publish", "log/a", &format!("[{number}]")]).await;
        positions.push(published["position"].as_str().unwrap().to_owned());
    }
    for (since, rest) in [("start", 0), ("10m", 0), (positions[1].as_str(), 2)] {
        let args = ["log/*", "--from", "alice", "--since", since, "--count", &(4 - rest).to_string()];
        let mut replayed = Subscription::to(&bob, &args).await;
        for (number, position) in positions.iter().enumerate().skip(rest) {
            let event = replayed.next().await.unwrap();
            assert_eq!((&event["body"], &event["position"]), (&json!([number]), &json!(position)), "{since}");
        }
        assert_eq!(replayed.ended().await, Some(0));
    }
    let topic = &alice.json(&["topics"]).await[0];
    assert_eq!(
        (&topic["topic"], &topic["events"], &topic["newest"]),
        (&json!("log/a"), &json!(4), &json!(positions[3]))
    );
    assert!(alice.run(&["topics"]).await.text().contains("log/a"));
    assert!(alice.json(&["topics", "--mesh"]).await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_restarted_broker_tells_that_what_it_had_is_gone() {
    let alice = Daemon::new("alice").await;
    let before = alice.json(&["publish", "a", "before"]).await["position"].as_str().unwrap().to_owned();
    let alice = alice.restart().await;
    let after = alice.json(&["publish", "a", "after"]).await;
    let mut subscription = Subscription::to(&alice, &["a", "--since", &before, "--count", "1"]).await;
    let gap = &subscription.next().await.unwrap()["gap"];
    assert_eq!((&gap["after"], &gap["reason"]), (&json!(before), &json!("restarted")), "{gap}");
    let event = subscription.next().await.unwrap();
    assert_eq!((&event["body"], &event["position"]), (&json!("after"), &after["position"]));
    assert_eq!(subscription.ended().await, Some(0), "a gap does not count");
}

#[tokio::test]
async fn an_event_is_published_at_the_broker_of_a_contact_under_the_name_of_its_publisher() {
    let (alice, bob) = friends().await;
    let mut own = Subscription::to(&alice, &["*", "--from", "me"]).await;
    let payload = [0, 255, 10];
    let published =
        run(bob.command(["--json", "publish", "raw", "--to", "alice", "-"]), &payload).await.data();
    assert_eq!((published["to"].as_str(), &published["size"]), (Some(alice.address()), &json!(3)));
    let event = own.next().await.unwrap();
    assert_eq!(
        (&event["name"], &event["type"], &event["body"]),
        (&json!("bob"), &json!("binary"), &json!("AP8K"))
    );
    assert_eq!(
        (event["publisher"].as_str(), &event["position"]),
        (Some(bob.address()), &published["position"])
    );
    let text = bob.run(&["publish", "plain", "words", "--to", "alice"]).await.text();
    assert!(text.starts_with("published plain ") && text.contains("(5 B)"), "{text}");
}

#[tokio::test]
async fn a_contact_publishes_and_subscribes_within_its_scopes() {
    let (alice, bob) = friends().await;
    alice.json(&["scope", "bob", "--publish", "in/*", "--subscribe", "out/**"]).await;
    bob.json(&["publish", "in/a", "let through", "--to", "alice"]).await;
    bob.fails(&["publish", "out/a", "not let through", "--to", "alice"], 5, "not_trusted").await;
    let mut all = Subscription::to(&bob, &["**", "--from", "alice", "--since", "start"]).await;
    alice.json(&["publish", "secret", "7"]).await;
    alice.json(&["publish", "out/a/b", "shown"]).await;
    assert_eq!(all.event().await, ("out/a/b".into(), json!("shown")));

    alice.json(&["scope", "bob", "--publish", "in/*"]).await;
    let error = all.next().await.unwrap();
    assert_eq!((&error["status"], &error["code"]), (&json!("error"), &json!("not_trusted")), "{error}");
    assert_eq!(all.ended().await, Some(5));
    bob.fails(&["subscribe", "out/**", "--from", "alice"], 5, "not_trusted").await;
}

#[tokio::test]
async fn the_end_of_trust_ends_a_subscription() {
    let (alice, bob) = friends().await;
    let mut events = Subscription::to(&bob, &["**", "--from", "alice"]).await;
    alice.json(&["publish", "a", "heard"]).await;
    assert_eq!(events.event().await, ("a".into(), json!("heard")));
    alice.json(&["untrust", "bob"]).await;
    alice.json(&["publish", "a", "not heard"]).await;
    let error = events.next().await.unwrap();
    assert_eq!((&error["status"], &error["code"]), (&json!("error"), &json!("not_trusted")), "{error}");
    assert!(error["hint"].is_string(), "{error}");
    assert_eq!(events.ended().await, Some(5));
}

#[tokio::test]
async fn what_happens_in_an_agent_is_told_to_its_owner_as_events_and_to_nobody_else() {
    let (alice, bob) = friends().await;
    let mut news = Subscription::to(&alice, &["message/*", "file/*", "trust/*", "network/*", "--node"]).await;
    bob.json(&["send", "alice", "hello"]).await;
    let (topic, body) = news.event().await;
    assert_eq!(
        (topic.as_str(), &body["name"], &body["size"]),
        ("message/received", &json!("bob"), &json!(5))
    );
    assert_eq!((body["from"].as_str(), &body["seq"]), (Some(bob.address()), &json!(1)));
    let file = bob.home.join("config.toml");
    std::fs::write(&file, "# a file").expect("a file");
    bob.json(&["send-file", "alice", file.to_str().expect("text")]).await;
    let (topic, body) = news.event().await;
    assert_eq!((topic.as_str(), &body["body"]["name"]), ("file/received", &json!("config.toml")));
    assert_eq!(std::fs::read(body["body"]["path"].as_str().expect("a path")).expect("a file"), b"# a file");
    let mut others = Subscription::to(&bob, &["**", "--from", "alice", "--since", "start"]).await;
    alice.json(&["publish", "for/bob", "7"]).await;
    assert_eq!(others.event().await.0, "for/bob", "all that there is for him");

    alice.json(&["network", "create", "lab"]).await;
    let (topic, body) = news.event().await;
    assert_eq!((topic.as_str(), &body["name"]), ("network/joined", &json!("lab")));
    alice.json(&["network", "leave", "--abandon"]).await;
    assert_eq!(news.event().await.0, "network/left");
    alice.json(&["untrust", "bob", "-m", "done"]).await;
    let (topic, body) = news.event().await;
    assert_eq!(
        (topic.as_str(), &body["text"], &body["by_us"]),
        ("trust/revoked", &json!("done"), &json!(true))
    );

    let kept = alice.json(&["topics", "--node"]).await;
    let kept: Vec<_> =
        kept.as_array().unwrap().iter().map(|topic| topic["topic"].as_str().unwrap()).collect();
    for topic in ["trust/trusted", "path/direct", "message/received", "file/received"] {
        assert!(kept.contains(&topic), "{topic}: {kept:?}");
    }
    let mut paths = Subscription::to(&alice, &["path/*", "--node", "--since", "start"]).await;
    assert_eq!(paths.event().await.0, "path/direct");
    loop {
        // The way may have closed and opened again, when the two came to trust each other.
        if paths.event().await.0 == "path/closed" {
            break;
        }
    }
}

#[tokio::test]
async fn followers_of_events_end_with_the_daemon_and_with_their_time() {
    let alice = Daemon::new("alice").await;
    alice.fails(&["subscribe", "a", "--timeout", "200ms"], 4, "timeout").await;
    let mut events = Subscription::to(&alice, &["*"]).await;
    assert_eq!(alice.run(&["down"]).await.code, 0);
    let error = events.next().await.unwrap();
    assert_eq!((&error["status"], &error["code"]), (&json!("error"), &json!("not_running")));
    assert_eq!(events.ended().await, Some(3));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_to_do() {
    let alice = Daemon::new("alice").await;
    let long = "x".repeat(129);
    let mistakes: [&[&str]; 12] = [
        &["publish", "a/*", "x"],
        &["publish", "a//b", "x"],
        &["publish", "", "x"],
        &["publish", &long, "x"],
        &["publish", "a", "x", "--to", "bob", "--mesh"],
        &["subscribe"],
        &["subscribe", "a/b*"],
        &["subscribe", "a/**/b"],
        &["subscribe", "a", "--since", "yesterday"],
        &["subscribe", "a", "--mesh", "--node"],
        &["subscribe", "a", "--from", "bob", "--mesh"],
        &["topics", "--mesh", "--node"],
    ];
    for mistake in mistakes {
        alice.fails(mistake, 2, "bad_request").await;
    }
    let patterns: Vec<_> = (0..33).map(|number| format!("a/{number}")).collect();
    let many: Vec<_> = ["subscribe"].into_iter().chain(patterns.iter().map(String::as_str)).collect();
    alice.fails(&many, 2, "bad_request").await;
    let large = "x".repeat(60 * 1024 + 1);
    run(alice.command(["--json", "publish", "a"]), large.as_bytes()).await.error(2, "bad_request");
    assert_eq!(run(alice.command(["publish", "a"]), &large.as_bytes()[1..]).await.code, 0);
    alice.fails(&["publish", "a", "x", "--to", "bob"], 6, "not_found").await;
    alice.fails(&["subscribe", "a", "--from", "bob"], 6, "not_found").await;
    // On the backbone there is nobody to publish to.
    alice.fails(&["publish", "a", "x", "--mesh"], 1, "conflict").await;
    alice.fails(&["subscribe", "a", "--mesh"], 1, "conflict").await;
}

#[tokio::test]
async fn members_hear_what_is_published_to_the_network() {
    let (alice, bob) = tokio::join!(Daemon::new("alice"), Daemon::new("bob"));
    alice.json(&["network", "create", "lab"]).await;
    let invite = alice.json(&["invite"]).await["invite"].as_str().unwrap().to_owned();
    bob.json(&["join", &invite]).await;
    let mut mesh = Subscription::to(&bob, &["team/**", "--mesh"]).await;
    let published =
        alice.json(&["publish", "team/lunch", "in ten minutes", "--mesh", "--timeout", "50s"]).await;
    assert!(published["peers"].as_u64().unwrap() >= 1, "{published}");
    let event = mesh.next().await.unwrap();
    assert_eq!((&event["topic"], &event["body"]), (&json!("team/lunch"), &json!("in ten minutes")));
    let address = alice.json(&["me"]).await["address"].clone();
    assert_eq!(event["publisher"], address);
    // Its publisher has it, too, to show again.
    let mut own = Subscription::to(&alice, &["*", "**", "--mesh", "--since", "start"]).await;
    assert_eq!(own.event().await.0, "team/lunch");
    until("it shows", async || bob.json(&["status"]).await["mesh"]["joined"] == true).await;
}
