package eventlog

import "sort"

// queue is a queue of entries in the order of their numbers.
type queue struct {
	entries []*entry
	head    int
	// gone counts the entries that were given up out of their turn.
	gone int
}

func (q *queue) len() int { return len(q.entries) - q.head }

func (q *queue) at(index int) *entry { return q.entries[q.head+index] }

func (q *queue) push(one *entry) { q.entries = append(q.entries, one) }

func (q *queue) pop() *entry {
	one := q.entries[q.head]
	q.entries[q.head] = nil
	q.head++
	if q.head > len(q.entries)/2 {
		q.entries = append(make([]*entry, 0, q.len()+1), q.entries[q.head:]...)
		q.head = 0
	}
	return one
}

// sweep notes that one more of the entries is gone: those at the head leave, and the others once they are many.
func (q *queue) sweep() {
	q.gone++
	for q.len() > 0 && q.at(0).isGone() {
		q.pop()
		q.gone--
	}
	if q.gone <= q.len()/2 {
		return
	}
	kept := make([]*entry, 0, q.len()-q.gone)
	for _, one := range q.entries[q.head:] {
		if !one.isGone() {
			kept = append(kept, one)
		}
	}
	q.entries, q.head, q.gone = kept, 0, 0
}

// behind is the index of the first entry behind a number.
func (q *queue) behind(seq uint64) int {
	return sort.Search(q.len(), func(index int) bool { return q.at(index).seq > seq })
}

// since is the index of the first entry that was taken in at a time or later.
func (q *queue) since(time uint64) int {
	return sort.Search(q.len(), func(index int) bool { return q.at(index).keptAt >= time })
}
