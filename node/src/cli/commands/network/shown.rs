//! `airway network show`, and networks as other commands show them.

use serde::Serialize;

use crate::{
    api::{Dht, Home, Membership, Network, Published, Role, Visibility},
    cli::{
        Context, Error,
        output::{Output, View, clean, human, layout::Fields},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway network show
  airway network show --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

/// In which network the agent is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Shown(Home);

impl Output for Shown {
    fn text(&self, view: &View) -> String {
        let Home { network, visibility, dht } = &self.0;
        let fields = match network {
            None => Fields::default().add("network", "the backbone, which is open to everybody"),
            Some(network) => fields(network, view),
        };
        fields.add("visibility", found_by(*visibility)).add("directory", part(*dht)).text()
    }

    fn remark(&self, _view: &View) -> Option<String> {
        let Some(network) = &self.0.network else {
            return Some(
                "found a network of your own with `airway network create <name>`, or use an invite with \
                         `airway join <invite>`"
                    .into(),
            );
        };
        match network.membership {
            Membership::Member | Membership::NotYet => None,
            Membership::Expired => Some(
                "this agent is no member at present: whoever let it in has to be reached to \
                                         renew that; else ask for a new invite"
                    .into(),
            ),
            Membership::Left | Membership::Expelled => Some(
                "this agent is a member no more: `airway network leave` takes it back to the backbone".into(),
            ),
        }
    }
}

/// All that is to be said of a network.
fn fields(network: &Network, view: &View) -> Fields {
    let Network { name, number, id, .. } = network;
    Fields::default()
        .add("network", format!("{name}, number {number}"))
        .add("id", id)
        .add("address", &network.address)
        .add_some("called", network.member_name.as_ref())
        .add("membership", membership(network, view))
        .add_some("authority", network.authority.then_some("its key is in this home"))
        .add(
            "trust",
            if network.trust_members { "members trust each other" } else { "to be asked for, as ever" },
        )
        .add("members", format!("{} met, {} serve the directory", network.members_met, network.servers))
        .add_some("expelled", (network.revocations > 0).then(|| format!("list {}", network.revocations)))
        .add("published", found(network, view))
}

/// What we are in it, and until when.
fn membership(network: &Network, view: &View) -> String {
    let until = human::local(network.expires, view);
    let roles = roles(&network.roles);
    match network.membership {
        Membership::Member => {
            let leaves = if network.ephemeral { ", until the daemon ends" } else { "" };
            format!("{roles}, renewed before {until}{leaves}")
        }
        Membership::NotYet => format!("{roles}, but not yet: see whether the clock is right"),
        Membership::Expired => format!("expired {until}"),
        Membership::Left => "left".into(),
        Membership::Expelled => "expelled".into(),
    }
}

/// What the others find of us.
fn found(network: &Network, view: &View) -> String {
    match &network.published {
        None => "nothing of this agent".into(),
        Some(Published { stored: 0, .. }) => "by this agent alone, until others serve the directory".into(),
        Some(published) => {
            let servers = if published.stored == 1 { "server" } else { "servers" };
            format!("on {} {servers}, told {}", published.stored, human::ago(published.issued, view))
        }
    }
}

/// What others find of us.
pub(in crate::cli::commands) fn found_by(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Hidden => "hidden",
        Visibility::Listed => "listed, by address",
        Visibility::Public => "public, by address, name and tags",
    }
}

/// Our part in the directory.
pub(in crate::cli::commands) fn part(dht: Dht) -> &'static str {
    match dht {
        Dht::Off => "off",
        Dht::Client => "asks",
        Dht::Server => "asks and serves",
    }
}

/// Roles in words; somebody without any is a member all the same.
pub(in crate::cli::commands) fn roles(roles: &[Role]) -> String {
    let told = roles.iter().map(|role| match role {
        Role::Relay => "relay",
        Role::Inviter => "inviter",
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { "member".into() } else { told.join(", ") }
}

/// What became of our membership.
#[derive(Debug, Serialize)]
pub(in crate::cli::commands) struct Changed {
    /// What was done, for people.
    #[serde(skip)]
    done: &'static str,
    /// What follows, for people.
    #[serde(skip)]
    next: String,
    /// The network, as it is now or as it was.
    #[serde(flatten)]
    network: Network,
}

impl Changed {
    pub(in crate::cli::commands) fn new(
        done: &'static str,
        network: Network,
        next: impl Into<String>,
    ) -> Self {
        Self { done, next: next.into(), network }
    }
}

impl Output for Changed {
    fn text(&self, _view: &View) -> String {
        let Network { name, address, .. } = &self.network;
        format!("{} {}: this agent is {}", self.done, clean::line(name), clean::line(address))
    }

    fn remark(&self, _view: &View) -> Option<String> {
        Some(self.next.clone())
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Shown, Error> {
    Ok(Shown(context.client()?.network().await?))
}
