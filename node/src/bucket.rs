//! Token buckets: how often each of many may do something.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// How often something may happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// At once, after a long rest.
    pub(crate) burst: u32,
    /// One more after each of these.
    pub(crate) refill: Duration,
}

impl Rate {
    /// So many at once, and so many more each second.
    pub(crate) const fn per_second(burst: u32, more: u32) -> Self {
        Self { burst, refill: Duration::from_nanos(1_000_000_000 / more as u64) }
    }
}

/// Buckets by key, all alike. A key that has rested is forgotten, which is the same as a full bucket.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    /// Keys that are remembered at most; beyond it whoever is not among them finds no token.
    keys: usize,
    /// When each bucket will be full again.
    full_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash> Buckets<K> {
    pub(crate) fn new(rate: Rate, keys: usize) -> Self {
        Self { rate, keys, full_at: HashMap::new() }
    }

    /// Whether the key has a token left.
    pub(crate) fn has(&mut self, key: &K, now: Instant) -> bool {
        if let Some(full_at) = self.full_at.get(key) {
            return full_at.saturating_duration_since(now) <= self.rate.refill * (self.rate.burst - 1);
        }
        if self.full_at.len() >= self.keys {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        self.full_at.len() < self.keys
    }

    /// Whether something of the key is remembered.
    pub(crate) fn knows(&self, key: &K) -> bool {
        self.full_at.contains_key(key)
    }

    /// Keys that are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.full_at.len()
    }

    /// Takes a token, whether or not one is left.
    pub(crate) fn take(&mut self, key: K, now: Instant) {
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + self.rate.refill;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, refill: Duration::from_secs(10) };

    fn take(buckets: &mut Buckets<u8>, key: u8, now: Instant) -> bool {
        let has = buckets.has(&key, now);
        if has {
            buckets.take(key, now);
        }
        has
    }

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let (mut buckets, start) = (Buckets::new(RATE, 8), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let taken: Vec<_> = (0..5).map(|_| take(&mut buckets, 1, start)).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        assert!(!take(&mut buckets, 1, after(9)));
        assert!(take(&mut buckets, 1, after(10)));
        assert!(!take(&mut buckets, 1, after(10)));
        assert!(take(&mut buckets, 2, after(10)));
        assert!((0..3).all(|_| take(&mut buckets, 1, after(100))));
        assert!(!take(&mut buckets, 1, after(100)));
    }

    #[test]
    fn no_more_keys_than_fit_and_those_that_rested_make_room() {
        let (mut buckets, start) = (Buckets::new(RATE, 8), Instant::now());
        assert!((0..8).all(|key| take(&mut buckets, key, start)));
        assert!(!take(&mut buckets, 8, start));
        assert!(take(&mut buckets, 0, start));
        assert!(take(&mut buckets, 8, start + Duration::from_secs(60)));
        assert_eq!(buckets.len(), 1);
    }
}
