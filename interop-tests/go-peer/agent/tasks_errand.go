package agent

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

const (
	// taskRetry is the wait before something is said again that came to nothing; doubled each time, up to taskSeldom. A
	// connection of the other ends the wait.
	taskRetry, taskSeldom = 500 * time.Millisecond, time.Minute
	// taskPatience is how long the answer to one request may take.
	taskPatience = 30 * time.Second
)

// errPutOff says that the other wants to be asked another time.
var errPutOff = errors.New("the other has put it off")

// followTasks sets out to whom something is to be said, and with files that are to be delivered.
func (a *Agent) followTasks(ctx context.Context) {
	for {
		changed := a.desk.book.Changed()
		for _, t := range a.desk.book.Live(func(*taskbook.Task) bool { return true }) {
			if t.Sending != nil {
				a.sendTaskFile(t.Key)
			}
			if request(t) != nil {
				a.setOut(t.Peer)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// request is what is to be said of a task; nil if nothing.
func request(t *taskbook.Task) *task.Request {
	switch {
	case t.Order != nil && t.Order.Cancels():
		return &task.Request{Cancel: &task.Cancel{Task: t.ID, Reason: *t.Order.Cancelling, Text: t.CancelText}}
	case t.Order != nil && t.Order.Submits():
		return &task.Request{Submit: &task.Submit{Task: t.ID, Body: t.Body}}
	case t.Work != nil && t.Work.HasNews():
		return &task.Request{Report: report(t)}
	}
	return nil
}

// setOut begins an errand to a contact, unless one is under way.
func (a *Agent) setOut(p peer.ID) {
	t := a.desk
	t.mu.Lock()
	defer t.mu.Unlock()
	if wake := t.errands[p]; wake != nil {
		select {
		case wake <- struct{}{}:
		default:
		}
		return
	}
	wake := make(chan struct{}, 1)
	if a.spawn(func(ctx context.Context) { a.errand(ctx, p, wake) }) {
		t.errands[p] = wake
	}
}

// errand says what is to be said to a contact, until nothing is left of it.
func (a *Agent) errand(ctx context.Context, p peer.ID, wake <-chan struct{}) {
	putOff := make(map[taskbook.Key]*pause)
	away := new(pause)
	for {
		arrival := a.arrivals.next(p)
		open := a.toSay(p)
		if len(open) == 0 {
			a.desk.mu.Lock()
			if open = a.toSay(p); len(open) == 0 {
				delete(a.desk.errands, p)
				a.desk.mu.Unlock()
				return
			}
			a.desk.mu.Unlock()
		}
		now := time.Now()
		if due := isDue(open, putOff, now); len(due) > 0 && !now.Before(away.until) {
			if err := a.sayAll(ctx, p, due, putOff); err == nil {
				away = new(pause)
				continue
			}
			away.again()
		}
		if !a.untilRetry(ctx, open, putOff, away, wake, arrival) {
			return
		}
	}
}

// isDue leaves out what is put off, and the submissions behind one that is: none overtakes another.
func isDue(open []*taskbook.Task, putOff map[taskbook.Key]*pause, now time.Time) (due []*taskbook.Task) {
	isBlocked := false
	for _, t := range open {
		isLater := putOff[t.Key] != nil && now.Before(putOff[t.Key].until)
		isSubmission := t.Order != nil && t.Order.Submits()
		isBlocked = isBlocked || isLater && isSubmission
		if !isLater && !(isBlocked && isSubmission) {
			due = append(due, t)
		}
	}
	return due
}

// pause is how long something is not tried again.
type pause struct {
	wait  time.Duration
	until time.Time
}

func (p *pause) again() {
	p.wait = min(max(2*p.wait, taskRetry), taskSeldom)
	p.until = time.Now().Add(about(p.wait))
}

// untilRetry waits until something of what is to be said may be tried again; false if the agent has ended.
func (a *Agent) untilRetry(
	ctx context.Context, open []*taskbook.Task, putOff map[taskbook.Key]*pause, away *pause, wake, arrival <-chan struct{},
) bool {
	next := time.Now().Add(taskSeldom)
	for _, t := range open {
		if p := putOff[t.Key]; p != nil && p.until.Before(next) {
			next = p.until
		}
	}
	if away.until.After(time.Now()) {
		next = away.until
		// What is new changes nothing about that.
		wake = nil
	}
	timer := time.NewTimer(max(0, time.Until(next)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	case <-arrival:
		away.until = time.Time{}
		for _, p := range putOff {
			p.until = time.Time{}
		}
	}
	return true
}

// toSay is the tasks of which something is to be said to a contact, in the order in which that came about.
func (a *Agent) toSay(p peer.ID) []*taskbook.Task {
	if !a.access.isTrusted(p) {
		return nil
	}
	open := a.desk.book.Live(func(t *taskbook.Task) bool { return t.Peer == p && request(t) != nil })
	slices.SortStableFunc(open, func(one, other *taskbook.Task) int {
		return cmp.Or(cmp.Compare(one.Changed, other.Changed), bytes.Compare(one.ID[:], other.ID[:]))
	})
	return open
}

// sayAll says it on one stream, one after the other.
func (a *Agent) sayAll(ctx context.Context, p peer.ID, open []*taskbook.Task, putOff map[taskbook.Key]*pause) error {
	_, err := a.exchange(ctx, p, task.Protocol, func(s *Stream, moved *atomic.Uint64) (service.Answer, error) {
		isBlocked := false
		for _, t := range open {
			// It may have changed since.
			current := a.desk.book.Get(t.Key)
			if current == nil || request(current) == nil || isBlocked && request(current).Submit != nil {
				continue
			}
			_ = s.SetDeadline(time.Now().Add(taskPatience))
			answer, err := task.Ask(s, request(current))
			if err != nil {
				return 0, err
			}
			moved.Add(1)
			if err = a.hearAnswer(current, answer); err == nil {
				delete(putOff, t.Key)
				continue
			}
			slog.Debug("a request about a task is put off", "task", t.ID, "error", err)
			if putOff[t.Key] == nil {
				putOff[t.Key] = new(pause)
			}
			putOff[t.Key].again()
			isBlocked = isBlocked || request(current).Submit != nil
		}
		return service.Stored, s.CloseWrite()
	})
	return err
}

// hearAnswer takes in the answer to what was said of a task. The error says that it is to be said again.
func (a *Agent) hearAnswer(said *taskbook.Task, answer *task.Answer) error {
	switch {
	case said.Work != nil:
		return a.hearOfReport(said, answer)
	case answer.Status != nil:
		return a.hearStatus(said, answer.Status)
	case answer.Denied != nil && !said.Order.Cancels():
		return a.hearRejection(said, answer.Denied)
	case answer.Denied != nil:
		return answer.Denied.Code
	}
	return task.ErrUnexpected
}

// hearOfReport takes in the answer to a report.
func (a *Agent) hearOfReport(said *taskbook.Task, answer *task.Answer) error {
	var event task.WorkEvent
	switch {
	case answer.Receipt != nil:
		return a.takeReceipt(said.Key, answer.Receipt)
	case answer.Taken && said.Work.State == task.Completed && !said.Work.Held:
		return errPutOff
	case answer.Taken:
		event = task.Taken{Seq: said.Work.Seq}
	case answer.Denied == nil:
		return task.ErrUnexpected
	case answer.Denied.Code == task.GivenUp, answer.Denied.Code == task.Closed, answer.Denied.Code == task.UnknownTask:
		event = task.Abandon{}
	default:
		return answer.Denied.Code
	}
	return a.change(func(tx *taskbook.Tx) error {
		if t := tx.Get(said.Key); t != nil {
			return a.stepWork(tx, t, event)
		}
		return nil
	})
}

// hearStatus takes in how the worker says that a task of ours is.
func (a *Agent) hearStatus(said *taskbook.Task, r *task.Report) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if r.Task != said.ID {
		return task.ErrUnexpected
	}
	return a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(said.Key)
		if t == nil {
			return nil
		}
		former := t.Order.Seq
		var event task.OrderEvent = task.Answered{Report: r}
		if said.Order.Cancels() {
			event = task.CancelAnswered{Report: r}
		}
		if err := a.stepOrder(tx, t, event); err != nil {
			return err
		}
		if t.Order.Seq > former {
			t.Text = r.Text
			tx.Put(t)
		}
		return nil
	})
}

// hearRejection takes in that a submission is denied.
func (a *Agent) hearRejection(said *taskbook.Task, d *task.Denial) error {
	err := a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(said.Key)
		if t == nil {
			return nil
		}
		if err := a.stepOrder(tx, t, task.Rejected{Code: d.Code}); err != nil || !t.Order.State.IsTerminal() {
			return err
		}
		t.Text = d.Text
		tx.Put(t)
		return nil
	})
	if err == nil && d.Code.IsTemporary() {
		return errPutOff
	}
	return err
}
