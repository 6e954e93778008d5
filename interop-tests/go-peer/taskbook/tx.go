package taskbook

import (
	"bytes"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

// Tx is a change that is being decided on.
type Tx struct {
	book     *Book
	now      uint64
	put      map[Key]*Task
	order    []Key
	gone     []Key
	receipts []*polo.Receipt
	position uint64
	stamped  bool
}

// Now is the steady time of the change.
func (tx *Tx) Now() uint64 { return tx.now }

// Get returns a copy of a task, as the change has it so far; nil if there is none.
func (tx *Tx) Get(key Key) *Task {
	t := tx.put[key]
	if t == nil {
		t = tx.book.tasks[key]
	}
	if t == nil {
		return nil
	}
	own := *t
	return &own
}

// Live returns copies of the tasks that were not settled before the change.
func (tx *Tx) Live() []*Task {
	tasks := make([]*Task, 0, len(tx.book.live))
	for key := range tx.book.live {
		tasks = append(tasks, tx.Get(key))
	}
	return tasks
}

// Put puts a task in the place of what was there.
func (tx *Tx) Put(t *Task) {
	if tx.put[t.Key] == nil {
		tx.order = append(tx.order, t.Key)
	}
	t.Changed = uint64(max(0, time.Now().UnixMilli()))
	if t.Created == 0 {
		t.Created = t.Changed
	}
	if t.Work != nil && t.Work.State == task.Accepted && t.Position == 0 {
		tx.position = max(tx.position, tx.book.position) + 1
		t.Position = tx.position
	}
	own := *t
	tx.put[t.Key] = &own
}

// Forget removes a task.
func (tx *Tx) Forget(key Key) { tx.gone = append(tx.gone, key) }

// Tip is the place of the next receipt of a pair. Receipts of the change are not counted: it adds one at most.
func (tx *Tx) Tip(pair polo.Pair) polo.Place { return tx.book.tip(pair) }

// Keep adds a receipt.
func (tx *Tx) Keep(receipt *polo.Receipt) { tx.receipts = append(tx.receipts, receipt) }

// Receipt returns the receipt with a hash; nil if there is none.
func (tx *Tx) Receipt(hash *polo.Hash) *polo.Receipt {
	if hash == nil {
		return nil
	}
	return tx.book.receipts[*hash]
}

// stage notes which task is the first in the queue.
func (tx *Tx) stage() {
	if head := tx.Head(); head != nil && head.Work.Staged == nil {
		work, _ := head.Work.Step(task.Stage{}, tx.now)
		head.Work = &work
		tx.Put(head)
	}
}

// Head is the first task in the queue; nil if that is empty.
func (tx *Tx) Head() *Task {
	var head *Task
	consider := func(t *Task) {
		if t.Work != nil && t.Work.State == task.Accepted && (head == nil || t.Position < head.Position) {
			head = t
		}
	}
	for key, t := range tx.book.live {
		if tx.put[key] == nil {
			consider(t)
		}
	}
	for _, t := range tx.put {
		consider(t)
	}
	if head == nil {
		return nil
	}
	own := *head
	return &own
}

// record is the change as it is stored; nil if nothing changes.
func (tx *Tx) record() *record {
	if len(tx.put)+len(tx.gone)+len(tx.receipts) == 0 && !tx.stamped {
		return nil
	}
	r := &record{Gone: tx.gone}
	for _, key := range tx.order {
		t := *tx.put[key]
		// What is large and stays as it was is not written again.
		if former := tx.book.tasks[key]; former != nil {
			if bytes.Equal(t.Body, former.Body) {
				t.Body = nil
			}
			if bytes.Equal(t.Output, former.Output) {
				t.Output = nil
			}
		}
		r.Tasks = append(r.Tasks, &t)
	}
	for _, receipt := range tx.receipts {
		r.Receipts = append(r.Receipts, receipt.Bytes())
	}
	return r
}

// Kept is the envelope of the receipt that the change adds; nil if there is none.
func (tx *Tx) Kept() []byte {
	if len(tx.receipts) == 0 {
		return nil
	}
	return tx.receipts[len(tx.receipts)-1].Bytes()
}
