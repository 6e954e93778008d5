//! Queries under way, and who waits for what they find.

use std::collections::{HashMap, HashSet};

use airway_protocols::claim::set::MAX_VALUE;
use libp2p::{
    PeerId,
    kad::{
        self, Event, GetClosestPeersError, GetClosestPeersOk, GetRecordError, GetRecordOk, K_VALUE, PeerInfo,
        PutRecordError, PutRecordOk, QueryId, QueryResult, QueryStats, Quorum, Record,
        store::RecordStore as _,
    },
};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::{Answers, Published, Stats, records::Records};
use crate::metrics;

/// Lookups and publications at once: each has a few requests under way, and a list of those it has asked.
const MAX_QUERIES: usize = 64;

/// Searches for servers at once.
const MAX_SEARCHES: usize = 4;

/// Places of the table, besides our own, where servers are looked for.
const ELSEWHERE: u8 = 3;

type Kad = kad::Behaviour<Records>;

/// See the module.
#[derive(Debug)]
pub(in crate::net) struct Queries {
    counts: metrics::Queries,
    lookups: HashMap<QueryId, Looking>,
    publications: HashMap<QueryId, Publishing>,
    searches: HashMap<QueryId, Searching>,
}

#[derive(Debug)]
struct Looking {
    answers: Answers,
    /// Digests of what was found: most servers answer the same.
    found: HashSet<[u8; 32]>,
}

#[derive(Debug)]
enum Publishing {
    /// Looks for the servers nearest to the key.
    Looking(Record, oneshot::Sender<Published>),
    /// Has asked so many to take it, of whom we are one that did, or are not.
    Asking(Published, oneshot::Sender<Published>),
}

/// Looks for servers, in so many further places.
#[derive(Debug)]
struct Searching(u8, oneshot::Sender<()>);

/// What an event of kad was the end of.
#[derive(Debug)]
pub(in crate::net) enum Ended {
    /// These have answered.
    Closest(Vec<PeerInfo>),
    /// Nothing that anybody else has to know of.
    Nothing,
}

impl Queries {
    pub(in crate::net) fn new(counts: metrics::Queries) -> Self {
        let (lookups, publications, searches) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { counts, lookups, publications, searches }
    }

    /// Forgets all of them; whoever waits hears that nothing was found.
    pub(in crate::net) fn clear(&mut self) {
        self.lookups.clear();
        self.publications.clear();
        self.searches.clear();
    }

    fn is_full(&self) -> bool {
        self.lookups.len() + self.publications.len() >= MAX_QUERIES
    }

    pub(in crate::net) fn look_up(&mut self, kad: &mut Kad, key: Vec<u8>, answers: Answers) {
        if self.is_full() {
            return self.counts.one("lookup", "refused");
        }
        let query = kad.get_record(key.into());
        self.lookups.insert(query, Looking { answers, found: HashSet::new() });
    }

    /// Ends the lookups that nobody waits for any more.
    pub(in crate::net) fn end_abandoned(&mut self, kad: &mut Kad) {
        let abandoned = self.lookups.extract_if(|_, looking| looking.answers.values.is_closed());
        for (query, _) in abandoned {
            end(kad, &query);
            self.counts.one("lookup", "enough");
        }
    }

    pub(in crate::net) fn publish(
        &mut self,
        kad: &mut Kad,
        key: Vec<u8>,
        value: Vec<u8>,
        done: oneshot::Sender<Published>,
    ) {
        if self.is_full() {
            return self.counts.one("publish", "refused");
        }
        // Names no publisher: whoever reads it shall not learn who brought it.
        let record = Record { key: key.clone().into(), value, publisher: None, expires: None };
        let query = kad.get_closest_peers(key);
        self.publications.insert(query, Publishing::Looking(record, done));
    }

    /// Asks the servers that we know for those near us, and for those in a few other places.
    pub(in crate::net) fn search(&mut self, kad: &mut Kad, own: PeerId, done: oneshot::Sender<()>) {
        if self.searches.len() >= MAX_SEARCHES {
            return;
        }
        let query = kad.get_closest_peers(own);
        self.searches.insert(query, Searching(ELSEWHERE, done));
    }

    pub(in crate::net) fn on_event(&mut self, kad: &mut Kad, event: Event) -> Ended {
        let Event::OutboundQueryProgressed { id, result, stats, step } = event else {
            return Ended::Nothing;
        };
        match result {
            QueryResult::GetRecord(Ok(GetRecordOk::FoundRecord(found))) => {
                // This very answer is not among those counted yet.
                let answered = stats.num_successes() + u32::from(found.peer.is_some());
                let stats = Stats { requests: stats.num_requests(), answered };
                self.on_value(kad, id, found.record.value, stats);
            }
            QueryResult::GetRecord(result) if step.last => self.on_looked_up(id, &stats, &result),
            QueryResult::GetClosestPeers(
                Ok(GetClosestPeersOk { peers, .. }) | Err(GetClosestPeersError::Timeout { peers, .. }),
            ) => {
                self.on_closest(kad, id, &peers);
                return Ended::Closest(peers);
            }
            QueryResult::PutRecord(result) => self.on_published(id, result),
            _ => {}
        }
        Ended::Nothing
    }

    fn on_value(&mut self, kad: &mut Kad, id: QueryId, value: Vec<u8>, stats: Stats) {
        let Some(looking) = self.lookups.get_mut(&id) else { return };
        let is_new = value.len() <= MAX_VALUE && looking.found.insert(Sha256::digest(&value).into());
        let is_lost = is_new && looking.answers.values.try_send(value).is_err();
        // After the value: whoever sees how many have answered finds there what they said.
        looking.answers.stats.send_replace(stats);
        if is_lost && looking.answers.values.is_closed() {
            self.lookups.remove(&id);
            end(kad, &id);
            self.counts.one("lookup", "enough");
        }
    }

    fn on_looked_up(&mut self, id: QueryId, stats: &QueryStats, result: &kad::GetRecordResult) {
        let Some(looking) = self.lookups.remove(&id) else { return };
        let stats = Stats { requests: stats.num_requests(), answered: stats.num_successes() };
        looking.answers.stats.send_replace(stats);
        let outcome = match result {
            _ if !looking.found.is_empty() => "found",
            Err(GetRecordError::Timeout { .. }) => "timeout",
            _ => "nothing",
        };
        self.counts.one("lookup", outcome);
    }

    fn on_closest(&mut self, kad: &mut Kad, id: QueryId, peers: &[PeerInfo]) {
        if let Some(Searching(left, done)) = self.searches.remove(&id) {
            match left.checked_sub(1) {
                Some(left) => {
                    let query = kad.get_closest_peers(PeerId::random());
                    self.searches.insert(query, Searching(left, done));
                }
                None => {
                    self.counts.one("search", if peers.is_empty() { "nothing" } else { "found" });
                    let _ = done.send(());
                }
            }
        } else if let Some(Publishing::Looking(record, done)) = self.publications.remove(&id) {
            let nearest: Vec<_> = peers.iter().take(K_VALUE.get()).map(|peer| peer.peer_id).collect();
            let serves = kad.mode() == kad::Mode::Server;
            let took = serves && kad.store_mut().put(record.clone()).is_ok();
            let so_far = Published { stored: usize::from(took), asked: nearest.len() + usize::from(serves) };
            let query = kad.put_record_to(record, nearest.into_iter(), Quorum::All);
            self.publications.insert(query, Publishing::Asking(so_far, done));
        }
    }

    fn on_published(&mut self, id: QueryId, result: kad::PutRecordResult) {
        let Some(Publishing::Asking(mut published, done)) = self.publications.remove(&id) else { return };
        published.stored = match result {
            Ok(PutRecordOk { .. }) => published.asked,
            Err(PutRecordError::QuorumFailed { success, .. } | PutRecordError::Timeout { success, .. }) => {
                published.stored + success.len()
            }
        };
        self.counts.one("publish", if published.stored > 0 { "stored" } else { "nowhere" });
        let _ = done.send(published);
    }
}

fn end(kad: &mut Kad, id: &QueryId) {
    if let Some(mut query) = kad.query_mut(id) {
        query.finish();
    }
}
