package task

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// AcceptTime is how long a task waits to be accepted.
	AcceptTime = 60 * time.Second
	// HeadTime is how long it may be the first in the queue.
	HeadTime = time.Hour
	// StalledTime is how long nothing may be heard of an execution before it is shown as stalled.
	StalledTime = 120 * time.Second
	// ResultRetry is how long a worker says an end that the requester does not answer.
	ResultRetry = 28 * 24 * time.Hour
)

// Why something cannot happen to a task now. Both wrap [ErrRefused].
var (
	// ErrRefused says that the task is not where that could happen to it.
	ErrRefused = errors.New("that cannot be done with the task now")
	// ErrAttempt says that another attempt has begun since.
	ErrAttempt = fmt.Errorf("%w: another attempt has begun since", ErrRefused)
)

// refusedIn says that the task is in a state in which that cannot happen.
func refusedIn(s State) error { return fmt.Errorf("%w: it is %s", ErrRefused, s) }

// Work is all that decides what may become of a task at its worker. Times are milliseconds of a clock of the worker's own that
// never goes back. It is stored before anybody hears of it.
type Work struct {
	// State is anything but [Submitted].
	State  State   `json:"state"`
	Reason *Reason `json:"reason"`
	// Seq counts the changes of which the requester is told; Told is the last of them that it is known to have, or asks for
	// until it has it.
	Seq  uint64 `json:"seq"`
	Told uint64 `json:"told"`
	// Attempt is how many executions were begun.
	Attempt   uint32    `json:"attempt"`
	Progress  *uint16   `json:"progress"`
	Execution Execution `json:"execution"`
	// Limit is how long after it was received it is called off.
	Limit    uint64 `json:"limit"`
	Received uint64 `json:"received"`
	// Staged is since when it is the first in the queue, Started when the execution began that is under way; or nil.
	Staged  *uint64 `json:"staged"`
	Started *uint64 `json:"started"`
	// Heard is when it last changed, or the execution gave a sign of life.
	Heard uint64 `json:"heard"`
	// Lease is how long the execution may give none; nil is for ever.
	Lease *uint64 `json:"lease"`
	// Held says that the result is a file that is still on its way. Until it has arrived nothing is told.
	Held  bool  `json:"held"`
	Times Times `json:"times"`
}

// Times are what a task has taken, in milliseconds.
type Times struct {
	// Idle is from when it was received until it was accepted.
	Idle uint64 `json:"idle"`
	// Staged is how long it was the first in the queue, all times together.
	Staged uint64 `json:"staged"`
	// CPU is how long the last execution took.
	CPU uint64 `json:"cpu"`
}

// WorkEvent is what happens to a task at its worker: one of those below. An attempt that is named has to be the last one; nil is
// whichever it is.
type WorkEvent interface {
	work(w Work, now uint64) (Work, error)
}

type (
	// Accept takes it into the queue.
	Accept struct{}
	// Decline does not.
	Decline struct{}
	// Stage is when it has become the first in the queue.
	Stage struct{}
	// Start is when somebody begins to work at it, who has to be heard of within the lease.
	Start struct{ Lease *uint64 }
	// Beat is when whoever works at it is alive.
	Beat struct{ Attempt *uint32 }
	// Progress is when whoever works at it has something to say.
	Progress struct {
		Attempt  *uint32
		Progress *uint16
	}
	// Complete is when the result is there, durably; Held: as a file that has yet to be delivered.
	Complete struct {
		Attempt *uint32
		Held    bool
	}
	// Delivered is when the file that belongs to it has been delivered.
	Delivered struct{}
	// Fileless is when that cannot be delivered.
	Fileless struct{}
	// Fail is when there will be no result.
	Fail struct{ Attempt *uint32 }
	// Interrupt is when whoever worked at it has gone.
	Interrupt struct{ Attempt *uint32 }
	// Restarted is when the worker has started anew, and counts from now.
	Restarted struct{}
	// CallOff is when the requester calls it off, and hears of the state in the answer.
	CallOff struct{ Reason Reason }
	// Tick is when time has passed.
	Tick struct{}
	// Untrusted is when one of the two does not trust the other any more.
	Untrusted struct{}
	// Taken is when the requester has taken the report of a number.
	Taken struct{ Seq uint64 }
	// Applied is when the end of it is settled: the receipt is stored along with this.
	Applied struct{}
	// Abandon is when the requester has given it up, as its owner wants or as it answers a report.
	Abandon struct{}
)

// NewWork is a task that has come. Its requester submits it until it hears of its state, so that is no news.
func NewWork(s *Submission, now uint64) Work {
	return Work{State: New, Seq: 1, Told: 1, Execution: s.Execution, Limit: s.Limit, Received: now, Heard: now}
}

// Tombstone stands for a task that was called off before it came.
func Tombstone(reason Reason, now uint64) Work {
	w := NewWork(&Submission{Limit: ms(MaxLimit)}, now)
	w.State, w.Reason = Cancelled, &reason
	return w
}

// Step is the task after an event. What a requester says or time does is never refused.
func (w Work) Step(e WorkEvent, now uint64) (Work, error) {
	next, err := e.work(w, now)
	if err != nil {
		return w, err
	}
	return next, nil
}

// Due is when a [Tick] next has something to do; false if never.
func (w *Work) Due() (uint64, bool) {
	at, what := w.alarm()
	return at, what != nil
}

// HasNews says whether the requester has yet to hear something.
func (w *Work) HasNews() bool { return w.Told < w.Seq }

// IsSettled says whether this is the end, and nobody has anything to say about it.
func (w *Work) IsSettled() bool {
	return (w.State.IsTerminal() || w.State == Completed && !w.Held) && !w.HasNews()
}

// LeavesReceipt says whether it ended after it had been executed, or in the queue.
func (w *Work) LeavesReceipt() bool {
	return w.State == Completed || w.State == Succeeded || w.State == Expired || w.State == Failed && w.Attempt > 0
}

// IsStalled says whether it is being executed, and has not been heard of for long.
func (w *Work) IsStalled(now uint64) bool {
	return w.State == Executing && since(now, w.Heard) >= ms(StalledTime)
}

// Report is what the requester is told; the caller adds text, output and claim.
func (w *Work) Report(task ID) *Report {
	state := w.State
	if w.Held {
		// While the result is on its way, it is being executed.
		state = Executing
	}
	return &Report{Task: task, Seq: w.Seq, State: state, Attempt: w.Attempt, Reason: w.Reason, Progress: w.Progress}
}

func ms(d time.Duration) uint64 { return uint64(d.Milliseconds()) }

// since is how long now is after a time; 0 if it is before it.
func since(now, at uint64) uint64 { return now - min(now, at) }

// after is so much after a time, or the end of all times.
func after(at, more uint64) uint64 {
	if at > math.MaxUint64-more {
		return math.MaxUint64
	}
	return at + more
}
