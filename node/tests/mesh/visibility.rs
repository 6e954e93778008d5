//! What others find of an agent is what its owner says: in a network and on the backbone.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use airway::{
    InviteOptions, Layer, LookupError, NetworkOptions, Node, Overrides, Uses,
    protocols::{invite::Invite, tag::Tag},
};
use libp2p::{PeerId, multiaddr::Protocol};

use crate::{
    common::{Agent, LISTEN, PATIENCE, until},
    stage::{find, founder, invite, published},
};

/// Enough for all servers to answer.
const A_WHILE: Duration = Duration::from_secs(20);

fn shown(visibility: &str) -> Overrides {
    Overrides { visibility: Some(visibility.into()), ..Overrides::default() }
}

async fn is_missing(by: &Node, who: &str) {
    let found = by.look_up(who, A_WHILE).await;
    assert!(matches!(found, Err(LookupError::NotFound { .. })), "{who}: {found:?}");
}

async fn tagged(by: &Node, tag: &Tag) -> Vec<String> {
    let found = by.look_up_tag(tag, A_WHILE).await.unwrap();
    found.iter().map(|found| found.endpoint.to_string()).collect()
}

async fn joined(name: &str, settings: Overrides, invite: &Invite, tag: &Tag) -> Agent {
    let agent = Agent::set(name, settings, &LISTEN).await;
    agent.node.join(invite, None, PATIENCE).await.unwrap();
    agent.node.set_profile(None, Some(vec![tag.clone()])).await.unwrap();
    agent
}

#[tokio::test]
async fn in_a_network_an_agent_is_found_by_what_it_shows() {
    let founder = founder(NetworkOptions::default()).await;
    let invite = invite(&founder, InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }).await;
    let tag: Tag = "ocr".parse().unwrap();
    let hidden = joined("hidden", shown("hidden"), &invite, &tag).await;
    let listed = joined("listed", shown("listed"), &invite, &tag).await;
    let public = joined("public", Overrides::default(), &invite, &tag).await;
    published(&listed).await;
    published(&public).await;
    let address = |agent: &Agent| agent.node.me().address.to_string();
    for agent in [&listed, &public] {
        assert_eq!(find(&founder.node, &address(agent)).await.agent, agent.node.me().agent);
    }
    assert_eq!(find(&founder.node, "public").await.layer, Layer::Network);
    until("it is found by its tag", async || {
        tagged(&founder.node, &tag).await == [public.node.me().endpoint().to_string()]
    })
    .await;
    // By now all that is published is there.
    is_missing(&founder.node, "listed").await;
    is_missing(&founder.node, "hidden").await;
    is_missing(&founder.node, &address(&hidden)).await;
    assert!(hidden.node.network().await.unwrap().unwrap().published.is_none());
}

#[tokio::test]
async fn on_the_backbone_an_agent_is_found_if_it_wants_to_be() {
    let relay = Overrides { relay_server: Some(true), ..Overrides::default() };
    let relay = Agent::set("hub", relay, &LISTEN).await;
    let bootstrap = Some(vec![relay.node.card().unwrap().to_string()]);
    let beside = |settings: Overrides| Overrides { bootstrap: bootstrap.clone(), ..settings };
    let listed = Agent::set("listed", beside(shown("listed")), &LISTEN).await;
    let public = Agent::set("public", beside(shown("public")), &LISTEN).await;
    let hidden = Agent::set("hidden", beside(Overrides::default()), &LISTEN).await;
    let client = Overrides { dht: Some("client".into()), ..Overrides::default() };
    let client = Agent::set("client", beside(client), &LISTEN).await;

    for agent in [&listed, &public] {
        let found = find(&client.node, &agent.node.me().address.to_string()).await;
        assert_eq!((found.agent, found.trusted), (agent.node.me().agent, false));
    }
    assert_eq!(find(&client.node, "public").await.layer, Layer::Claim);
    for who in ["listed", "hidden", &hidden.node.me().address.to_string()] {
        is_missing(&client.node, who).await;
    }
    is_missing(&client.node, &client.node.me().address.to_string()).await;
    let asked = hidden.node.look_up("public", A_WHILE).await;
    assert!(matches!(asked, Err(LookupError::NoDht { .. })), "{asked:?}");
}

#[tokio::test]
async fn on_the_backbone_who_does_not_want_to_be_found_turns_to_nobody() {
    // Whoever sets out for the network comes by here.
    let gate = UdpSocket::bind("127.0.0.1:0").unwrap();
    gate.set_nonblocking(true).unwrap();
    let address =
        format!("/ip4/127.0.0.1/udp/{}/quic-v1/p2p/{}", gate.local_addr().unwrap().port(), PeerId::random());
    let beside = |settings: Overrides| Overrides { bootstrap: Some(vec![address.clone()]), ..settings };
    let quiet = Agent::set("quiet", beside(Overrides::default()), &LISTEN).await;
    let loud = Agent::set("loud", beside(shown("listed")), &LISTEN).await;
    let heard = std::cell::RefCell::new(Vec::<SocketAddr>::new());
    // The quiet one had as much time, and more.
    until("the loud one comes by twice", async || {
        while let Ok((_, from)) = gate.recv_from(&mut [0; 2048]) {
            heard.borrow_mut().push(from);
        }
        heard.borrow().iter().filter(|from| from.port() == port(&loud)).count() >= 2
    })
    .await;
    let heard = heard.into_inner();
    assert!(heard.iter().all(|from| from.port() != port(&quiet)), "{heard:?}");
}

/// Where an agent sends from over QUIC.
fn port(agent: &Agent) -> u16 {
    let ports = agent.node.listening().into_iter().flat_map(|address| {
        address.into_iter().find_map(|part| if let Protocol::Udp(port) = part { Some(port) } else { None })
    });
    ports.into_iter().next().unwrap()
}
