//! What a stock libp2p client gets from a node that does not trust it: next to nothing, and no more than the golden
//! transcript for the role of the node says. `AIRWAY_WRITE_GOLDEN=1` writes the transcripts anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use airway::{
    Overrides,
    protocols::{data, echo, files, perf, port::Port},
};
use futures::future::join_all;
use libp2p::{identify, identity::Keypair, ping, relay};

use crate::{
    PATIENCE,
    agent::Agent,
    client::{Client, Transport},
    mesh, raw,
};

/// Ids that no constant has: of what is to come, and of libp2p's other behaviours.
const OTHERS: [&str; 18] = [
    "/airway/knock/1.0.0",
    "/airway/join/1.0.0",
    "/airway/admit/1.0.0",
    "/airway/claim/1.0.0",
    "/airway/kad/1.0.0",
    "/airway/meshsub/1.1.0",
    "/ipfs/kad/1.0.0",
    "/meshsub/1.0.0",
    "/meshsub/1.1.0",
    "/meshsub/1.2.0",
    "/meshsub/1.3.0",
    "/floodsub/1.0.0",
    "/rendezvous/1.0.0",
    "/libp2p/fetch/0.0.1",
    "/libp2p/autonat/1.0.0",
    "/libp2p/autonat/2/dial-request",
    "/libp2p/autonat/2/dial-back",
    "/libp2p/dcutr",
];

/// Every protocol id that a node knows in any tier or will, but those of a private network, which have its id in them, and those of libp2p's own behaviours.
pub(crate) fn protocols() -> Vec<String> {
    let ports = ["7", "444", "1000", "1001", "1002", "1003", "5000", "5001"];
    let ports = ports.map(|port| port.parse::<Port>().unwrap().protocol());
    let services = [echo::PROTOCOL, perf::PROTOCOL, data::PROTOCOL, files::PROTOCOL];
    let libp2p = [
        identify::PROTOCOL_NAME,
        identify::PUSH_PROTOCOL_NAME,
        ping::PROTOCOL_NAME,
        relay::HOP_PROTOCOL_NAME,
        relay::STOP_PROTOCOL_NAME,
    ];
    let constants = ports.into_iter().chain(services).chain(libp2p).map(|protocol| protocol.to_string());
    let all: BTreeSet<_> = constants.chain(OTHERS.map(str::to_owned)).collect();
    all.into_iter().collect()
}

/// All that a stranger learns over one transport, a line for each thing tried.
pub(crate) async fn learn(agent: &Agent, transport: Transport) -> Vec<String> {
    let key = Keypair::generate_ed25519();
    if raw::connect(&key, &agent.node, transport).await.is_none() {
        let refused = protocols().into_iter().map(|protocol| format!("{protocol}: no connection"));
        let lines =
            ["peer id, from the handshake: not learnt".into(), "multistream ls: no connection".into()];
        return lines.into_iter().chain(refused).collect();
    }
    let bare = raw::ask(&key, &agent.node, transport).await;
    let mut client = Client::connect(&key, &agent.node, transport).await;
    let peer = if bare.peer == agent.node.me().peer { "learnt" } else { "not learnt" };
    let mut lines =
        vec![format!("peer id, from the handshake: {peer}"), format!("multistream ls: {:?}", bare.listed)];
    for protocol in protocols() {
        lines.push(format!("{protocol}: {}", client.open(&protocol).await));
    }
    lines.push(format!("closed by the agent: {}", client.is_closed(PATIENCE).await));
    let mut seen = client.seen();
    lines.push(format!("identify received: {}, listen addresses: {}", seen.identified, seen.addresses));
    if seen.identified > 0 {
        seen.protocols.sort_unstable();
        lines.push(format!("identified as: {:?}, which speaks {:?}", seen.agent, seen.protocols));
    }
    lines.push(format!("identify asked for by the agent: {}", seen.asked));
    lines.push(format!("pings answered: {}", seen.pongs > 0));
    lines
}

/// What the agent is in while strangers look at it.
#[derive(Clone, Copy)]
enum In {
    Backbone,
    /// In a network that another has founded.
    Network,
    /// In one of its own, into which it invites.
    OwnNetwork,
}

/// Compares what strangers get from a node with the golden transcript of its role, which is the same wherever it is in.
async fn compare(role: &str, settings: Overrides, within: In) {
    let agent = Agent::with(settings).await;
    let _founder = match within {
        In::Backbone => None,
        In::Network => Some(mesh::join(&agent.node).await),
        In::OwnNetwork => {
            mesh::found(&agent.node).await;
            None
        }
    };
    compare_with(role, &agent).await;
}

/// The same for a node that is there.
pub(crate) async fn compare_with(role: &str, agent: &Agent) {
    let learnt = join_all(Transport::ALL.map(|transport| learn(agent, transport))).await;
    let mut transcript = format!("# What a stock libp2p client gets from {role} that does not trust it.\n");
    // The transports agree, or else the line says which of them said what.
    for lines in (0..learnt[0].len()).map(|at| learnt.iter().map(|lines| &lines[at]).collect::<Vec<_>>()) {
        if lines.iter().all(|line| *line == lines[0]) {
            transcript += &format!("{}\n", lines[0]);
        } else {
            let each =
                Transport::ALL.iter().zip(lines).map(|(transport, line)| format!("{transport:?} {line}\n"));
            transcript.extend(each);
        }
    }

    let file = if role == "a private relay" { "private-relay" } else { role.split(' ').next_back().unwrap() };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/stock/stranger/{file}.txt"));
    if std::env::var_os("AIRWAY_WRITE_GOLDEN").is_some() {
        std::fs::write(&golden, &transcript).unwrap();
    }
    assert_eq!(transcript, std::fs::read_to_string(&golden).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_an_agent_what_the_golden_transcript_says() {
    compare("an agent", Overrides::default(), In::Backbone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_a_member_no_more_than_of_an_agent_on_the_backbone() {
    compare("an agent", Overrides::default(), In::Network).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_a_founder_who_invites_no_more_than_of_any_agent() {
    compare("an agent", Overrides::default(), In::OwnNetwork).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_a_member_in_stealth_nothing() {
    let stealth = Overrides { stealth: Some(true), ..Overrides::default() };
    compare("an agent in stealth", stealth, In::OwnNetwork).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_nothing_of_an_agent_in_stealth() {
    let stealth = Overrides { stealth: Some(true), ..Overrides::default() };
    compare("an agent in stealth", stealth, In::Backbone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_a_relay_that_it_is_one() {
    let relay = Overrides { relay_server: Some(true), ..Overrides::default() };
    compare("a relay", relay, In::Backbone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_a_relay_in_a_network_that_it_is_one() {
    let relay = Overrides { relay_server: Some(true), ..Overrides::default() };
    compare("a private relay", relay, In::OwnNetwork).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_client_is_served_once_it_is_trusted() {
    let agent = Agent::new().await;
    for transport in Transport::ALL {
        let key = Keypair::generate_ed25519();
        agent.befriend(&key).await;
        let listed = raw::ask(&key, &agent.node, transport).await.listed;
        assert!(listed.iter().any(|name| name == "/airway/echo/1.0.0"), "{transport:?}: {listed:?}");
        let tried = protocols();
        assert!(listed.iter().all(|name| tried.contains(name)), "not in the transcripts: {listed:?}");
        let mut client = Client::connect(&key, &agent.node, transport).await;
        let served: BTreeMap<_, _> = join_all(
            [
                "/airway/echo/1.0.0",
                "/airway/data/1.0.0",
                "/airway/events/1.0.0",
                "/airway/files/1.0.0",
                "/airway/tasks/1.0.0",
                "/airway/port/5000/1.0.0",
                "/airway/port/5001/1.0.0",
            ]
            .map(|protocol| {
                let mut client = client.clone();
                async move { (protocol, client.open(protocol).await) }
            }),
        )
        .await
        .into_iter()
        .collect();
        for (protocol, outcome) in &served {
            let expected = if protocol.contains("5001") { "not available" } else { "opened" };
            assert_eq!(*outcome, expected, "{transport:?} {protocol}");
        }
        assert_eq!(client.echo(b"hello").await, b"hello", "{transport:?}");
        let all = client.sees(PATIENCE, |seen| seen.identified > 0 && seen.pongs > 0 && seen.asked > 0);
        assert!(all.await, "{:?}", client.seen());
    }
}

/// Strangers that an agent keeps at a time.
const KEPT: usize = 32;

/// Enough that most of them are pushed out.
const CROWD: usize = 100;

/// Trusted peers that connect meanwhile.
const FRIENDS: usize = 10;

/// Strangers who come one after the other; returns how long each was kept.
async fn crowd(agent: &Agent) -> Vec<Duration> {
    let mut visits = Vec::new();
    for _ in 0..CROWD {
        let stranger = Client::connect(&Keypair::generate_ed25519(), &agent.node, Transport::Quic).await;
        let since = Instant::now();
        visits.push(tokio::spawn(async move {
            assert!(stranger.is_closed(PATIENCE).await, "a stranger is kept for good");
            since.elapsed()
        }));
    }
    join_all(visits).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_strangers_pushes_out_its_oldest_and_nobody_trusted() {
    let agent = Agent::new().await;
    // Before they are, they are strangers like the others.
    let keys = [(); FRIENDS].map(|()| Keypair::generate_ed25519());
    for key in &keys {
        agent.befriend(key).await;
    }
    let friends = async {
        for key in keys {
            let mut friend = Client::connect(&key, &agent.node, Transport::Quic).await;
            assert_eq!(friend.echo(b"still here").await, b"still here");
        }
    };
    let (stays, ()) = tokio::join!(crowd(&agent), friends);
    let (pushed_out, stayed) = stays.split_at(CROWD - KEPT);
    // If all were kept for their time, the oldest would stay as long as the newest.
    assert!(pushed_out.iter().max() < stayed.iter().min(), "{stays:?}");
}
