//! Who provides what: saying it of ourselves, and looking for others.

use std::collections::{HashMap, HashSet};

use libp2p::{
    Multiaddr, PeerId,
    core::Endpoint,
    kad::{
        self, AddProviderOk, Event, GetProvidersOk, QueryId, QueryResult, RecordKey, store::RecordStore as _,
    },
    swarm::{
        ConnectionId, FromSwarm, NetworkBehaviour as _,
        behaviour::{ExternalAddrConfirmed, ExternalAddrExpired},
    },
};
use tokio::sync::{mpsc, oneshot};

use super::{MAX_ADDRESSES, MAX_PROVIDERS, Provider, records::Records};

/// Of each kind at once: an agent has five keys, and a lookup takes one.
const MAX_QUERIES: usize = 32;

type Kad = kad::Behaviour<Records>;

/// See the module.
#[derive(Debug, Default)]
pub(in crate::net) struct Providing {
    /// Where we say that we are.
    addresses: Vec<Multiaddr>,
    saying: HashMap<QueryId, oneshot::Sender<bool>>,
    looking: HashMap<QueryId, Looking>,
}

#[derive(Debug)]
struct Looking {
    found: mpsc::Sender<Provider>,
    known: HashSet<PeerId>,
}

impl Providing {
    pub(in crate::net) fn provide(
        &mut self,
        kad: &mut Kad,
        key: Vec<u8>,
        addresses: Vec<Multiaddr>,
        done: oneshot::Sender<bool>,
    ) {
        if self.saying.len() >= MAX_QUERIES {
            return;
        }
        self.be_at(kad, addresses);
        // Refused where the DHT is Airway's alone.
        if let Ok(query) = kad.start_providing(key.into()) {
            self.saying.insert(query, done);
        }
    }

    /// Has kad say where we are, which it takes from what the swarm tells it; there it would hear of what was confirmed
    /// since it is there alone.
    fn be_at(&mut self, kad: &mut Kad, addresses: Vec<Multiaddr>) {
        for gone in self.addresses.iter().filter(|known| !addresses.contains(known)) {
            kad.on_swarm_event(FromSwarm::ExternalAddrExpired(ExternalAddrExpired { addr: gone }));
        }
        for new in addresses.iter().filter(|new| !self.addresses.contains(new)) {
            kad.on_swarm_event(FromSwarm::ExternalAddrConfirmed(ExternalAddrConfirmed { addr: new }));
        }
        self.addresses = addresses;
    }

    pub(in crate::net) fn look_up(&mut self, kad: &mut Kad, key: Vec<u8>, found: mpsc::Sender<Provider>) {
        let Self { looking, .. } = self;
        for (query, _) in looking.extract_if(|_, looking| looking.found.is_closed()) {
            end(kad, query);
        }
        if looking.len() < MAX_QUERIES {
            let query = kad.get_providers(key.into());
            looking.insert(query, Looking { found, known: HashSet::new() });
        }
    }

    pub(in crate::net) fn on_event(&mut self, kad: &mut Kad, event: &Event) {
        let Event::OutboundQueryProgressed { id, result, stats, step } = event else { return };
        match result {
            QueryResult::StartProviding(result) => {
                let is_told = matches!(result, Ok(AddProviderOk { .. })) && stats.num_successes() > 0;
                if let Some(done) = self.saying.remove(id) {
                    let _ = done.send(is_told);
                }
            }
            QueryResult::GetProviders(Ok(GetProvidersOk::FoundProviders { key, providers })) => {
                self.on_found(kad, *id, key, providers);
            }
            _ => {}
        }
        if step.last {
            self.looking.remove(id);
        }
    }

    fn on_found(&mut self, kad: &mut Kad, id: QueryId, key: &RecordKey, providers: &HashSet<PeerId>) {
        let Some(looking) = self.looking.get_mut(&id) else { return };
        for peer in providers {
            if looking.known.len() < MAX_PROVIDERS && looking.known.insert(*peer) {
                // There is room for all.
                let _ = looking.found.try_send((*peer, addresses(kad, key, *peer)));
            }
        }
        if looking.found.is_closed() || looking.known.len() >= MAX_PROVIDERS {
            self.looking.remove(&id);
            end(kad, id);
        }
    }
}

/// Where a provider is said to be: by what we keep ourselves, and by those who have answered the query that is under way. Kad
/// tells that to nobody but the swarm, when it dials.
fn addresses(kad: &mut Kad, key: &RecordKey, peer: PeerId) -> Vec<Multiaddr> {
    let kept = kad.store_mut().providers(key).into_iter().filter(|record| record.provider == peer);
    let mut all: Vec<_> = kept.flat_map(|record| record.addresses).collect();
    let (nowhere, dialling) = (ConnectionId::new_unchecked(0), Endpoint::Dialer);
    all.extend(
        kad.handle_pending_outbound_connection(nowhere, Some(peer), &[], dialling).into_iter().flatten(),
    );
    all.truncate(MAX_ADDRESSES);
    all
}

fn end(kad: &mut Kad, id: QueryId) {
    if let Some(mut query) = kad.query_mut(&id) {
        query.finish();
    }
}
