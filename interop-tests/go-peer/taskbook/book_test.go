package taskbook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

func open(t *testing.T, home string) *Book {
	t.Helper()
	b, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// given is a task that has just come.
func given(t *testing.T, tx *Tx, description string) *Task {
	t.Helper()
	taskID, err := task.NewID()
	if err != nil {
		t.Fatal(err)
	}
	s := &task.Submission{Description: description, Limit: 60_000}
	body, err := task.BodyOf(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := peer.IDFromPublicKey(vectors.SeededKey(t, 1).GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	work := task.NewWork(s, tx.Now())
	return &Task{Key: Key{Worker, id.AgentID{1}, taskID}, Peer: p, Body: body.Bytes(), Work: &work}
}

func step(t *testing.T, tx *Tx, one *Task, e task.WorkEvent) {
	t.Helper()
	work, err := one.Work.Step(e, tx.Now())
	if err != nil {
		t.Fatal(err)
	}
	one.Work = &work
	tx.Put(one)
}

func change(t *testing.T, b *Book, decide func(*Tx)) {
	t.Helper()
	if err := b.Change(func(tx *Tx) error { decide(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// queue is the descriptions of what is in the queue, in the order in which it is taken.
func queue(t *testing.T, b *Book) (taken []string) {
	t.Helper()
	for {
		done := false
		change(t, b, func(tx *Tx) {
			head := tx.Head()
			if done = head == nil; done {
				return
			}
			taken = append(taken, head.Submission().Description)
			step(t, tx, head, task.Start{})
		})
		if done {
			return taken
		}
	}
}

func TestTheQueueIsInTheOrderOfAcceptanceAlsoAfterARestart(t *testing.T) {
	home := t.TempDir()
	b := open(t, home)
	var tasks []*Task
	change(t, b, func(tx *Tx) {
		for number := range 4 {
			one := given(t, tx, fmt.Sprint(number))
			tx.Put(one)
			tasks = append(tasks, one)
		}
	})
	for _, number := range []int{2, 0, 3, 1} {
		change(t, b, func(tx *Tx) { step(t, tx, tx.Get(tasks[number].Key), task.Accept{}) })
	}
	change(t, b, func(tx *Tx) {
		first := tx.Head()
		if first.Work.Staged == nil {
			t.Error("the first one is not staged")
		}
		step(t, tx, first, task.Start{})
	})
	// What breaks off is the first again.
	change(t, b, func(tx *Tx) { step(t, tx, tx.Get(tasks[2].Key), task.Interrupt{}) })
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := queue(t, open(t, home)); !slices.Equal(got, []string{"2", "0", "3", "1"}) {
		t.Errorf("%q", got)
	}
}

func TestAChangeThatFailsChangesNothing(t *testing.T) {
	home := t.TempDir()
	b := open(t, home)
	failure := errors.New("no")
	if err := b.Change(func(tx *Tx) error { tx.Put(given(t, tx, "x")); return failure }); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	all := func(*Task) bool { return true }
	if found := b.List(all); len(found) != 0 {
		t.Fatal(found)
	}
	change(t, b, func(tx *Tx) { tx.Put(given(t, tx, "x")) })
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, fileName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A crash while it was written: nobody has heard that it was stored.
	if err := os.WriteFile(path, content[:len(content)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if found := open(t, home).List(all); len(found) != 0 {
		t.Fatal(found)
	}
}

func TestWhatIsWrittenAnewIsTheSame(t *testing.T) {
	home := t.TempDir()
	b := open(t, home)
	var one *Task
	change(t, b, func(tx *Tx) {
		one = given(t, tx, "kept")
		tx.Put(one)
	})
	change(t, b, func(tx *Tx) { step(t, tx, tx.Get(one.Key), task.Accept{}) })
	b.mu.Lock()
	before := b.journal.End()
	if err := b.compact(); err != nil {
		t.Fatal(err)
	}
	b.mu.Unlock()
	if b.journal.End() >= before {
		t.Errorf("%d bytes after %d", b.journal.End(), before)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	found := open(t, home).Get(one.Key)
	if found == nil || found.Work.State != task.Accepted || found.Submission().Description != "kept" || found.Position != 1 {
		t.Errorf("%+v", found)
	}
}

func TestSteadyTimeGoesOnAndNeverBack(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	last := stamp{Steady: 5000, Wall: uint64(now.UnixMilli())}
	for after, want := range map[time.Duration]uint64{
		0: 5000, time.Hour: 5000 + 3_600_000, -24 * time.Hour: 5000,
	} {
		if got := resume(last, now.Add(after)).base; got != want {
			t.Errorf("after %s: %d in place of %d", after, got, want)
		}
	}
}
