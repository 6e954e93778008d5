//! Certificates that are good for seconds: renewed by whoever may, and worth nothing when they are over.

use std::time::Duration;

use airway::{
    InviteOptions, LookupError, Membership, NetworkOptions, Overrides, Uses,
    protocols::network::{CLOCK_SKEW, Roles},
};

use crate::{
    authority::{Authority, MINUTE, now},
    common::{Agent, LISTEN, PATIENCE, until},
    puppet::Puppet,
    stage::{find, founder, invite, member, published},
};

/// As short as a certificate may be.
const SHORT: Duration = Duration::from_secs(10);

fn short() -> InviteOptions {
    InviteOptions { uses: Uses::Unlimited, certificate_life: Some(SHORT), ..InviteOptions::default() }
}

async fn expires(agent: &Agent) -> u64 {
    agent.node.network().await.unwrap().unwrap().expires
}

/// Waits until an agent has a newer certificate than it has now.
async fn is_renewed(agent: &Agent) {
    let first = expires(agent).await;
    until("its certificate is renewed", async || expires(agent).await > first).await;
    let network = agent.node.network().await.unwrap().unwrap();
    assert!(network.standing.is_ok() && network.expires > now(), "before it is over");
}

#[tokio::test]
async fn a_certificate_is_renewed_before_it_is_over() {
    let founder = founder(NetworkOptions::default()).await;
    let alice = member("alice", &invite(&founder, short()).await).await;
    let before = alice.node.me();
    is_renewed(&alice).await;
    is_renewed(&alice).await;
    assert_eq!(alice.node.me().endpoint(), before.endpoint());
    assert_eq!(alice.node.network().await.unwrap().unwrap().member_name.as_deref(), Some("alice"));
}

#[tokio::test]
async fn where_the_inviter_is_away_another_renews() {
    let founder = founder(NetworkOptions::default()).await;
    let roles = Roles { inviter: true, relay: false };
    let ivy =
        member("ivy", &invite(&founder, InviteOptions { roles, ..InviteOptions::default() }).await).await;
    let alice = member("alice", &invite(&ivy, short()).await).await;
    until("alice has met the founder", async || {
        let members = alice.node.members().await.unwrap();
        members.iter().any(|member| member.agent == founder.node.me().agent && member.seen.is_some())
    })
    .await;
    ivy.node.shut_down().await;
    is_renewed(&alice).await;
    assert!(
        founder.node.members().await.unwrap().iter().any(|member| member.name.as_deref() == Some("alice"))
    );
}

#[tokio::test]
async fn a_member_whose_certificate_is_over_is_cut_off() {
    let founder = founder(NetworkOptions::default()).await;
    let authority = Authority::of(&founder);
    let puppet = Puppet::member(&authority, |grant| {
        (grant.not_before, grant.expires) = (now() - 60 * MINUTE, now() - CLOCK_SKEW + 3_000);
    })
    .await;
    puppet.enter(&founder.node).await;
    assert!(puppet.is_served(&founder.node).await);
    until("it is cut off", async || !puppet.is_served(&founder.node).await).await;
    assert!(puppet.worn().expires() + CLOCK_SKEW <= now(), "and not before");
}

#[tokio::test]
async fn an_agent_with_an_invite_in_its_settings_joins_by_itself_and_leaves_when_it_ends() {
    let founder = founder(NetworkOptions::default()).await;
    let fleet = InviteOptions { uses: Uses::Unlimited, ephemeral: true, ..InviteOptions::default() };
    let fleet = invite(&founder, fleet).await;
    let settings = || Overrides { invite: Some(fleet.to_string()), ..Overrides::default() };
    let first = Agent::set("worker", settings(), &LISTEN).await;
    let network = first.node.network().await.unwrap().unwrap();
    assert!(network.ephemeral && network.member_name.as_deref() == Some("worker"));
    published(&first).await;
    assert_eq!(find(&founder.node, "worker").await.agent, first.node.me().agent);

    first.node.shut_down().await;
    let look = founder.node.look_up("worker", PATIENCE).await;
    assert!(matches!(look, Err(LookupError::NotFound { .. })), "its claim is gone: {look:?}");
    let left = |member: &airway::MemberState| member.membership == Membership::Left;
    assert!(founder.node.members().await.unwrap().iter().any(left));
    // Its name is free, and its home belongs to no network.
    let second = Agent::set("worker", settings(), &LISTEN).await;
    assert_eq!(second.node.network().await.unwrap().unwrap().member_name.as_deref(), Some("worker"));
    let first = first.restart("first").await;
    assert!(first.node.network().await.unwrap().is_none());
}
