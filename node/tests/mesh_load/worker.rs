//! A process of agents: it does what comes in by standard input, all at once, and ends with it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::HashMap,
    io::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use airway::{InviteOptions, Membership, NetworkOptions, Node, Overrides, Uses, protocols::network::Roles};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::wire::{Answer, Me, Member, Network, Order, Reply, Request, Settings};

/// How long one lookup may take.
const LOOKUP: Duration = Duration::from_secs(30);

/// How long it may take to join: whoever issues certificates lets in a few at a time.
const JOINING: Duration = Duration::from_secs(100);

/// Set for a process that is to be a worker.
pub(crate) const WORKER: &str = "AIRWAY_TEST_WORKER";

type Nodes = Arc<Mutex<HashMap<usize, Node>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_agents() {
    // The other tests start this program anew for it; among them it has nothing to do.
    if std::env::var_os(WORKER).is_none() {
        return;
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("AIRWAY_TEST_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let nodes = Nodes::default();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let Request { id, agent, order } = serde_json::from_str(&line).unwrap();
        let nodes = nodes.clone();
        tokio::spawn(async move {
            let start = Instant::now();
            let reply = obey(&nodes, agent, order).await;
            let answer = Answer { id, took: start.elapsed().as_secs_f64() * 1000.0, reply };
            let line = serde_json::to_string(&answer).unwrap() + "\n";
            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        });
    }
}

async fn obey(nodes: &Nodes, agent: usize, order: Order) -> Result<Reply, String> {
    if let Order::Start(settings) = order {
        let node = start(settings).await.map_err(|error| error.to_string())?;
        let me = me(&node);
        nodes.lock().unwrap().insert(agent, node);
        return Ok(Reply::Me(me));
    }
    let node = nodes.lock().unwrap().get(&agent).cloned().ok_or("there is no such node")?;
    let text = |error: &dyn std::error::Error| error.to_string();
    match order {
        Order::Stop => {
            node.shut_down().await;
            nodes.lock().unwrap().remove(&agent);
        }
        Order::Found => {
            node.create_network("lab", NetworkOptions::default()).await.map_err(|error| text(&error))?;
            return Ok(Reply::Me(me(&node)));
        }
        Order::Invite { inviter } => {
            let options = InviteOptions {
                uses: Uses::Unlimited,
                roles: Roles { inviter, relay: false },
                ..InviteOptions::default()
            };
            let invite = node.invite(options).await.map_err(|error| text(&error))?;
            return Ok(Reply::Invite(invite.to_string()));
        }
        Order::Join { invite } => {
            node.join(&invite.parse().unwrap(), None, JOINING).await.map_err(|error| text(&error))?;
            return Ok(Reply::Me(me(&node)));
        }
        Order::LookUp { who } => {
            let found = node.look_up(&who, LOOKUP).await.map_err(|error| text(&error))?;
            return Ok(Reply::Found { agent: found.agent.to_string(), requests: found.requests });
        }
        Order::Expel { who } => drop(node.expel(&who).await.map_err(|error| text(&error))?),
        Order::Network => return network(&node).await,
        Order::Members => return members(&node).await,
        Order::Start(_) => {}
    }
    Ok(Reply::Done)
}

async fn start(settings: Settings) -> Result<Node, airway::StartError> {
    let flags = Overrides {
        name: Some(settings.name),
        listen: Some(vec![settings.listen]),
        dht: Some(settings.dht),
        relay_server: Some(settings.relay_server),
        ..Overrides::default()
    };
    Node::start(settings.home, flags).await
}

fn me(node: &Node) -> Me {
    let me = node.me();
    Me { agent: me.agent.to_string(), address: me.address.to_string() }
}

async fn network(node: &Node) -> Result<Reply, String> {
    let network = node.network().await.map_err(|error| error.to_string())?.ok_or("it is in no network")?;
    Ok(Reply::Network(Network {
        stored: network.published.map_or(0, |published| published.stored),
        servers: network.servers,
        revocations: network.revocations,
        over: network.standing.err().map(|why| why.to_string()),
    }))
}

async fn members(node: &Node) -> Result<Reply, String> {
    let members = node.members().await.map_err(|error| error.to_string())?;
    let members = members.into_iter().map(|member| Member {
        agent: member.agent.to_string(),
        connected: member.connected,
        stands: member.membership == Membership::Member,
    });
    Ok(Reply::Members(members.collect()))
}
