package task

import (
	"fmt"
	"time"
)

const (
	// SubmitRetry is how long a requester says what the worker does not answer.
	SubmitRetry = 7 * 24 * time.Hour
	// Tolerance is what the clocks of both and the way between them are forgiven, where a requester sets what it saw against
	// what the worker claims.
	Tolerance = 5 * time.Second
)

// Why a report is denied. Both wrap [ErrRefused].
var (
	// ErrGivenUp says that the task was given up here, without the worker's word.
	ErrGivenUp = fmt.Errorf("%w: it was given up", ErrRefused)
	// ErrOver says that it has come to another end.
	ErrOver = fmt.Errorf("%w: it has come to another end", ErrRefused)
)

// Order is all that decides what may become of a task at its requester. Times are milliseconds of a clock of the requester's
// own that never goes back. It is stored before anybody hears of it.
type Order struct {
	State  State   `json:"state"`
	Reason *Reason `json:"reason"`
	// Seq is the number of the last report that counted; 0 for none.
	Seq      uint64  `json:"seq"`
	Attempt  uint32  `json:"attempt"`
	Progress *uint16 `json:"progress"`
	// Limit is how long after the worker was first heard of it is called off.
	Limit uint64 `json:"limit"`
	// Held says that it waits for its file to be delivered, and has never been sent.
	Held    bool   `json:"held"`
	Created uint64 `json:"created"`
	// Answered is when the worker was first heard of, Accepted when it was first heard to be accepted, or to be further,
	// Executing when it was first heard to be executed; or nil.
	Answered  *uint64 `json:"answered"`
	Accepted  *uint64 `json:"accepted"`
	Executing *uint64 `json:"executing"`
	// Heard is when the worker was last heard of.
	Heard uint64 `json:"heard"`
	// Cancelling is why it is to be called off, Asking since when the worker is asked to, if it has not answered; or nil.
	Cancelling *Reason `json:"cancelling"`
	Asking     *uint64 `json:"asking"`
}

// Observed is what a requester saw of the times that a worker claims, in milliseconds.
type Observed struct {
	// IdleAtLeast is how long it was not accepted, CPUAtMost how long it was executed.
	IdleAtLeast uint64 `json:"idle_at_least"`
	CPUAtMost   uint64 `json:"cpu_at_most"`
}

// OrderEvent is what happens to a task at its requester: one of those below, or [Delivered], [Fileless], [Abandon],
// [Untrusted], [Tick] and [Applied].
type OrderEvent interface {
	order(o Order, now uint64) (Order, error)
}

type (
	// Answered is when the worker answers a submission or a query.
	Answered struct{ Report *Report }
	// CancelAnswered is when it answers a cancellation.
	CancelAnswered struct{ Report *Report }
	// Reported is when it reports.
	Reported struct{ Report *Report }
	// Rejected is when it denies the submission.
	Rejected struct{ Code Denied }
	// CancelAsked is when the owner calls it off.
	CancelAsked struct{}
)

// NewOrder is a task that is to be submitted; held, once its file has been delivered.
func NewOrder(s *Submission, held bool, now uint64) Order {
	return Order{State: Submitted, Limit: s.Limit, Held: held, Created: now, Heard: now}
}

// Step is the task after an event. A report of which nothing comes was heard before, and is answered as it was. In [Completed]
// whoever has the result applies it, and lets [Applied] happen, in the same commit.
func (o Order) Step(e OrderEvent, now uint64) (Order, error) {
	next, err := e.order(o, now)
	if err != nil {
		return o, err
	}
	return next, nil
}

// Due is when a [Tick] next has something to do; false if never.
func (o *Order) Due() (uint64, bool) {
	at, what := o.alarm()
	return at, what != nil
}

// Submits and Cancels say what is to be said to the worker until it answers, if anything.
func (o *Order) Submits() bool { return !o.Cancels() && o.State == Submitted && !o.Held }

// Cancels says whether the worker is to be asked to call it off.
func (o *Order) Cancels() bool { return o.Asking != nil && o.Cancelling != nil }

// IsSettled says whether this is the end, and nobody has anything to say about it.
func (o *Order) IsSettled() bool { return o.State.IsTerminal() && o.Asking == nil }

// Observed is what was seen, when the report of the end arrives.
func (o *Order) Observed(now uint64) Observed {
	begun := o.Created
	if o.Executing != nil {
		begun = *o.Executing
	} else if o.Answered != nil {
		begun = *o.Answered
	}
	seen := Observed{CPUAtMost: after(since(now, begun), ms(Tolerance))}
	if o.Accepted != nil && o.Answered != nil {
		seen.IdleAtLeast = since(since(*o.Accepted, *o.Answered), ms(Tolerance))
	}
	return seen
}

// alarm is what time does next, and when; nil if nothing.
func (o *Order) alarm() (uint64, func(o Order, now uint64) Order) {
	unreachable := func(o Order, _ uint64) Order { return o.end(Cancelled, Unreachable) }
	isOver := o.State.IsTerminal()
	switch {
	case isOver && o.Asking != nil:
		return after(*o.Asking, ms(SubmitRetry)), func(o Order, _ uint64) Order { o.Asking = nil; return o }
	case isOver:
		return 0, nil
	case o.Asking != nil:
		return after(*o.Asking, ms(SubmitRetry)), unreachable
	case o.State == Submitted:
		return after(o.Created, ms(SubmitRetry)), unreachable
	case o.State == Completed || o.Cancelling != nil:
		return after(o.Heard, ms(SubmitRetry)), unreachable
	}
	begun := o.Created
	if o.Answered != nil {
		begun = *o.Answered
	}
	return after(begun, o.Limit), func(o Order, now uint64) Order { return o.asking(LimitReached, now) }
}
