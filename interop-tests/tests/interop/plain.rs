//! Agents among go-libp2p nodes that know nothing of Airway: under a swarm key in a DHT that stores records of another kind
//! alone, and as strangers.

use std::{fs, path::PathBuf};

use airway::{Found, LookupError, Node, Overrides, protocols::tag::Tag};
use airway_interop_tests::{
    agent::{Agent, QUIC, TCP},
    driver::Plain,
};
use libp2p::pnet::PreSharedKey;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{PATIENCE, until};

/// The DHT of the others is `/acme/kad/1.0.0`.
const PREFIX: &str = "/acme";

/// What they keep in it.
const NAMESPACE: &str = "acme";

/// Servers of that DHT.
const SERVERS: usize = 3;

/// A private network of plain nodes.
struct Network {
    servers: Vec<Plain>,
    key: PathBuf,
    _dir: TempDir,
}

async fn plain(flags: &[&str]) -> Plain {
    Plain::start(&[], flags).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn ask(plain: &Plain, verb: &str, args: Value) -> Value {
    plain.ask(verb, args).await.unwrap_or_else(|error| panic!("{error}"))
}

impl Network {
    async fn new(byte: u8) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("swarm.key");
        fs::write(&key, PreSharedKey::new([byte; 32]).to_key_file()).unwrap();
        let mut network = Self { servers: Vec::new(), key, _dir: dir };
        for _ in 0..SERVERS {
            let server = network.node().await;
            network.servers.push(server);
        }
        network
    }

    /// One more plain node, which knows the first.
    async fn node(&self) -> Plain {
        let bootstrap = self.servers.first().and_then(|server| server.address("/tcp/"));
        let key = self.key.to_str().unwrap();
        let mut flags =
            vec!["--listen", TCP, "--swarm-key", key, "--dht-prefix", PREFIX, "--validator", NAMESPACE];
        flags.extend(bootstrap.iter().flat_map(|address| ["--bootstrap", address]));
        plain(&flags).await
    }

    /// An agent in the network.
    async fn agent(&self, name: &str, dht: &str) -> Agent {
        let bootstrap = self.servers.iter().filter_map(|server| server.address("/tcp/")).collect();
        let settings = Overrides {
            swarm_key: Some(self.key.clone()),
            dht_prefix: Some(PREFIX.into()),
            dht: Some(dht.into()),
            bootstrap: Some(bootstrap),
            ..Overrides::default()
        };
        Agent::start_with(name, &[TCP], settings).await.unwrap()
    }

    /// Who provides a key, as each of the servers finds it.
    async fn providers(&self, key: &str, of: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for server in &self.servers {
            let answer = ask(server, "find", json!({ "key": key, "of": of })).await;
            all.push(answer["providers"].clone());
        }
        all
    }
}

async fn look_up(node: &Node, who: &str) -> Option<Found> {
    match node.look_up(who, PATIENCE).await {
        Ok(found) => Some(found),
        Err(LookupError::NotFound { .. } | LookupError::NoServer) => None,
        Err(error) => panic!("{who}: {error}"),
    }
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// The peers that are found by a tag.
async fn tagged(node: &Node, text: &str) -> Vec<String> {
    let found = node.look_up_tag(&tag(text), PATIENCE).await.unwrap();
    found.iter().map(|found| found.endpoint.to_string()).collect()
}

fn endpoint(agent: &Agent) -> String {
    agent.node.me().endpoint().to_string()
}

/// The number of an agent's node, as the documentation of the key has it.
fn number(agent: &Agent) -> String {
    let address = agent.node.me().endpoint().address.to_string();
    let groups: Vec<_> = address.rsplit('.').take(2).collect();
    format!("{}{}", groups[1], groups[0])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_find_each_other_through_servers_that_keep_no_claims() {
    let network = Network::new(11).await;
    // Clients of the DHT: nobody in it keeps a claim.
    let bob = network.agent("bob", "client").await;
    bob.node.set_profile(None, Some(vec![tag("ocr")])).await.unwrap();
    let alice = network.agent("alice", "client").await;
    until("bob by name", async || look_up(&alice.node, "bob").await.is_some()).await;
    let by_name = look_up(&alice.node, "bob").await.unwrap();
    assert_eq!(by_name.endpoint.to_string(), endpoint(&bob));
    until("bob by tag", async || tagged(&alice.node, "ocr").await == [endpoint(&bob)]).await;
    let address = bob.node.me().endpoint().address.to_string();
    until("bob by address", async || look_up(&alice.node, &address).await.is_some()).await;
    let by_address = look_up(&alice.node, &address).await.unwrap();
    assert_eq!(by_address.endpoint.to_string(), endpoint(&bob));
    assert!(look_up(&alice.node, "carol").await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_go_node_finds_an_agent_by_the_documented_keys() {
    let network = Network::new(12).await;
    let bob = network.agent("bob", "auto").await;
    bob.node.set_profile(None, Some(vec![tag("ocr")])).await.unwrap();
    let peer = json!([bob.node.me().peer.to_string()]);
    for (key, of) in [("name", "bob"), ("tag", "ocr"), ("address", &number(&bob))] {
        until(key, async || network.providers(key, of).await.iter().all(|found| *found == peer)).await;
    }
    assert!(network.providers("name", "carol").await.iter().all(|found| *found == json!([])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_leads_to_agents_alone_and_to_those_alone_who_claim_the_key() {
    let network = Network::new(13).await;
    let (bob, carol) = (network.agent("bob", "client").await, network.agent("carol", "client").await);
    let (alice, liar) = (network.agent("alice", "client").await, network.node().await);
    for (key, of) in [("name", "bob"), ("name", "nobody"), ("tag", "ocr"), ("address", &number(&bob))] {
        ask(&liar, "provide", json!({ "key": key, "of": of })).await;
    }
    let liars = json!([liar.peer()]);
    until("the liar", async || network.providers("name", "nobody").await.iter().all(|found| *found == liars))
        .await;
    until("bob", async || look_up(&alice.node, "bob").await.is_some()).await;
    assert_eq!(look_up(&alice.node, "bob").await.unwrap().endpoint.to_string(), endpoint(&bob));
    assert!(look_up(&alice.node, "nobody").await.is_none());
    assert_eq!(tagged(&alice.node, "ocr").await, [""; 0]);

    // Two who claim one name are told of, and neither is taken.
    carol.node.set_profile(Some("bob".into()), None).await.unwrap();
    let is_ambiguous =
        async || matches!(alice.node.look_up("bob", PATIENCE).await, Err(LookupError::Ambiguous { .. }));
    until("both", is_ambiguous).await;
    // A name that was given up leads nowhere, whatever records remain.
    until("carol's former name", async || look_up(&alice.node, "carol").await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_others_keep_is_kept_and_found_as_before() {
    let network = Network::new(14).await;
    let _agents = [network.agent("bob", "server").await, network.agent("alice", "server").await];
    let [first, .., last] = network.servers.as_slice() else { panic!("too few servers") };
    let name = format!("/{NAMESPACE}/greeting");
    ask(first, "put", json!({ "name": name, "value": "hello" })).await;
    assert_eq!(ask(last, "get", json!({ "name": name })).await["value"], "hello");
    ask(first, "provide", json!({ "key": "tag", "of": "anything" })).await;
    let provider = json!([first.peer()]);
    until("the provider", async || {
        network.providers("tag", "anything").await.iter().all(|found| *found == provider)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dial_back_that_nobody_asked_for_is_refused() {
    let stranger = plain(&["--listen", TCP]).await;
    let agent = Agent::start("agent", &[QUIC, TCP]).await.unwrap();
    for address in agent.node.listening() {
        let peer = format!("{address}/p2p/{}", agent.node.me().peer);
        let dialled = ask(&stranger, "dial_back", json!({ "peer": peer })).await;
        assert_eq!(dialled["opened"], false, "{address}");
        let knocking = json!({ "peer": peer, "protocol": "/airway/knock/1.0.0" });
        assert_eq!(ask(&stranger, "open", knocking).await["opened"], true, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_told_by_a_plain_go_relay_that_it_can_be_reached_and_refuses_dial_backs_after_that() {
    let flags = ["--listen", QUIC, "--listen", TCP, "--relay-server", "--allow-private"];
    let relay = plain(&flags).await;
    for transport in ["/quic-v1/", "/tcp/"] {
        let settings =
            Overrides { relays: Some(vec![relay.address(transport).unwrap()]), ..Overrides::default() };
        let agent = Agent::start_with("agent", &[QUIC, TCP], settings).await.unwrap();
        until("the relay's word", async || agent.node.is_reachable() == Some(true)).await;
        until("a reservation", async || agent.node.relays().iter().all(|(_, reserved)| *reserved)).await;
        let direct = agent.node.listening().into_iter().map(|address| address.to_string());
        for address in direct.filter(|address| !address.contains("p2p-circuit")) {
            let peer = format!("{address}/p2p/{}", agent.node.me().peer);
            let refused = async || ask(&relay, "dial_back", json!({ "peer": peer })).await["opened"] == false;
            until("no probe is under way", refused).await;
        }
    }
}
