package polo

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

// chains are the receipts of each pair, by number.
type chains map[Pair][]*Receipt

// Verify checks an export: what was found while it was read, the chains that its receipts make, and whether they end where its
// author and the others say that they do. Nothing is found if all is in order.
//
// Findings come in this order: of lines, of tasks, and then of pairs, ascending.
func Verify(export *Export, others ...*Export) []Finding {
	findings := slices.Clone(export.Findings)
	findings = append(findings, duplicates(export.Receipts)...)
	of := make(chains)
	for _, receipt := range export.Receipts {
		of[receipt.Pair()] = append(of[receipt.Pair()], receipt)
	}
	for _, pair := range slices.SortedFunc(maps.Keys(of), Pair.compare) {
		slices.SortStableFunc(of[pair], func(one, other *Receipt) int { return cmp.Compare(one.Seq, other.Seq) })
		findings = append(findings, follow(pair, of[pair])...)
	}
	said := make(map[spot]remark)
	for _, teller := range append([]*Export{export}, others...) {
		of.compare(export, teller, said)
	}
	for _, at := range slices.SortedFunc(maps.Keys(said), spot.compare) {
		findings = append(findings, said[at].Finding)
	}
	return findings
}

// duplicates are tasks that have several receipts, each once.
func duplicates(receipts []*Receipt) []Finding {
	type which struct {
		requester id.AgentID
		task      task.ID
	}
	count := make(map[which]int)
	for _, receipt := range receipts {
		count[which{receipt.requester, receipt.Claim.Task}]++
	}
	maps.DeleteFunc(count, func(_ which, count int) bool { return count == 1 })
	var findings []Finding
	for _, twice := range slices.SortedFunc(maps.Keys(count), func(one, other which) int {
		return cmp.Or(bytes.Compare(one.requester[:], other.requester[:]), bytes.Compare(one.task[:], other.task[:]))
	}) {
		text := fmt.Sprintf("task %s of %s has several receipts", twice.task, twice.requester.Fingerprint())
		findings = append(findings, Finding{CodeDuplicate, text})
	}
	return findings
}

// follow says where a receipt of a chain does not follow from the one before it.
func follow(pair Pair, chain []*Receipt) []Finding {
	var findings []Finding
	found := func(code Code, text string, about ...any) {
		findings = append(findings, Finding{code, fmt.Sprintf("%s: "+text, append([]any{pair}, about...)...)})
	}
	var last Place
	for _, receipt := range chain {
		switch {
		case receipt.Seq == last.Seq:
			if receipt.hash != last.Prev {
				found(CodeFork, "there are several receipts %d", receipt.Seq)
			}
			continue
		case receipt.Seq > last.Seq+1:
			found(CodeGap, "nothing between %d and %d", last.Seq, receipt.Seq)
		case receipt.Prev != last.Prev:
			found(CodeLink, "%d does not follow from the one before it", receipt.Seq)
		}
		last = Place{receipt.Seq, receipt.hash}
	}
	return findings
}

// spot is what a remark of somebody is about: a place in a chain, or, with the largest number, its end.
type spot struct {
	pair Pair
	seq  uint64
}

func (s spot) compare(other spot) int {
	return cmp.Or(s.pair.compare(other.pair), cmp.Compare(s.seq, other.seq))
}

// remark is a finding by the word of somebody, who knows so much of a chain.
type remark struct {
	Finding
	reported uint64
}

// compare notes what a teller says otherwise of chains that the author of the export would have to show. Of several who say
// that a chain goes on, the one counts who knows most of it.
func (of chains) compare(export, teller *Export, said map[spot]remark) {
	if export.Head == nil || teller.Head == nil {
		return
	}
	for _, tip := range places(teller) {
		pair := tip.Pair()
		if !export.Head.IsAbout(pair) {
			continue
		}
		var ends uint64
		if chain := of[pair]; len(chain) > 0 {
			ends = chain[len(chain)-1].Seq
		}
		if tip.Seq > ends {
			text := fmt.Sprintf("%s: ends at %d, and at %d by the word of %s", pair, ends, tip.Seq, teller.Head.agent.Fingerprint())
			if at := (spot{pair, math.MaxUint64}); said[at].reported < tip.Seq {
				said[at] = remark{Finding{CodeTail, text}, tip.Seq}
			}
			continue
		}
		same := func(receipt *Receipt) bool { return receipt.Seq == tip.Seq }
		if slices.ContainsFunc(of[pair], same) &&
			!slices.ContainsFunc(of[pair], func(r *Receipt) bool { return same(r) && r.hash == tip.Hash }) {
			text := fmt.Sprintf("%s: there are several receipts %d", pair, tip.Seq)
			said[spot{pair, tip.Seq}] = remark{Finding{CodeFork, text}, tip.Seq}
		}
	}
}

// places are all places in chains that somebody speaks of, by a head or by a receipt.
func places(of *Export) []Tip {
	tips := slices.Clone(of.Head.Tips)
	for _, receipt := range of.Receipts {
		pair := receipt.Pair()
		tips = append(tips, Tip{pair.Requester, pair.Worker, receipt.Seq, receipt.hash})
	}
	return tips
}
