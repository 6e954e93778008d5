package inbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/journal"
)

const (
	// RememberIDs is how long the id of a message is remembered at least: longer than any sender goes on trying.
	RememberIDs = 30 * 24 * time.Hour
	// RememberAtLeast is how many ids are remembered at least, however old: a clock that jumps ahead must not forget them
	// all.
	RememberAtLeast = 100_000
)

const (
	// Bytes of a journal below which it is not worth writing it anew.
	smallJournal = 1 << 20
	// About what the record of an id takes up.
	seenCost = 192
)

// load reads the journal, and writes it anew if most of it is of no use any more.
func (i *Inbox) load(path string) error {
	opened, err := journal.Open(path, i.take())
	if err != nil {
		return err
	}
	i.journal = opened
	if i.wasted() {
		if err := i.compact(); err != nil {
			return errors.Join(err, i.journal.Close())
		}
	}
	return nil
}

// take brings what stands in the journal into the state.
func (i *Inbox) take() journal.Taker {
	return records(func(r *record, payload []byte, at int64) error { return i.apply(r, at, len(payload), i.path) })
}

// tidy writes the journal anew while the inbox is in use, once most of it is of no use. If that cannot be done, the journal
// stays as it is.
func (i *Inbox) tidy() {
	i.reading.Lock()
	defer i.reading.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.wasted() {
		_ = i.compact()
	}
}

// wasted says whether more than half of the journal is of no use: messages that were cleared, and ids to forget.
func (i *Inbox) wasted() bool {
	end := i.journal.End()
	return end > smallJournal && int64(i.used)+int64(len(i.seen)*seenCost) < end/2
}

// compact writes the journal anew, with what is of use.
func (i *Inbox) compact() error {
	held := make(map[uint64]bool, len(i.items))
	for _, entry := range i.items {
		held[entry.Seq] = true
	}
	err := i.journal.Replace(func(put func(fields, payload []byte) error) error {
		if err := i.writeSeen(put); err != nil {
			return err
		}
		return i.journal.Read(func(fields, payload []byte, at int64) error {
			return records(func(r *record, _ []byte, _ int64) error {
				if r.Op == opClear || r.Op == opSeen || !held[r.Seq] {
					return nil
				}
				return put(fields, payload)
			})(fields, payload, at)
		})
	})
	if err != nil {
		return err
	}
	// Payloads lie elsewhere than before.
	i.state = state{seen: make(map[key]accepted), lastSeq: i.lastSeq}
	return i.journal.Read(i.take())
}

// writeSeen writes the ids of what was cleared, but for those that may be forgotten.
func (i *Inbox) writeSeen(put func(fields, payload []byte) error) error {
	held := make(map[key]bool, len(i.items))
	for _, entry := range i.items {
		held[key{entry.From, entry.Message.ID}] = true
	}
	type remembered struct {
		key
		accepted
	}
	var ids []remembered
	for which, before := range i.seen {
		if !held[which] {
			ids = append(ids, remembered{which, before})
		}
	}
	slices.SortFunc(ids, func(a, b remembered) int { return cmp.Compare(a.position, b.position) })
	oldest := uint64(max(0, time.Now().Add(-RememberIDs).UnixMilli()))
	for at, one := range ids {
		if one.receivedAt < oldest && len(ids)-at > RememberAtLeast {
			continue
		}
		r := &record{Op: opSeen, From: one.from[:], ID: one.id[:], ReceivedAt: one.receivedAt, Content: one.content[:]}
		r.Seq = i.lastSeq
		fields, err := json.Marshal(r)
		if err == nil {
			err = put(fields, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isMissing says that a file or directory is not there.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
