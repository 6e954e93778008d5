package taskbook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/journal"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
)

// fileName is what the journal is called.
const fileName = "tasks.log"

// smallJournal is the bytes of a journal below which it is not worth writing it anew.
const smallJournal = 8 << 20

// ErrClosed says that the book takes nothing any more.
var ErrClosed = errors.New("the tasks are closed")

// Book is the tasks and receipts of one home. Its methods may be called by several goroutines at once.
type Book struct {
	clock clock
	// changing is held by whoever makes a change.
	changing sync.Mutex
	journal  *journal.File
	closed   bool
	// compacted is how long the journal was when it was last written anew.
	compacted int64

	mu sync.RWMutex
	state
	// changed is closed, and made anew, at each change.
	changed chan struct{}
}

// state is what the journal says.
type state struct {
	tasks map[Key]*Task
	// live are those of the tasks that are not settled.
	live     map[Key]*Task
	receipts map[polo.Hash]*polo.Receipt
	// tips are the ends of the chains.
	tips map[polo.Pair]polo.Place
	last stamp
	// position is the last place in the order of acceptance.
	position uint64
}

func newState() state {
	return state{
		tasks: make(map[Key]*Task), live: make(map[Key]*Task),
		receipts: make(map[polo.Hash]*polo.Receipt), tips: make(map[polo.Pair]polo.Place),
	}
}

// record is one change as it is stored.
type record struct {
	stamp
	Tasks    []*Task  `json:"tasks,omitempty"`
	Gone     []Key    `json:"gone,omitempty"`
	Receipts [][]byte `json:"receipts,omitempty"`
}

// Open opens the book of a home, which is a directory that exists.
func Open(home string) (*Book, error) {
	b := &Book{state: newState(), changed: make(chan struct{})}
	var err error
	if b.journal, err = journal.Open(filepath.Join(home, fileName), b.load); err != nil {
		return nil, fmt.Errorf("the tasks cannot be read: %w", err)
	}
	b.clock = resume(b.last, time.Now())
	b.tidy()
	return b, nil
}

// Close ends the book.
func (b *Book) Close() error {
	b.changing.Lock()
	defer b.changing.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	return b.journal.Close()
}

func (b *Book) load(fields, _ []byte, _ int64) error {
	var r record
	if err := json.Unmarshal(fields, &r); err != nil {
		return fmt.Errorf("a record of the tasks is damaged: %w", err)
	}
	return b.apply(&r)
}

// apply brings a change into memory. What a task leaves out stays as it was.
func (s *state) apply(r *record) error {
	for _, t := range r.Tasks {
		if (t.Work == nil) == (t.Order == nil) {
			return errors.New("a record of the tasks is damaged")
		}
		if former := s.tasks[t.Key]; former != nil {
			if t.Body == nil {
				t.Body = former.Body
			}
			if t.Output == nil {
				t.Output = former.Output
			}
		}
		s.tasks[t.Key] = t
		delete(s.live, t.Key)
		if !t.IsSettled() {
			s.live[t.Key] = t
		}
		s.position = max(s.position, t.Position)
	}
	for _, key := range r.Gone {
		delete(s.tasks, key)
		delete(s.live, key)
	}
	for _, envelope := range r.Receipts {
		receipt, err := polo.ParseReceipt(envelope)
		if err != nil {
			return fmt.Errorf("a receipt is damaged: %w", err)
		}
		s.keep(receipt)
	}
	s.last = r.stamp
	return nil
}

func (s *state) keep(receipt *polo.Receipt) {
	s.receipts[receipt.Hash()] = receipt
	if pair := receipt.Pair(); receipt.Seq >= s.tip(pair).Seq {
		s.tips[pair] = receipt.Next()
	}
}

// tip is the place of the next receipt of a pair.
func (s *state) tip(pair polo.Pair) polo.Place {
	if place, ok := s.tips[pair]; ok {
		return place
	}
	return polo.First()
}

// Change makes a change: all that decide puts, once it returns without an error. When this returns, it is on the disk.
func (b *Book) Change(decide func(*Tx) error) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	if b.closed {
		return ErrClosed
	}
	tx := &Tx{book: b, now: b.clock.now(), put: make(map[Key]*Task)}
	if err := decide(tx); err != nil {
		return err
	}
	tx.stage()
	return b.write(tx.record())
}

// Stamp brings the time to the disk, so that a crash loses little of it.
func (b *Book) Stamp() error {
	return b.Change(func(tx *Tx) error { tx.stamped = true; return nil })
}

// write brings a change to the disk, and then into memory.
func (b *Book) write(r *record) error {
	if r == nil {
		return nil
	}
	r.stamp = b.clock.stamp()
	fields, err := json.Marshal(r)
	if err != nil {
		return err
	}
	bytes, err := journal.Record(nil, fields, nil)
	if err == nil {
		err = b.journal.Append(bytes)
	}
	if err != nil {
		return fmt.Errorf("not stored: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.apply(r); err != nil {
		return err
	}
	close(b.changed)
	b.changed = make(chan struct{})
	b.tidy()
	return nil
}

// tidy writes the journal anew once most of it is of no use. If that cannot be done, it stays as it is.
func (b *Book) tidy() {
	if b.journal.End() >= max(smallJournal, 2*b.compacted) {
		_ = b.compact()
	}
}

func (b *Book) compact() error {
	err := b.journal.Replace(func(put func(fields, payload []byte) error) error {
		write := func(r record) error {
			r.stamp = b.last
			fields, err := json.Marshal(r)
			if err != nil {
				return err
			}
			return put(fields, nil)
		}
		for _, receipt := range b.sortedReceipts() {
			if err := write(record{Receipts: [][]byte{receipt.Bytes()}}); err != nil {
				return err
			}
		}
		for _, t := range b.tasks {
			if err := write(record{Tasks: []*Task{t}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		b.compacted = b.journal.End()
	}
	return err
}

// sortedReceipts are all receipts, by pair and number.
func (s *state) sortedReceipts() []*polo.Receipt {
	return slices.SortedFunc(maps.Values(s.receipts), func(one, other *polo.Receipt) int {
		first, second := one.Pair(), other.Pair()
		return cmp.Or(bytes.Compare(first.Requester[:], second.Requester[:]), bytes.Compare(first.Worker[:], second.Worker[:]),
			cmp.Compare(one.Seq, other.Seq))
	})
}

// Now is steady time.
func (b *Book) Now() uint64 { return b.clock.now() }

// Changed is closed at the next change.
func (b *Book) Changed() <-chan struct{} {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.changed
}

// Get returns a task; nil if there is none.
func (b *Book) Get(key Key) *Task {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.tasks[key]
}

// List returns the tasks that are wanted, those first that were made first.
func (b *Book) List(wanted func(*Task) bool) []*Task { return b.list(b.tasks, wanted) }

// Live does the same for those that are not settled.
func (b *Book) Live(wanted func(*Task) bool) []*Task { return b.list(b.live, wanted) }

func (b *Book) list(of map[Key]*Task, wanted func(*Task) bool) []*Task {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var found []*Task
	for _, t := range of {
		if wanted(t) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(one, other *Task) int {
		return cmp.Or(cmp.Compare(one.Created, other.Created), bytes.Compare(one.ID[:], other.ID[:]))
	})
	return found
}

// Due is when time next changes something, in steady time.
func (b *Book) Due() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	next := uint64(math.MaxUint64)
	for _, t := range b.live {
		if at, ok := t.due(); ok {
			next = min(next, at)
		}
	}
	return next
}

// Receipt returns the receipt with a hash; nil if there is none.
func (b *Book) Receipt(hash *polo.Hash) *polo.Receipt {
	if hash == nil {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.receipts[*hash]
}

// Receipts returns all receipts, by pair and number.
func (b *Book) Receipts() []*polo.Receipt {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sortedReceipts()
}
