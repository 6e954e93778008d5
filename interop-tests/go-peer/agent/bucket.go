package agent

import "time"

// rateOf is how often something may happen: so many at once, after a long rest, and one more after each refill.
type rateOf struct {
	burst  int
	refill time.Duration
}

// buckets are token buckets by key, all alike. A key that has rested is forgotten, which is the same as a full bucket.
// They are not safe for concurrent use.
type buckets[K comparable] struct {
	rate rateOf
	// keys are remembered at most; beyond it whoever is not among them finds no token.
	keys   int
	fullAt map[K]time.Time
}

func newBuckets[K comparable](rate rateOf, keys int) *buckets[K] {
	return &buckets[K]{rate, keys, make(map[K]time.Time)}
}

// has says whether the key has a token left.
func (b *buckets[K]) has(key K, now time.Time) bool {
	if fullAt, known := b.fullAt[key]; known {
		return fullAt.Sub(now) <= b.rate.refill*time.Duration(b.rate.burst-1)
	}
	if len(b.fullAt) >= b.keys {
		for other, fullAt := range b.fullAt {
			if !fullAt.After(now) {
				delete(b.fullAt, other)
			}
		}
	}
	return len(b.fullAt) < b.keys
}

// take takes a token, whether or not one is left.
func (b *buckets[K]) take(key K, now time.Time) {
	fullAt := b.fullAt[key]
	if fullAt.Before(now) {
		fullAt = now
	}
	b.fullAt[key] = fullAt.Add(b.rate.refill)
}
