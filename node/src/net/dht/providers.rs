//! Who provides what, in a DHT that is not Airway's alone: our own part in it, and what we keep for others.
//!
//! Nothing of it is signed, and nothing of it can be checked: it is kept as everybody there keeps it, within limits.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    time::Instant,
};

use libp2p::{
    PeerId,
    kad::{
        ProviderRecord, RecordKey,
        store::{Error, Result},
    },
};

/// Records that are kept. With eight addresses each they are 4 MiB.
const MAX_RECORDS: usize = 4096;

/// Of one provider: all that an agent says of itself many times over.
const MAX_OF_ONE: usize = 256;

/// Of one key: a Kademlia lookup wants no more.
const MAX_OF_KEY: usize = 20;

/// Addresses of one record; of longer lists the first are kept.
const MAX_ADDRESSES: usize = 8;

/// Bytes of one address: a circuit by DNS has less.
const MAX_ADDRESS: usize = 256;

/// Bytes of a key, as in go-libp2p.
const MAX_KEY: usize = 80;

/// See the module.
#[derive(Debug)]
pub(super) struct Providers {
    /// Who has room whatever others say: whoever fills ours would otherwise keep us from saying anything at all.
    own: PeerId,
    kept: HashMap<RecordKey, Vec<ProviderRecord>>,
    /// Records of each provider.
    counts: HashMap<PeerId, usize>,
    records: usize,
}

impl Providers {
    pub(super) fn new(own: PeerId) -> Self {
        Self { own, kept: HashMap::new(), counts: HashMap::new(), records: 0 }
    }

    /// Takes in a record, in the place of an older one.
    pub(super) fn add(&mut self, mut record: ProviderRecord) -> Result<()> {
        if record.key.as_ref().is_empty() || record.key.as_ref().len() > MAX_KEY {
            return Err(Error::ValueTooLarge);
        }
        self.remove(&record.key, &record.provider);
        let of_one = self.counts.get(&record.provider).copied().unwrap_or_default();
        let of_key = self.kept.get(&record.key).map_or(0, Vec::len);
        let is_full = self.records >= MAX_RECORDS || of_one >= MAX_OF_ONE || of_key >= MAX_OF_KEY;
        if is_full && record.provider != self.own {
            return Err(Error::MaxProvidedKeys);
        }
        record.addresses.retain(|address| address.len() <= MAX_ADDRESS);
        record.addresses.truncate(MAX_ADDRESSES);
        *self.counts.entry(record.provider).or_default() += 1;
        self.records += 1;
        self.kept.entry(record.key.clone()).or_default().push(record);
        Ok(())
    }

    /// Who provides a key.
    pub(super) fn of(&self, key: &RecordKey) -> Vec<ProviderRecord> {
        self.kept.get(key).cloned().unwrap_or_default()
    }

    /// What a peer provides.
    pub(super) fn provided_by(&self, peer: PeerId) -> impl Iterator<Item = Cow<'_, ProviderRecord>> {
        let records = self.kept.values().flatten();
        records.filter(move |record| record.provider == peer).map(Cow::Borrowed)
    }

    pub(super) fn remove(&mut self, key: &RecordKey, provider: &PeerId) {
        self.retain(|record| record.key != *key || record.provider != *provider, Some(key));
    }

    /// Drops what has expired.
    pub(super) fn sweep(&mut self, now: Instant) {
        self.retain(|record| !record.is_expired(now), None);
    }

    /// Keeps what `keeps` says, at one key or everywhere.
    fn retain(&mut self, keeps: impl Fn(&ProviderRecord) -> bool, at: Option<&RecordKey>) {
        let Self { kept, counts, records, .. } = self;
        let mut drop_from = |records_of: &mut Vec<ProviderRecord>| {
            for gone in records_of.extract_if(.., |record| !keeps(record)) {
                *records -= 1;
                if let Entry::Occupied(mut count) = counts.entry(gone.provider) {
                    *count.get_mut() -= 1;
                    if *count.get() == 0 {
                        count.remove();
                    }
                }
            }
        };
        match at {
            Some(key) => {
                if let Some(of_key) = kept.get_mut(key) {
                    drop_from(of_key);
                    if of_key.is_empty() {
                        kept.remove(key);
                    }
                }
            }
            None => kept.retain(|_, of_key| {
                drop_from(of_key);
                !of_key.is_empty()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use libp2p::Multiaddr;

    use super::*;

    fn record(key: usize, provider: PeerId) -> ProviderRecord {
        ProviderRecord::new(key.to_be_bytes().to_vec(), provider, Vec::new())
    }

    #[test]
    fn a_record_is_kept_until_it_expires_or_its_provider_has_had_enough() {
        let (peer, now) = (PeerId::random(), Instant::now());
        let mut providers = Providers::new(PeerId::random());
        let timed = ProviderRecord { expires: Some(now + Duration::from_secs(1)), ..record(1, peer) };
        providers.add(timed.clone()).unwrap();
        providers.add(timed).unwrap();
        providers.add(record(2, peer)).unwrap();
        assert_eq!((providers.of(&record(1, peer).key).len(), providers.records), (1, 2));
        assert_eq!(providers.provided_by(peer).count(), 2);
        providers.sweep(now + Duration::from_secs(2));
        assert_eq!(providers.provided_by(peer).count(), 1);
        providers.remove(&record(2, peer).key, &peer);
        assert!(providers.kept.is_empty() && providers.counts.is_empty() && providers.records == 0);
    }

    #[test]
    fn neither_one_peer_nor_many_take_more_than_the_room_there_is() {
        let mut providers = Providers::new(PeerId::random());
        let one = PeerId::random();
        let taken = (0..2 * MAX_OF_ONE).filter(|key| providers.add(record(*key, one)).is_ok()).count();
        assert_eq!(taken, MAX_OF_ONE);
        let crowd = (0..2 * MAX_OF_KEY).filter(|_| providers.add(record(0, PeerId::random())).is_ok());
        assert_eq!(crowd.count(), MAX_OF_KEY - 1, "one is there");
        for key in 0..2 * MAX_RECORDS {
            let _ = providers.add(record(key, PeerId::random()));
        }
        assert_eq!(providers.records, MAX_RECORDS);
    }

    #[test]
    fn whoever_fills_the_room_of_others_does_not_take_ours() {
        let own = PeerId::random();
        let mut providers = Providers::new(own);
        for key in 0..MAX_RECORDS {
            // The first key is crowded as well.
            let key = key.saturating_sub(MAX_OF_KEY - 1);
            providers.add(record(key, PeerId::random())).unwrap_or_else(|_| panic!("no room for {key}"));
        }
        assert!(providers.add(record(0, PeerId::random())).is_err());
        assert!(providers.add(record(MAX_RECORDS, PeerId::random())).is_err());
        for key in [0, MAX_RECORDS] {
            providers.add(record(key, own)).unwrap();
            assert!(providers.of(&record(key, own).key).iter().any(|record| record.provider == own));
        }
    }

    #[test]
    fn a_record_is_no_larger_than_there_is_room_for() {
        let mut providers = Providers::new(PeerId::random());
        let peer = PeerId::random();
        let address: Multiaddr = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        let long: Multiaddr = format!("/dns4/{}/tcp/1", "a".repeat(MAX_ADDRESS)).parse().unwrap();
        let mut large = record(1, peer);
        large.addresses = [vec![long], vec![address; 2 * MAX_ADDRESSES]].concat();
        providers.add(large).unwrap();
        let kept = &providers.of(&record(1, peer).key)[0].addresses;
        assert!(kept.len() == MAX_ADDRESSES && kept.iter().all(|address| address.len() < MAX_ADDRESS));
        for key in [Vec::new(), vec![0; MAX_KEY + 1]] {
            assert!(providers.add(ProviderRecord::new(key, peer, Vec::new())).is_err());
        }
    }
}
