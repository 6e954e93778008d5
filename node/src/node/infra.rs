//! Relays and stealth: what the settings ask of the network, and how it stands.

use airway_protocols::card::MAX_ADDRESSES;
use libp2p::{Multiaddr, PeerId};

use super::{Inner, Node};
use crate::{
    config::{Config, SwarmKey},
    net::{self, Expected, Net, OwnRelays, Shared},
    own::direct,
};

/// What the settings say to the network.
pub(super) fn network(config: &Config, listen: Vec<Multiaddr>, shared: Shared) -> net::Config {
    let relays = config.relays.iter().map(|relay| (relay.peer, relay.addresses.clone()));
    let relays = OwnRelays::new(relays.collect());
    let expected = Expected::new(&config.expect, relays.clone(), shared.book.clone());
    net::Config {
        listen,
        swarm_key: config.swarm_key.as_ref().map(SwarmKey::shared),
        connections: config.limits.connections,
        kept_connections: config.limits.kept_connections,
        relay_server: config.relay_server,
        stealth: config.stealth,
        relays,
        expected,
        shared,
    }
}

impl Node {
    /// Our own relays, each with whether it holds a reservation for us: those of the settings, then the members of our
    /// network that serve as relays.
    pub fn relays(&self) -> Vec<(PeerId, bool)> {
        let reserved = self.0.net.reserved();
        let all = self.0.net.relays().into_iter();
        all.map(|relay| (relay, reserved.contains(&relay))).collect()
    }

    /// Whether a relay of ours could dial us; `None` as long as none has tried, or there is none.
    pub fn is_reachable(&self) -> Option<bool> {
        *self.0.net.reachable().borrow()
    }

    /// How many IP addresses somebody is expected at whom we know, besides the networks of the settings.
    pub fn expected_addresses(&self) -> usize {
        self.0.net.expected_addresses()
    }

    /// A relay server tells its clients under which addresses others find it, as long as it runs.
    pub(super) async fn advertise(&self) {
        let Inner { net, config, .. } = &*self.0;
        if !config.relay_server {
            return;
        }
        net.advertise(direct(&config.announce, &net.listening(), MAX_ADDRESSES)).await;
        tokio::spawn(keep_advertising(net.clone(), config.announce.clone()));
    }

    /// What is wrong with relays and stealth.
    pub(super) fn reach_warnings(&self) -> impl Iterator<Item = String> {
        let Config { stealth, .. } = self.config();
        let relays = self.0.net.relays();
        let alone = "stealth without a relay: nobody new can reach this agent. Name a relay with --relay";
        let lost = "no relay has a reservation for this agent: whoever cannot dial it directly cannot reach it. See \
                    whether the relays are up";
        let is_lost = !relays.is_empty() && self.0.net.reserved().is_empty();
        let warnings = [(*stealth && relays.is_empty(), alone), (is_lost, lost)];
        warnings.into_iter().filter(|(holds, _)| *holds).map(|(_, warning)| warning.to_owned())
    }
}

async fn keep_advertising(net: Net, announce: Vec<Multiaddr>) {
    let mut listening = net.listening_changes();
    while listening.changed().await.is_ok() {
        let now = direct(&announce, &listening.borrow_and_update(), MAX_ADDRESSES);
        net.advertise(now).await;
    }
}
