//! Agents in a private network: one founds it, two join and find each other, one of them is expelled.

use super::{Agent, WAIT, failed, until};
use crate::{
    Found, InviteOptions, Layer, LookupError, Network, NetworkOptions, Node, Outgoing, Uses,
    api::Error,
    protocols::{certificate::Invalid, tag::Tag},
};

/// What the network is called.
const NAME: &str = "lab";

/// What frank can do.
const SKILL: &str = "ocr";

/// What erin asks him.
const WORDS: &str = "what is on this picture?";

/// Starts an agent that founds a network whose members trust each other.
pub(super) async fn found(agent: &Agent) -> Result<(Node, Network), Error> {
    let node = agent.start().await?;
    let options = NetworkOptions { trust_members: true, number: None };
    let network = node.create_network(NAME, options).await?;
    Ok((node, network))
}

/// Two agents that have joined by one invite.
pub(super) struct Joined {
    pub(super) nodes: (Node, Node),
    /// Characters of the invite.
    pub(super) invite: usize,
}

/// Starts two agents that join by the same invite; the second can do something.
pub(super) async fn join(founder: &Node, one: &Agent, other: &Agent) -> Result<Joined, Error> {
    let options = InviteOptions { uses: Uses::Times(2), ..InviteOptions::default() };
    let invite = founder.invite(options).await?;
    let enter = async |agent: &Agent| {
        let node = agent.start().await?;
        node.join(&invite, None, WAIT).await?;
        Ok::<_, Error>(node)
    };
    let nodes = tokio::try_join!(enter(one), enter(other))?;
    nodes.1.set_profile(None, Some(vec![skill()?])).await?;
    Ok(Joined { nodes, invite: invite.to_string().len() })
}

/// Looks for an agent by its name until it is found. It is an error if anybody but the authority vouches for the name.
pub(super) async fn by_name(node: &Node, name: &str) -> Result<Found, Error> {
    let found = until("claim", async || match node.look_up(name, WAIT).await {
        Ok(found) => Ok(Some(found)),
        Err(LookupError::NotFound { .. } | LookupError::NoServer) => Ok(None),
        Err(error) => Err(error.into()),
    });
    let found = found.await?;
    match found.layer {
        Layer::Network => Ok(found),
        other => Err(failed(format!("{name} is known by {other:?}, not by the network"))),
    }
}

/// Looks for those who can do it until one is found.
pub(super) async fn by_tag(node: &Node) -> Result<Found, Error> {
    until("claim", async || Ok(able(node).await?.pop())).await
}

/// Sends a message to a member that is known by name alone. It is an error if it is not delivered.
pub(super) async fn send(node: &Node, name: &str) -> Result<(), Error> {
    let member = node.meet(name, WAIT).await?;
    if node.send(&member, Outgoing::text(WORDS).now()).await?.is_delivered() {
        Ok(())
    } else {
        Err(failed("the message was not delivered"))
    }
}

/// The founder expels a member; returns when another one has heard, and the one whom it concerns. It is an error if that
/// one is found all the same.
pub(super) async fn expel(founder: &Node, other: &Node, name: &str, expelled: &Node) -> Result<(), Error> {
    founder.expel(name).await?;
    let has_heard = async || {
        let list = other.network().await?.filter(|network| network.revocations > 0);
        let standing = expelled.network().await?.map(|network| network.standing);
        Ok(list.filter(|_| standing == Some(Err(Invalid::Expelled))))
    };
    until("list of those expelled", has_heard).await?;
    if able(other).await?.is_empty() {
        Ok(())
    } else {
        Err(failed(format!("{name} was expelled, and is found")))
    }
}

/// Those who say that they can do it.
async fn able(node: &Node) -> Result<Vec<Found>, Error> {
    match node.look_up_tag(&skill()?, WAIT).await {
        Err(LookupError::NoServer) => Ok(Vec::new()),
        found => Ok(found?),
    }
}

fn skill() -> Result<Tag, Error> {
    SKILL.parse().map_err(|_| failed("not a tag"))
}
