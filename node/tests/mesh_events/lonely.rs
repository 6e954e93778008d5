//! Who has no network with an authority, or nobody in it, hears so.

use std::time::Duration;

use airway::{
    NetworkOptions, Overrides, Source,
    protocols::events::{Since, Subscribe},
};

use crate::{
    common::{Agent, PATIENCE},
    ears::Ears,
    stage::founder,
};

const NO_NETWORK: &str = "this agent is in no network with an authority, whose members could";

#[tokio::test]
async fn without_a_network_with_an_authority_there_are_no_broadcasts() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), format!("/key/swarm/psk/1.0.0/\n/base16/\n{}\n", "07".repeat(32))).unwrap();
    let swarm = Overrides { swarm_key: Some(key.path().to_owned()), ..Overrides::default() };
    let open = Agent::new("open").await;
    let swarm = Agent::set("swarm", swarm, &["/ip4/127.0.0.1/tcp/0"]).await;
    for agent in [&open, &swarm] {
        let topic = "lab".parse().unwrap();
        let refused = agent.node.broadcast(&topic, Vec::new(), PATIENCE).await.unwrap_err();
        assert!(refused.to_string().starts_with(NO_NETWORK), "{refused}");
        let what = Subscribe { patterns: vec!["**".parse().unwrap()], since: Since::Now };
        let refused = agent.node.subscribe(&Source::Mesh, what, PATIENCE).await.unwrap_err();
        assert!(refused.to_string().starts_with(NO_NETWORK), "{refused}");
    }
}

#[tokio::test]
async fn whoever_is_alone_in_its_network_reaches_nobody() {
    let founder = founder(NetworkOptions::default()).await;
    let ears = Ears::new(&founder.node, &["**"]).await;
    let topic = "lab".parse().unwrap();
    let said = founder.node.broadcast(&topic, b"hello".to_vec(), Duration::from_millis(300)).await;
    assert_eq!(said.unwrap_err().to_string(), "no member of the network was reached");
    assert_eq!(ears.texts().len(), 0);
    let large = founder.node.broadcast(&topic, vec![0; 60 * 1024 + 1], PATIENCE).await.unwrap_err();
    assert!(large.to_string().contains("over the limit"), "{large}");
}
