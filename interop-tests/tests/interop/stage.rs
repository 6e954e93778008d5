//! Two peers, one of which dials the other.

use std::{env, time::Duration};

use airway_interop_tests::{
    contract::Flags,
    driver::{Error, Language, Peer},
    matrix::Column,
    wait,
};
use serde_json::{Value, json};

/// However loaded the machine is, what has not happened by then will not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a peer; a Rust one in the place of a Go one if `AIRWAY_PEERS` says so.
pub(crate) async fn start(language: Language, flags: Flags) -> Peer {
    let all_rust = env::var("AIRWAY_PEERS").is_ok_and(|peers| peers == "rust");
    let language = if all_rust { Language::Rust } else { language };
    Peer::start(language, flags).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Has a peer do something that has to work.
pub(crate) async fn ask(peer: &Peer, verb: &str, args: Value) -> Value {
    peer.ask(verb, args).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The text that stands in an answer.
pub(crate) fn text(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap_or_else(|| panic!("no {key} in {answer}")).to_owned()
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, condition: impl AsyncFnMut() -> bool) {
    wait::until(what, PATIENCE, condition).await;
}

/// Has a peer do something, again and again until it works.
pub(crate) async fn persist(peer: &Peer, verb: &str, args: Value) -> Value {
    let mut answer = Value::Null;
    let works = async || match peer.ask(verb, args.clone()).await {
        Ok(given) => {
            answer = given;
            true
        }
        Err(Error::Refused { .. }) => false,
        Err(error) => panic!("{error}"),
    };
    until(verb, works).await;
    answer
}

/// The state in which a peer has another among its contacts; `None` if it has not.
pub(crate) async fn state(peer: &Peer, who: &str) -> Option<String> {
    let answer = ask(peer, "contacts", json!({})).await;
    let all = answer["contacts"].as_array().unwrap_or_else(|| panic!("no contacts in {answer}"));
    all.iter().find(|contact| contact["who"] == who).map(|contact| text(contact, "state"))
}

/// Two peers of which the first dials the second.
#[derive(Debug)]
pub(crate) struct Two {
    pub(crate) column: Column,
    pub(crate) dialler: Peer,
    pub(crate) listener: Peer,
}

impl Two {
    /// Strangers.
    pub(crate) async fn new(column: Column) -> Self {
        let other = if column.dials == Language::Rust { Language::Go } else { Language::Rust };
        let (dialler, listener) = tokio::join!(
            start(column.dials, Flags::new("dialler", column.transport)),
            start(other, Flags::new("listener", column.transport)),
        );
        Self { column, dialler, listener }
    }

    /// Two that trust each other: the one has used a ticket of the other.
    pub(crate) async fn friends(column: Column) -> Self {
        let two = Self::new(column).await;
        two.befriend().await;
        two
    }

    /// Has the one use a ticket of the other.
    pub(crate) async fn befriend(&self) {
        let ticket = text(&ask(&self.listener, "ticket", json!({})).await, "ticket");
        let paired = ask(&self.dialler, "pair", json!({ "ticket": ticket })).await;
        assert_eq!(text(&paired, "who"), self.listener.ready().endpoint);
        self.trust_each_other().await;
    }

    /// Waits until each has the other among its contacts.
    pub(crate) async fn trust_each_other(&self) {
        for (peer, other) in self.both_ways() {
            let trusts = async || state(peer, &other.ready().endpoint).await.as_deref() == Some("trusted");
            until("they trust each other", trusts).await;
        }
    }

    /// Each with the other: first as they are connected, then the other way round.
    pub(crate) fn both_ways(&self) -> [(&Peer, &Peer); 2] {
        [(&self.dialler, &self.listener), (&self.listener, &self.dialler)]
    }

    /// Sees that they are connected as the column has it, and by who was to dial.
    pub(crate) async fn check_path(&self) {
        let (go, rust) = match self.column.dials {
            Language::Go => (&self.dialler, &self.listener),
            _ => (&self.listener, &self.dialler),
        };
        let path = ask(go, "path", json!({ "who": rust.ready().endpoint })).await;
        self.check(go, &path);
        let dialled = self.column.dials == Language::Go;
        assert_eq!(path["dialled"], dialled, "the wrong one has dialled: {path}");
    }

    fn check(&self, peer: &Peer, path: &Value) {
        check_path(self.column, peer, path);
    }
}

/// Sees that a connection is as the column has it.
pub(crate) fn check_path(column: Column, peer: &Peer, path: &Value) {
    assert_eq!(path["transport"], column.transport.transport(), "{path}");
    // Rust cannot tell what secures TCP.
    if peer.language() == Language::Go {
        assert_eq!(path["security"], column.transport.security(), "{path}");
    }
}
