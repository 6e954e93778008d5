//! Agents in a network.

use airway::{Found, InviteOptions, LookupError, NetworkOptions, Node, Overrides, protocols::invite::Invite};

use crate::common::{Agent, LISTEN, PATIENCE, until};

/// An agent that has founded a network and serves its DHT.
pub(crate) async fn founder(options: NetworkOptions) -> Agent {
    let settings = Overrides { dht: Some("server".into()), ..Overrides::default() };
    let founder = Agent::set("founder", settings, &LISTEN).await;
    founder.node.create_network("lab", options).await.unwrap();
    founder
}

/// An invite of an agent.
pub(crate) async fn invite(agent: &Agent, options: InviteOptions) -> Invite {
    agent.node.invite(options).await.unwrap()
}

/// An agent that has joined by an invite.
pub(crate) async fn member(name: &str, invite: &Invite) -> Agent {
    let agent = Agent::new(name).await;
    agent.node.join(invite, None, PATIENCE).await.unwrap();
    agent
}

/// Waits until others can find an agent.
pub(crate) async fn published(agent: &Agent) {
    let is_found = || async {
        let network = agent.node.network().await.unwrap().unwrap();
        network.published.is_some_and(|published| published.stored > 0)
    };
    until("others can find the agent", is_found).await;
}

/// The agent of this name or address, once it is found.
pub(crate) async fn find(node: &Node, who: &str) -> Found {
    let found = std::cell::RefCell::new(None);
    let look = || async {
        match node.look_up(who, PATIENCE).await {
            Ok(one) => found.replace(Some(one)).is_none(),
            Err(LookupError::NotFound { .. } | LookupError::NoServer) => false,
            Err(error) => panic!("{who}: {error}"),
        }
    };
    until("it is found", look).await;
    found.take().unwrap()
}
