package polo

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

const (
	// day and week are in milliseconds; weeks are counted from 1970.
	day  = 24 * 60 * 60 * 1000
	week = 7 * day
	// weekMost is the most that a week is worth, so that a flood of small tasks is worth no more than steady work.
	weekMost = 10
	// expiredCost is what each expired task takes from its week.
	expiredCost = 2
	// edgeMost is the most that an edge carries, in thousandths.
	edgeMost = 100_000
	// decay is what is left of a week after another one, with 32 bits behind the point: half after 90 days.
	decay = 4_069_550_266
	// weeksKept is how many weeks count: after so many the most that one can be worth is below a thousandth.
	weeksKept = 172
)

// edge is what one agent has paid another, week by week.
type edge map[uint64]paidWeek

type paidWeek struct{ paid, expired uint64 }

func (e edge) add(r Entry) {
	at := r.At / week
	of := e[at]
	switch r.Outcome {
	case Success:
		if sum := of.paid + r.Reward; sum >= of.paid {
			of.paid = sum
		} else {
			of.paid = math.MaxUint64
		}
	case Expiry:
		of.expired = min(of.expired+1, math.MaxUint32)
	}
	e[at] = of
	if len(e) > weeksKept {
		delete(e, slices.Min(slices.Collect(maps.Keys(e))))
	}
}

// capacity is what it carries, in thousandths. What is dated more than a day ahead does not count yet.
func (e edge) capacity(now uint64) uint64 {
	this, newest := now/week, (now+min(day, math.MaxUint64-now))/week
	var sum int64
	for at, of := range e {
		if at <= newest {
			sum += of.milli(this - min(this, at))
		}
	}
	return uint64(min(max(sum, 0), edgeMost))
}

// milli is what a week is worth after so many others, in thousandths, rounded towards zero.
func (w paidWeek) milli(age uint64) int64 {
	if age >= weeksKept {
		return 0
	}
	weight := uint64(one)
	for range age {
		high, low := bits.Mul64(weight, decay)
		weight = high<<32 | low>>32
	}
	worth := (int64(min(w.paid, weekMost)) - expiredCost*int64(w.expired)) * 1000
	high, low := bits.Mul64(uint64(max(worth, -worth)), weight)
	if weighted := int64(high<<32 | low>>32); worth < 0 {
		return -weighted
	} else {
		return weighted
	}
}
