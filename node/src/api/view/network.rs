//! How networks, members and invites look to a caller.

use super::{texts, time};
use crate::{
    Node,
    api::{
        self, Dht, Home, InviteItem, InviteState, Member, Membership, Network, Published, Role, Visibility,
    },
    clock, config,
    mesh::{self, Uses},
    protocols::{certificate::Invalid, invite::Invite, network::Roles},
};

impl Home {
    pub(in crate::api) async fn of(node: &Node) -> Result<Self, api::Error> {
        Ok(Self {
            network: node.network().await?.map(|network| Network::of(node, network)),
            visibility: node.visibility().into(),
            dht: Dht::of(node),
        })
    }
}

impl From<config::Visibility> for Visibility {
    fn from(visibility: config::Visibility) -> Self {
        match visibility {
            config::Visibility::Hidden => Self::Hidden,
            config::Visibility::Listed => Self::Listed,
            config::Visibility::Public => Self::Public,
        }
    }
}

impl Dht {
    pub(super) fn of(node: &Node) -> Self {
        match (node.takes_part(), node.serves()) {
            (false, _) => Self::Off,
            (true, false) => Self::Client,
            (true, true) => Self::Server,
        }
    }
}

impl Network {
    pub(in crate::api) fn of(node: &Node, network: mesh::Network) -> Self {
        Self {
            id: network.id.to_string(),
            name: network.name,
            number: network.number,
            trust_members: network.trust_members,
            created: time(network.created),
            address: node.me().endpoint().to_string(),
            member_name: network.member_name,
            roles: Role::of(network.roles),
            authority: network.authority,
            membership: network.standing.map_or_else(Membership::from, |()| Membership::Member),
            expires: time(network.expires),
            ephemeral: network.ephemeral,
            revocations: network.revocations,
            members_met: network.members_met,
            servers: network.servers,
            published: network
                .published
                .map(|published| Published { issued: time(published.issued), stored: published.stored }),
        }
    }
}

impl From<Invalid> for Membership {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::NotYet => Self::NotYet,
            Invalid::Expired => Self::Expired,
            Invalid::Expelled => Self::Expelled,
        }
    }
}

impl From<mesh::Membership> for Membership {
    fn from(membership: mesh::Membership) -> Self {
        match membership {
            mesh::Membership::Member => Self::Member,
            mesh::Membership::Expired => Self::Expired,
            mesh::Membership::Left => Self::Left,
            mesh::Membership::Expelled => Self::Expelled,
        }
    }
}

impl Role {
    /// Those that are set.
    fn of(roles: Roles) -> Vec<Self> {
        let set = [(roles.relay, Self::Relay), (roles.inviter, Self::Inviter)];
        set.into_iter().filter_map(|(is_set, role)| is_set.then_some(role)).collect()
    }

    /// The reverse.
    pub(in crate::api) fn roles(all: &[Self]) -> Roles {
        Roles { relay: all.contains(&Self::Relay), inviter: all.contains(&Self::Inviter) }
    }
}

impl Member {
    pub(in crate::api) fn of(node: &Node, member: mesh::MemberState) -> Self {
        Self {
            own: member.agent == node.me().agent,
            address: member.endpoint.to_string(),
            agent_id: member.agent.to_string(),
            name: member.name,
            roles: Role::of(member.roles),
            membership: member.membership.into(),
            expires: time(member.expires),
            seen: member.seen.map(time),
            connected: member.connected,
            serves: member.serves,
        }
    }
}

impl api::Invite {
    pub(in crate::api) fn of(invite: &Invite, uses: Uses) -> Self {
        Self {
            invite: invite.to_string(),
            id: invite.id().to_string(),
            network: invite.genesis().name().to_string(),
            expires: time(invite.expires()),
            roles: Role::of(invite.roles()),
            uses: match uses {
                Uses::Once => Some(1),
                Uses::Times(times) => Some(times),
                Uses::Unlimited => None,
            },
            ephemeral: invite.ephemeral(),
        }
    }
}

impl From<mesh::InviteState> for InviteItem {
    fn from(invite: mesh::InviteState) -> Self {
        let state = if invite.withdrawn {
            InviteState::Withdrawn
        } else if invite.uses_left == Some(0) {
            InviteState::Used
        } else if invite.expires <= clock::unix_ms() {
            InviteState::Expired
        } else {
            InviteState::Good
        };
        Self {
            id: invite.id.to_string(),
            state,
            roles: Role::of(invite.roles),
            uses_left: invite.uses_left,
            ephemeral: invite.ephemeral,
            created: time(invite.created),
            expires: time(invite.expires),
        }
    }
}

impl From<mesh::Found> for api::Found {
    fn from(found: mesh::Found) -> Self {
        Self {
            address: found.endpoint.to_string(),
            agent_id: found.agent.to_string(),
            name: found.name,
            layer: found.layer.into(),
            tags: texts(&found.tags),
            trusted: found.trusted,
            multiaddrs: texts(&found.addresses),
            card: found.card.as_ref().map(ToString::to_string),
            issued: found.issued.map(time),
            requests: found.requests,
        }
    }
}

impl From<mesh::Layer> for api::Layer {
    fn from(layer: mesh::Layer) -> Self {
        match layer {
            mesh::Layer::Alias => Self::Alias,
            mesh::Layer::Contact => Self::Contact,
            mesh::Layer::Network => Self::Network,
            mesh::Layer::Claim => Self::Claim,
            mesh::Layer::Card => Self::Card,
        }
    }
}
