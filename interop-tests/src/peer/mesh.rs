//! Networks: who is in, and who is found.

use airway::{Found, InviteOptions, Layer, Membership, NetworkOptions, Node, Uses, protocols::tag::Tag};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, WAIT};

/// Whom an invite is for.
#[derive(Debug, Deserialize)]
pub(super) struct Invite {
    /// For as many as come.
    #[serde(default)]
    reusable: bool,
    /// For so many.
    uses: Option<u32>,
}

/// What of us is to change.
#[derive(Debug, Deserialize)]
pub(super) struct Profile {
    name: Option<String>,
    tags: Option<Vec<String>>,
    visibility: Option<String>,
}

pub(super) async fn create(node: &Node, name: &str, trust_members: bool) -> Answer {
    let network = node.create_network(name, NetworkOptions { trust_members, number: None }).await?;
    Ok(json!({ "network": network.name, "endpoint": node.me().endpoint().to_string() }))
}

pub(super) async fn invite(node: &Node, Invite { reusable, uses }: Invite) -> Answer {
    let uses = match (reusable, uses) {
        (true, _) => Uses::Unlimited,
        (false, Some(uses)) => Uses::Times(uses),
        (false, None) => Uses::Once,
    };
    let invite = node.invite(InviteOptions { uses, ..InviteOptions::default() }).await?;
    Ok(json!({ "invite": invite.to_string() }))
}

pub(super) async fn join(node: &Node, invite: &str) -> Answer {
    let network = node.join(&invite.parse()?, None, WAIT).await?;
    Ok(json!({ "network": network.name, "endpoint": node.me().endpoint().to_string() }))
}

/// Those who are members now.
pub(super) async fn members(node: &Node) -> Answer {
    let all = node.members().await?.into_iter();
    let members = all.filter(|member| member.membership == Membership::Member).map(|member| {
        json!({ "who": member.endpoint.to_string(), "name": member.name, "connected": member.connected })
    });
    Ok(json!({ "members": members.collect::<Vec<_>>() }))
}

pub(super) async fn find(node: &Node, who: &str) -> Answer {
    Ok(shown(&node.look_up(who, WAIT).await?))
}

pub(super) async fn find_tag(node: &Node, tag: &str) -> Answer {
    let tag: Tag = tag.parse()?;
    let found = node.look_up_tag(&tag, WAIT).await?;
    Ok(json!({ "found": found.iter().map(shown).collect::<Vec<_>>() }))
}

pub(super) async fn set(node: &Node, Profile { name, tags, visibility }: Profile) -> Answer {
    if visibility.is_some() {
        return Err("visibility is a setting of the start".into());
    }
    let tags =
        tags.map(|tags| tags.iter().map(|tag| tag.parse()).collect::<Result<Vec<Tag>, _>>()).transpose()?;
    let me = node.set_profile(name.as_deref().map(Some), tags).await?;
    Ok(json!({ "endpoint": me.endpoint().to_string() }))
}

fn shown(found: &Found) -> Value {
    let layer = match found.layer {
        Layer::Alias => "alias",
        Layer::Contact => "contact",
        Layer::Network => "network",
        Layer::Claim => "claim",
        Layer::Card => "card",
    };
    let addresses: Vec<_> = found.addresses.iter().map(ToString::to_string).collect();
    json!({ "who": found.endpoint.to_string(), "name": found.name, "layer": layer, "addresses": addresses })
}
