//! Networks: a Rust agent founds one, and two more join it, of which one dials or looks for the other.

use airway_interop_tests::{
    contract::Flags,
    driver::{Language, Peer},
    matrix::Column,
};
use serde_json::{Value, json};

use crate::stage::{Two, ask, check_path, persist, start, state, text, until};

/// A network of three.
pub(super) struct Mesh {
    pub(super) founder: Peer,
    pub(super) two: Two,
    /// Where they are in it.
    pub(super) dialler: String,
    pub(super) listener: String,
}

impl Mesh {
    pub(super) async fn new(column: Column, trust_members: bool) -> Self {
        let (founder, two) =
            tokio::join!(start(Language::Rust, Flags::new("founder", column.transport)), Two::new(column));
        ask(&founder, "network_create", json!({ "name": "lab", "trust_members": trust_members })).await;
        let invite = text(&ask(&founder, "invite", json!({ "reusable": true })).await, "invite");
        let (dialler, listener) =
            tokio::join!(join_by(&two.dialler, &invite), join_by(&two.listener, &invite));
        let mesh = Self { founder, two, dialler, listener };
        mesh.check_path().await;
        mesh
    }

    fn go(&self) -> (&Peer, &str) {
        match self.two.column.dials {
            Language::Go => (&self.two.dialler, &self.dialler),
            _ => (&self.two.listener, &self.listener),
        }
    }

    /// The Go agent is connected to the founder.
    async fn check_path(&self) {
        let who = text(&ask(&self.founder, "card", json!({})).await, "endpoint");
        let (go, _) = self.go();
        // Rust tells of connections to contacts alone.
        if go.language() == Language::Rust {
            return;
        }
        check_path(self.two.column, go, &persist(go, "path", json!({ "who": who })).await);
    }

    /// Has the one look for the other until it finds it.
    async fn find(&self, who: &str) -> Value {
        let found = persist(&self.two.dialler, "find", json!({ "who": who })).await;
        assert_eq!(text(&found, "who"), self.listener, "{found}");
        assert_eq!((&found["name"], &found["layer"]), (&json!("listener"), &json!("network")), "{found}");
        assert_eq!(found["addresses"].as_array().map(Vec::len), Some(1), "{found}");
        found
    }
}

async fn join_by(peer: &Peer, invite: &str) -> String {
    let joined = ask(peer, "join", json!({ "invite": invite })).await;
    assert_eq!(joined["network"], "lab", "{joined}");
    text(&joined, "endpoint")
}

async fn members(peer: &Peer) -> Vec<String> {
    let answer = ask(peer, "members", json!({})).await;
    let all = answer["members"].as_array().unwrap_or_else(|| panic!("no members in {answer}"));
    all.iter().map(|member| text(member, "who")).collect()
}

/// All are members, and two who have never met prove it to each other when one dials the other; in a network that trusts
/// its members they are contacts by that.
pub(crate) async fn join(column: Column) {
    let mesh = Mesh::new(column, true).await;
    let founder = text(&ask(&mesh.founder, "card", json!({})).await, "endpoint");
    for peer in [&mesh.founder, &mesh.two.dialler, &mesh.two.listener] {
        let knows = async || members(peer).await.contains(&founder);
        until("everybody knows the founder", knows).await;
    }
    let mut expected = [&founder, &mesh.dialler, &mesh.listener];
    expected.sort();
    let mut known = members(&mesh.founder).await;
    known.sort();
    assert_eq!(known.iter().collect::<Vec<_>>(), expected);

    let Two { dialler, listener, .. } = &mesh.two;
    persist(dialler, "ping", json!({ "who": "listener" })).await;
    for (peer, other) in [(dialler, &mesh.listener), (listener, &mesh.dialler)] {
        let trusts = async || state(peer, other).await.as_deref() == Some("trusted");
        until("they trust each other", trusts).await;
        ask(peer, "ping", json!({ "who": other })).await;
        if peer.language() == Language::Go {
            check_path(column, peer, &ask(peer, "path", json!({ "who": other })).await);
        }
    }
}

pub(crate) async fn find_by_name(column: Column) {
    let mesh = Mesh::new(column, false).await;
    mesh.find("listener").await;
    mesh.two.dialler.ask("find", json!({ "who": "nobody" })).await.unwrap_err().refusal().unwrap();
}

pub(crate) async fn find_by_address(column: Column) {
    let mesh = Mesh::new(column, false).await;
    let (address, _) = mesh.listener.split_once('#').unwrap();
    mesh.find(address).await;
}

pub(crate) async fn find_by_tag(column: Column) {
    let mesh = Mesh::new(column, false).await;
    ask(&mesh.two.listener, "set", json!({ "tags": ["ocr", "translate"] })).await;
    for tag in ["ocr", "translate"] {
        until("it is found by what it can do", async || {
            let found = ask(&mesh.two.dialler, "find_tag", json!({ "tag": tag })).await;
            let found = found["found"].as_array().unwrap_or_else(|| panic!("nothing found in {found}"));
            found.iter().any(|one| one["who"] == mesh.listener)
        })
        .await;
    }
    let nobody = ask(&mesh.two.dialler, "find_tag", json!({ "tag": "chat" })).await;
    assert_eq!(nobody["found"], json!([]));
}

/// The founder expels the Go agent: it is cut off, and nobody finds it.
pub(crate) async fn expel(column: Column) {
    let mesh = Mesh::new(column, false).await;
    mesh.find("listener").await;
    let (go, who) = mesh.go();
    let founder = text(&ask(&mesh.founder, "card", json!({})).await, "endpoint");
    ask(&mesh.founder, "expel", json!({ "who": who })).await;
    assert!(!members(&mesh.founder).await.iter().any(|member| member == who));
    if go.language() == Language::Go {
        until("it is cut off", async || go.ask("path", json!({ "who": founder })).await.is_err()).await;
    }
    until("it is no member any more", async || {
        go.ask("find", json!({ "who": "founder" })).await.is_err_and(|error| error.refusal().is_some())
    })
    .await;
    let rust = if go.name() == "dialler" { &mesh.two.listener } else { &mesh.two.dialler };
    until("nobody finds it", async || rust.ask("find", json!({ "who": who })).await.is_err()).await;
}
