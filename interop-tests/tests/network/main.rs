//! Agents in networks where not everybody can dial everybody, and where addresses change.
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

mod homes;
mod mesh;
mod moving;
mod plain;
mod routers;

use std::{net::Ipv4Addr, time::Duration};

use airway::{Contact, Node, Outgoing, Overrides, TICKET_LIFE, Terms, store::Filter};
use airway_interop_tests::{
    lab::{Agent, Host, Lab},
    wait,
};

/// However loaded the machine is, what has not happened by then will not happen.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where the relay is.
const RELAY: Ipv4Addr = internet(1);

/// An address in the midst of the laboratory's internet.
const fn internet(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(11, 0, 0, last)
}

/// A laboratory; where there can be none, the test fails and says what it takes.
fn lab() -> Lab {
    Lab::new().unwrap_or_else(|error| panic!("{error}"))
}

/// A relay server in the midst of the internet, and its host.
async fn relay(lab: &Lab) -> (Host, Agent) {
    let host = lab.host(RELAY).unwrap();
    let settings = Overrides { relay_server: Some(true), ..Overrides::default() };
    let agent = host.agent("harbour", settings).await.unwrap();
    (host, agent)
}

/// The settings of an agent with a relay.
fn behind(relay: &Node) -> Overrides {
    Overrides { relays: Some(vec![relay.card().unwrap().to_string()]), ..Overrides::default() }
}

/// An agent that has a reservation on the relay.
async fn reserving(host: &Host, name: &str, relay: &Node) -> Agent {
    let agent = host.agent(name, behind(relay)).await.unwrap();
    until("a reservation", async || agent.relays().iter().all(|(_, reserved)| *reserved)).await;
    agent
}

/// Makes two agents trust each other.
async fn befriend(a: &Node, b: &Node) {
    let ticket = a.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    b.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();
}

/// The contact that another agent is.
fn contact(of: &Node, agent: &Node) -> Contact {
    of.find(&agent.me().endpoint().to_string()).unwrap()
}

/// Sends a message, and waits until it is in the other's inbox.
async fn deliver(from: &Node, to: &Node, text: &str) {
    from.send(&contact(from, to), Outgoing::text(text)).await.unwrap();
    until("the message", async || {
        let inbox = to.inbox(Filter::default()).await.unwrap();
        inbox.iter().any(|message| message.payload == text.as_bytes())
    })
    .await;
}

/// Waits until a condition holds.
async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    wait::until(what, PATIENCE, condition).await;
}
