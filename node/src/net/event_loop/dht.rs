//! What the event loop does for the DHT.

use std::{
    collections::{HashMap, HashSet},
    mem,
    time::Duration,
};

use airway_protocols::gate::admission;
use libp2p::{
    Multiaddr, PeerId,
    kad::{self, store::RecordStore as _},
    swarm::DialError,
};
use tokio::{
    sync::oneshot,
    time::{Interval, MissedTickBehavior, interval},
};

use super::{Event, EventLoop};
use crate::{
    members::Members,
    metrics,
    net::dht::{self, Admitted, Command, Dht, Ended, MAX_ADDRESSES, Queries},
};

/// How often servers are looked for, while there are any to ask.
const REFRESH: Duration = Duration::from_secs(5 * 60);

/// A server that could not be dialled so often in a row is forgotten: each query would try it again.
const STRIKES: u8 = 3;

/// Servers remembered that somebody has named, to begin anew with when no other is left.
const MAX_ROOTS: usize = 64;

/// What the event loop knows of the DHT, besides the behaviour.
#[derive(Debug)]
pub(in crate::net) struct State {
    own: PeerId,
    members: Members,
    queries: Queries,
    /// The one that we take part in.
    dht: Option<Dht>,
    /// Those who wait for a peer's connections to speak it.
    admitting: HashMap<PeerId, Vec<oneshot::Sender<()>>>,
    /// Dials of servers that failed since the last one that did not.
    strikes: HashMap<PeerId, u8>,
    /// Servers that were named to us.
    roots: HashMap<PeerId, Vec<Multiaddr>>,
    refresh: Interval,
}

impl State {
    /// Must be called on a tokio runtime.
    pub(in crate::net) fn new(own: PeerId, members: Members, counts: metrics::Queries) -> Self {
        let mut refresh = interval(REFRESH);
        refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            own,
            members,
            queries: Queries::new(counts),
            dht: None,
            admitting: HashMap::new(),
            strikes: HashMap::new(),
            roots: HashMap::new(),
            refresh,
        }
    }

    /// When it is time to look after the DHT.
    pub(super) async fn due(&mut self) {
        self.refresh.tick().await;
    }
}

impl EventLoop {
    fn kad(&mut self) -> Option<&mut kad::Behaviour<dht::Records>> {
        self.swarm.behaviour_mut().dht.inner()
    }

    pub(super) fn on_dht_command(&mut self, command: Command) {
        match command {
            Command::Enter(dht, done) => self.enter(dht.map(|dht| *dht), done),
            Command::Serve(serves) => {
                if let Some(kad) = self.kad() {
                    kad.set_mode(Some(dht::mode(serves)));
                }
            }
            Command::Admit(peer, addresses, done) => self.admit(peer, addresses, done),
            Command::Refuse(peer) => self.swarm.behaviour_mut().dht.refuse(&peer),
            Command::Expel(peer, done) => self.expel(peer, done),
            Command::Introduce(peer, addresses) => self.introduce(peer, addresses),
            Command::Servers(reply) => drop(reply.send(self.servers())),
            Command::FindServers(done) => self.find_servers(Some(done)),
            Command::Lookup(key, answers) => {
                if let Some(kad) = self.swarm.behaviour_mut().dht.inner() {
                    self.dht.queries.look_up(kad, key, answers);
                }
            }
            Command::EndAbandoned => {
                if let Some(kad) = self.swarm.behaviour_mut().dht.inner() {
                    self.dht.queries.end_abandoned(kad);
                }
            }
            Command::Publish(key, value, done) => {
                if let Some(kad) = self.swarm.behaviour_mut().dht.inner() {
                    self.dht.queries.publish(kad, key, value, done);
                }
            }
        }
    }
}
