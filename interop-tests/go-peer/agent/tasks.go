package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

const (
	// taskStreamsPerPeer and taskStreamsInAll bound the streams about tasks that are served at once: each may hold a frame. A
	// further one hears "busy".
	taskStreamsPerPeer, taskStreamsInAll = 4, 256
	// openPerRequester and openInAll bound the tasks that others have given us and that are not over.
	openPerRequester, openInAll = 100, 1000
	// keptPerRequester bounds those that are remembered, also after their end: whoever cancels what there never was leaves
	// one behind each time.
	keptPerRequester = 20_000
	// keepTasks is how long a task is remembered after its end.
	keepTasks = 30 * 24 * time.Hour
	// stampEvery is how often the time comes to the disk while it counts for a task.
	stampEvery = time.Minute
)

// Why a task cannot be had.
var (
	// ErrNoTask says that there is no such task.
	ErrNoTask = errors.New("there is no such task")
	// ErrTaskConflict says that we have another task of this id.
	ErrTaskConflict = errors.New("there is another task of this id")
)

// desk is the tasks that we have given to others, and those that others have given to us.
//
//	owner ─► Submit, Next, Complete, … ─┐
//	peer ──► port 1003 ─────────────────┼─► book: one change on the disk ─► errands: one for each contact, which says what is
//	clock ─► timers ────────────────────┘                                   to be said until it is answered
type desk struct {
	book *taskbook.Book
	// dir is where copies of files lie.
	dir string

	mu sync.Mutex
	// errands are the contacts to whom something is to be said; their channel wakes whoever waits.
	errands map[peer.ID]chan struct{}
	// files are the tasks whose file is being delivered.
	files map[taskbook.Key]bool
}

// startTasks goes on with the tasks of the home.
func (a *Agent) startTasks() error {
	book, err := taskbook.Open(a.services.home)
	if err != nil {
		return err
	}
	a.desk = &desk{
		book: book, dir: taskDir(a.services.home),
		errands: make(map[peer.ID]chan struct{}), files: make(map[taskbook.Key]bool),
	}
	if err := makeDir(a.desk.dir); err != nil {
		return err
	}
	err = book.Change(func(tx *taskbook.Tx) error {
		for _, t := range tx.Live() {
			if t.Work != nil {
				if err := a.stepWork(tx, t, task.Restarted{}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.serve(task.Protocol, nil, in(newPlaces(taskStreamsPerPeer, taskStreamsInAll), a.serveTasks))
	return nil
}

// resumeTasks sets out with what is to be said, once it is known whom we trust.
func (a *Agent) resumeTasks() {
	for _, t := range a.desk.book.Live(func(*taskbook.Task) bool { return true }) {
		if !a.access.isTrusted(t.Peer) {
			a.distrustTasks(t.Peer)
		}
	}
	a.spawn(a.followTasks)
	a.spawn(a.timeTasks)
}

func (t *desk) close() error {
	if t == nil {
		return nil
	}
	return t.book.Close()
}

// change makes a change, after which somebody may have to be told.
func (a *Agent) change(decide func(*taskbook.Tx) error) error { return a.desk.book.Change(decide) }

// stepWork lets an event happen to a task that was given to us, and signs what is to be claimed of its end.
func (a *Agent) stepWork(tx *taskbook.Tx, t *taskbook.Task, e task.WorkEvent) error {
	former := *t.Work
	next, err := t.Work.Step(e, tx.Now())
	if err != nil {
		return err
	}
	t.Work = &next
	if next.State != former.State && next.State != task.Succeeded {
		// The words of the state before go with it.
		t.Text = nil
	}
	if next.LeavesReceipt() && !next.Held && t.Claim == nil {
		if t.Claim, err = a.claim(t); err != nil {
			return err
		}
	}
	tx.Put(t)
	return nil
}

// stepOrder lets an event happen to a task of ours.
func (a *Agent) stepOrder(tx *taskbook.Tx, t *taskbook.Task, e task.OrderEvent) error {
	next, err := t.Order.Step(e, tx.Now())
	if err != nil {
		return err
	}
	t.Order = &next
	tx.Put(t)
	return nil
}

// distrustTasks ends what there is between us and one whom we do not trust any more. Nothing is said.
func (a *Agent) distrustTasks(p peer.ID) {
	err := a.change(func(tx *taskbook.Tx) error {
		for _, t := range tx.Live() {
			if t.Peer != p {
				continue
			}
			var err error
			if t.Work != nil {
				err = a.stepWork(tx, t, task.Untrusted{})
			} else {
				err = a.stepOrder(tx, t, task.Untrusted{})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, taskbook.ErrClosed) {
		slog.Warn("tasks with one who is not trusted any more could not be ended", "peer", p, "error", err)
	}
}

// timeTasks has time do what it does, and forgets what ended long ago.
func (a *Agent) timeTasks(ctx context.Context) {
	swept := time.Time{}
	for {
		changed := a.desk.book.Changed()
		if time.Since(swept) > sweepEvery {
			swept = time.Now()
			a.sweepTasks()
		}
		due, now := a.desk.book.Due(), a.desk.book.Now()
		if due <= now {
			a.tickTasks()
			continue
		}
		wait, stamps := time.NewTimer(min(time.Duration(min(due-now, 1<<32))*time.Millisecond, stampEvery)), due != never
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-changed:
			wait.Stop()
		case <-wait.C:
			if stamps {
				_ = a.desk.book.Stamp()
			}
		}
	}
}

// never is when nothing is due.
const never = ^uint64(0)

func (a *Agent) tickTasks() {
	err := a.change(func(tx *taskbook.Tx) error {
		for _, t := range tx.Live() {
			if err := a.tick(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, taskbook.ErrClosed) {
		slog.Warn("the time of tasks stands still", "error", err)
	}
}

func (a *Agent) tick(tx *taskbook.Tx, t *taskbook.Task) error {
	if t.Work != nil {
		if at, ok := t.Work.Due(); ok && at <= tx.Now() {
			return a.stepWork(tx, t, task.Tick{})
		}
	} else if at, ok := t.Order.Due(); ok && at <= tx.Now() {
		return a.stepOrder(tx, t, task.Tick{})
	}
	return nil
}

// sweepTasks forgets tasks that ended long ago; receipts are kept for ever.
func (a *Agent) sweepTasks() {
	oldest := uint64(max(0, time.Now().Add(-keepTasks).UnixMilli()))
	old := a.desk.book.List(func(t *taskbook.Task) bool { return t.IsSettled() && t.Changed < oldest })
	if len(old) == 0 {
		return
	}
	err := a.change(func(tx *taskbook.Tx) error {
		for _, t := range old {
			tx.Forget(t.Key)
		}
		return nil
	})
	if err != nil {
		slog.Warn("old tasks could not be forgotten", "error", err)
	}
}

// agentOf is the agent behind a peer that was authenticated.
func agentOf(p peer.ID) id.AgentID {
	agent, _ := id.AgentIDOfPeer(p)
	return agent
}
