//! `airway status`: whether all is well.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::network::shown::{found_by, part};
use crate::{
    api::Status,
    cli::{
        Context, Error,
        output::{Output, View, clean, human, layout::Fields},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway status
  airway status --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// A daemon that runs.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Running(pub(super) Status);

impl Output for Running {
    fn text(&self, _view: &View) -> String {
        let status = &self.0;
        let uptime = human::duration(status.uptime_s);
        let ports: Vec<String> = status.ports.iter().map(ToString::to_string).collect();
        let mut text = Fields::default()
            .add("address", &status.address)
            .add_some("name", status.name.as_ref())
            .add("network", status.network.as_deref().unwrap_or("the backbone"))
            .add("visibility", found_by(status.visibility))
            .add("directory", part(status.dht))
            .add("home", &status.home)
            .add("daemon", format!("version {}, process {}, up {uptime}", status.version, status.pid))
            .add_all("listening", &status.listening)
            .add("relays", relays(status))
            .add("reachable", reachable(status))
            .add_some("stealth", stealth(status))
            .add("trusted", format!("{}, {} connected", status.contacts, status.connected))
            .add_some("pending", pending(status))
            .add_some("mesh", mesh(status))
            .add("unread", status.unread.to_string())
            .add_some("outbox", outbox(status))
            .add_some("ports", (!ports.is_empty()).then(|| ports.join(", ")))
            .text();
        let style: Style = AnsiColor::Yellow.on_default().bold();
        for warning in &status.warnings {
            text.push_str(&format!("\n{style}warning:{style:#} {}", clean::line(warning)));
        }
        text
    }
}

/// Who waits for an answer, if anybody does.
fn pending(status: &Status) -> Option<String> {
    let named = status.pending_from.join(", ");
    match status.pending {
        0 => None,
        all if all > status.pending_from.len() as u64 => Some(format!("{all}: {named} and others")),
        all => Some(format!("{all}: {named}")),
    }
}

/// What relays do for us, and we for others.
fn relays(status: &Status) -> String {
    let own = match (status.relays.len(), reserved(status), status.relay_server) {
        (0, _, true) => return "a relay for others".into(),
        (0, ..) => return "none".into(),
        (all, reserved, _) => format!("{all}, {reserved} with a reservation"),
    };
    if status.relay_server { format!("{own}; a relay for others") } else { own }
}

fn reserved(status: &Status) -> usize {
    status.relays.iter().filter(|relay| relay.reserved).count()
}

/// How others get here.
fn reachable(status: &Status) -> &'static str {
    match (status.reachable, reserved(status)) {
        (Some(true), _) => "directly",
        (Some(false), 0) => "by nobody: no relay could dial this agent, and none has a reservation",
        (Some(false), _) => "through relays alone: they could not dial this agent",
        (None, 0) => "by whoever can dial this agent: no relay has tried, and none has a reservation",
        (None, _) => "through relays; whether directly is not known yet",
    }
}

/// From where connections are let in, if not from everywhere.
fn stealth(status: &Status) -> Option<String> {
    let stealth = status.stealth.as_ref()?;
    let (networks, addresses) = (stealth.networks, stealth.addresses);
    Some(format!("on, expecting {addresses} known IP addresses and {networks} networks of the settings"))
}

/// Our part in the events of the network, if there is one.
fn mesh(status: &Status) -> Option<String> {
    let mesh = status.mesh.as_ref()?;
    let peers = match mesh.peers {
        1 => "1 member that does is connected".into(),
        peers => format!("{peers} members that do are connected"),
    };
    Some(if mesh.joined {
        format!("takes part in events; {peers}")
    } else {
        format!("takes no part in events; {peers}")
    })
}

/// What is in the outbox, if anything is.
fn outbox(status: &Status) -> Option<String> {
    match (status.waiting, status.given_up) {
        (0, 0) => None,
        (waiting, 0) => Some(format!("{waiting} waiting")),
        (waiting, given_up) => Some(format!("{waiting} waiting, {given_up} given up")),
    }
}

pub(super) async fn run(_args: Args, context: &Context) -> Result<Running, Error> {
    Ok(Running(context.client()?.status().await?))
}
