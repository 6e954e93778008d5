//! A peer that is no agent comes to be trusted as agents do: by a ticket, over a swarm that lives for no longer.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "helpers of tests, of several packages")]

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use airway::protocols::{
    address::Address,
    agent::AgentId,
    card::Card,
    knock::{self, Knock},
    streams::{Behaviour, Limits, OpenToAll},
    ticket::Ticket,
    trust::{self, Answer, Draft, Kind, Scopes, Statement},
};
use futures::StreamExt as _;
use libp2p::{
    SwarmBuilder,
    identity::Keypair,
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use tokio::{sync::Notify, task::JoinSet, time::timeout};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any introduction.
const IDLE: Duration = Duration::from_secs(60);

/// How soon it is looked whether the connection is still there.
const REDIAL: Duration = Duration::from_millis(20);

/// Statements of the agent that may wait to be heard.
const STATEMENTS: usize = 4;

/// Uses a ticket as the holder of this key, and returns once the agent trusts it and knows that this was heard.
pub(crate) async fn introduce(key: &Keypair, ticket: &Ticket) {
    let card = ticket.card();
    let mut swarm = SwarmBuilder::with_existing_identity(key.clone())
        .with_tokio()
        .with_quic()
        .with_behaviour(|_| Behaviour::new(Limits::default(), OpenToAll))
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build();
    let control = swarm.behaviour().control();
    let mut statements = control.listen(trust::PROTOCOL, STATEMENTS).unwrap();
    let (peer, addresses) = (card.peer_id(), card.addresses().to_vec());
    // Ends with the introduction, and the connection with it.
    let mut driving = JoinSet::new();
    let connected = Arc::new(Notify::new());
    let connects = connected.clone();
    driving.spawn(async move {
        loop {
            // Refused if it is connected. A crowd of strangers may push it out at any time.
            let _ = swarm.dial(DialOpts::peer_id(peer).addresses(addresses.clone()).build());
            if let Ok(SwarmEvent::ConnectionEstablished { .. }) =
                timeout(REDIAL, swarm.select_next_some()).await
            {
                connects.notify_one();
            }
        }
    });

    let request = Statement::sign(key, &card.agent_id(), request(key)).unwrap();
    let knock = Knock { statement: request.as_bytes().to_vec(), ticket: Some(ticket.prove(&request.id())) };
    let introduced = async {
        let knock = async || {
            connected.notified().await;
            let mut stream = control.open(peer, knock::PROTOCOL).await.ok()?;
            knock::knock(&mut stream, &knock).await.ok()
        };
        while knock().await.is_none() {}
        loop {
            let mut stream = statements.next().await.unwrap();
            // It is said again if the connection has gone.
            let Ok(heard) = trust::hear(&mut stream).await else { continue };
            if trust::answer(&mut stream, Answer::Taken).await.is_err() {
                continue;
            }
            if Statement::from_bytes(&heard).unwrap().kind() == Kind::Accept {
                return;
            }
        }
    };
    timeout(PATIENCE, introduced).await.unwrap();
}

/// A request for everything.
fn request(key: &Keypair) -> Draft {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Draft {
        kind: Kind::Request,
        generation: 1,
        at: u64::try_from(now.as_millis()).unwrap(),
        text: None,
        answers: None,
        scopes: Some(Scopes::everything()),
        card: Some(card(key)),
    }
}

/// A card without addresses: its holder comes by itself.
fn card(key: &Keypair) -> Card {
    let agent = AgentId::of_peer(&key.public().to_peer_id()).unwrap();
    let (_, nonce) = Address::derive(0, &agent, 0).unwrap();
    Card::sign(key, 0, nonce, None, &[]).unwrap()
}
