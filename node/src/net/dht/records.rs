//! What we keep for others: claims, and nothing else but in a DHT that is not Airway's alone, where it is who provides what.
//!
//! A value that is put is checked before it is taken, so that whoever publishes hears which servers did. What does not stand
//! any more is not handed out, and dropped now and then. When the room is used up, what is farthest from our own place in
//! the table goes first: others are asked for it.
//!
//! Of each agent the newest claim counts, whatever the key: what it claimed before and does not claim any more is dropped.
//! So an agent has a handful of keys, however often it changes its mind. What is withdrawn is so at its key alone.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use airway_protocols::{
    agent::AgentId,
    certificate::Invalid,
    claim::{self, Claim, KeyKind, set},
    network::Realm,
};
use libp2p::{
    PeerId,
    kad::{
        KBucketDistance, KBucketKey, ProviderRecord, Record, RecordKey,
        store::{self, RecordStore},
    },
};

use super::providers::Providers;
use crate::{clock, members::Members};

/// How much is kept for others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Keys under which there is something.
    pub(super) keys: usize,
    /// Bytes of all claims and their keys together.
    pub(super) bytes: usize,
}

impl Limits {
    /// A network of thousands, each with its address, a name and tags, spread over few servers.
    pub(super) const DEFAULT: Self = Self { keys: 4096, bytes: 16 * 1024 * 1024 };
}

/// How often what does not stand any more is to be dropped.
pub(in crate::net) const SWEEP: Duration = Duration::from_secs(60);

/// The store of a DHT. See the module.
#[derive(Debug)]
pub(crate) struct Records {
    own: KBucketKey<PeerId>,
    realm: Realm,
    members: Members,
    limits: Limits,
    kept: BTreeMap<Place, Kept>,
    bytes: usize,
    /// Where there are claims of each agent.
    agents: HashMap<AgentId, BTreeSet<Place>>,
    /// In a DHT that is not Airway's alone.
    providers: Option<Providers>,
}

/// Where a key is in the table, seen from our own place; no two keys have the same.
type Place = KBucketDistance;

#[derive(Debug)]
struct Kept {
    key: RecordKey,
    claims: Vec<Claim>,
}

/// Why a value is not taken. Kademlia has no words for most of it; the log does.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("nothing of ours is kept at keys like this")]
    Key,
    #[error(transparent)]
    Set(#[from] set::Error),
    #[error("it is not one claim but {0}")]
    Count(usize),
    #[error(transparent)]
    Claim(#[from] claim::Error),
    #[error("the claim {0}")]
    Invalid(Invalid),
    #[error("the claim belongs elsewhere")]
    Elsewhere,
    #[error("a newer claim of the agent is known")]
    Stale,
    #[error("others claimed it before")]
    Taken,
    #[error("all room is taken by what is nearer")]
    Full,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.key.as_ref().len() + self.claims.iter().map(|claim| claim.as_bytes().len()).sum::<usize>()
    }
}

impl Records {
    pub(super) fn new(own: PeerId, realm: Realm, members: Members, limits: Limits) -> Self {
        let (kept, agents) = (BTreeMap::new(), HashMap::new());
        Self { own: own.into(), realm, members, limits, kept, bytes: 0, agents, providers: None }
    }

    /// The same with room for what others than agents say there.
    pub(super) fn with_providers(self, provides: bool) -> Self {
        let providers = provides.then(|| Providers::new(*self.own.preimage()));
        Self { providers, ..self }
    }

    /// Keys and bytes that are taken.
    #[cfg(test)]
    pub(super) fn usage(&self) -> (usize, usize) {
        (self.kept.len(), self.bytes)
    }

    /// Drops what does not stand any more.
    pub(in crate::net) fn sweep(&mut self) {
        let stands = self.judge();
        let fallen = |kept: &Kept| kept.claims.iter().any(|claim| !stands(claim));
        let places = self.kept.iter().filter(|(_, kept)| fallen(kept)).map(|(place, _)| *place);
        for place in places.collect::<Vec<_>>() {
            self.edit(place, |claims| claims.retain(&stands));
        }
        if let Some(providers) = &mut self.providers {
            providers.sweep(Instant::now());
        }
    }

    /// Says of a claim whether it stands now.
    fn judge(&self) -> impl Fn(&Claim) -> bool + use<> {
        let (now, revocations) = (clock::unix_ms(), self.members.revocations());
        move |claim| claim.stands(now, &revocations).is_ok()
    }

    fn place(&self, key: &RecordKey) -> Place {
        self.own.distance(&KBucketKey::new(key.clone()))
    }

    fn claims(&self, place: &Place) -> &[Claim] {
        self.kept.get(place).map(|kept| kept.claims.as_slice()).unwrap_or_default()
    }

    /// Changes what is kept at a place.
    fn edit(&mut self, place: Place, change: impl FnOnce(&mut Vec<Claim>)) {
        if let Some(Kept { key, mut claims }) = self.remove_at(&place) {
            change(&mut claims);
            self.insert(place, Kept { key, claims });
        }
    }

    fn remove_at(&mut self, place: &Place) -> Option<Kept> {
        let kept = self.kept.remove(place)?;
        self.bytes -= kept.bytes();
        for claim in &kept.claims {
            let agent = claim.agent();
            if let Some(places) = self.agents.get_mut(&agent) {
                places.remove(place);
                if places.is_empty() {
                    self.agents.remove(&agent);
                }
            }
        }
        Some(kept)
    }

    fn insert(&mut self, place: Place, kept: Kept) {
        if kept.claims.is_empty() {
            return;
        }
        self.bytes += kept.bytes();
        for claim in &kept.claims {
            self.agents.entry(claim.agent()).or_default().insert(place);
        }
        self.kept.insert(place, kept);
    }

    /// Takes in what somebody puts: one claim, its own.
    fn take(&mut self, record: &Record) -> Result<(), Refused> {
        let kind = KeyKind::of(record.key.as_ref()).ok_or(Refused::Key)?;
        let place = self.place(&record.key);
        let envelopes = set::split(&record.value)?;
        let [envelope] = envelopes.as_slice() else { return Err(Refused::Count(envelopes.len())) };
        if self.claims(&place).iter().any(|claim| claim.as_bytes() == envelope) {
            // Verified before: a repeat costs next to nothing.
            return Ok(());
        }
        let claim = Claim::from_bytes(envelope, &self.realm)?;
        claim.stands(clock::unix_ms(), &self.members.revocations()).map_err(Refused::Invalid)?;
        if !claim.belongs_at(record.key.as_ref()) {
            return Err(Refused::Elsewhere);
        }
        let elsewhere = self.agents.get(&claim.agent()).cloned().unwrap_or_default();
        let known = elsewhere.iter().flat_map(|place| self.claims(place));
        let mut own = known.filter(|known| known.agent() == claim.agent() && !known.is_withdrawn());
        if own.any(|known| known.issued() > claim.issued()) {
            return Err(Refused::Stale);
        }
        let stands = self.judge();
        let mut claims: Vec<_> = self.claims(&place).iter().filter(|claim| stands(claim)).cloned().collect();
        set::merge(&mut claims, claim.clone(), kind);
        if !claims.contains(&claim) {
            return Err(Refused::Taken);
        }
        self.remove_at(&place);
        self.insert(place, Kept { key: record.key.clone(), claims });
        self.supersede(&claim, elsewhere);
        self.make_room(place)
    }

    /// Drops what an agent claimed before and does not claim any more.
    fn supersede(&mut self, newest: &Claim, places: BTreeSet<Place>) {
        if newest.is_withdrawn() {
            return;
        }
        let is_former = |claim: &Claim| claim.agent() == newest.agent() && claim.issued() < newest.issued();
        for place in places {
            let Some(kept) = self.kept.get(&place) else { continue };
            if !newest.belongs_at(kept.key.as_ref()) && kept.claims.iter().any(is_former) {
                self.edit(place, |claims| claims.retain(|claim| !is_former(claim)));
            }
        }
    }

    /// Drops what is farthest away; fails if that is what was put at `place`.
    fn make_room(&mut self, place: Place) -> Result<(), Refused> {
        while self.kept.len() > self.limits.keys || self.bytes > self.limits.bytes {
            let Some((farthest, _)) = self.kept.last_key_value() else { break };
            let farthest = *farthest;
            self.remove_at(&farthest);
            if farthest == place {
                return Err(Refused::Full);
            }
        }
        Ok(())
    }

    /// What there is to say of a key.
    fn record(&self, kept: &Kept) -> Option<Record> {
        let stands = self.judge();
        let claims: Vec<_> = kept.claims.iter().filter(|claim| stands(claim)).cloned().collect();
        let (key, value) = (kept.key.clone(), set::join(&claims));
        (!claims.is_empty()).then_some(Record { key, value, publisher: None, expires: None })
    }
}

impl RecordStore for Records {
    type RecordsIter<'a> = Box<dyn Iterator<Item = Cow<'a, Record>> + 'a>;
    type ProvidedIter<'a> = Box<dyn Iterator<Item = Cow<'a, ProviderRecord>> + 'a>;

    fn get(&self, key: &RecordKey) -> Option<Cow<'_, Record>> {
        self.kept.get(&self.place(key)).and_then(|kept| self.record(kept)).map(Cow::Owned)
    }

    fn put(&mut self, record: Record) -> store::Result<()> {
        self.take(&record).map_err(|refused| {
            tracing::debug!(%refused, "a value is not kept");
            match refused {
                Refused::Taken | Refused::Full => store::Error::MaxRecords,
                _ => store::Error::ValueTooLarge,
            }
        })
    }

    fn remove(&mut self, key: &RecordKey) {
        self.remove_at(&self.place(key));
    }

    fn records(&self) -> Self::RecordsIter<'_> {
        Box::new(self.kept.values().filter_map(|kept| self.record(kept)).map(Cow::Owned))
    }

    fn add_provider(&mut self, record: ProviderRecord) -> store::Result<()> {
        // Among agents nobody provides anything.
        self.providers.as_mut().map_or(Err(store::Error::MaxProvidedKeys), |providers| providers.add(record))
    }

    fn providers(&self, key: &RecordKey) -> Vec<ProviderRecord> {
        self.providers.as_ref().map(|providers| providers.of(key)).unwrap_or_default()
    }

    fn provided(&self) -> Self::ProvidedIter<'_> {
        let own = *self.own.preimage();
        Box::new(self.providers.iter().flat_map(move |providers| providers.provided_by(own)))
    }

    fn remove_provider(&mut self, key: &RecordKey, peer: &PeerId) {
        if let Some(providers) = &mut self.providers {
            providers.remove(key, peer);
        }
    }
}
