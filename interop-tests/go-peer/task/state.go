package task

import (
	"errors"
	"fmt"
)

// ErrUnknown says that a number from the wire stands for nothing in this version of the protocol.
var ErrUnknown = errors.New("not known")

// State is how far a task is. It is a closed set: any other number is a malformed report.
type State uint8

// The states of a task.
const (
	// Submitted: the worker has not answered. Only the requester has it.
	Submitted State = iota
	// New: it is on the worker's disk, and nobody has accepted it.
	New
	// Accepted: it is in the worker's queue.
	Accepted
	// Executing: somebody works on it.
	Executing
	// Completed: the result is on the worker's disk.
	Completed
	// Succeeded: the requester has the result, and has signed the receipt.
	Succeeded
	// Declined: the worker does not want it.
	Declined
	// Failed: the worker has tried.
	Failed
	// Cancelled: it is not wanted any more, or was not taken up.
	Cancelled
	// Expired: it stood at the head of the queue for too long.
	Expired
)

var stateNames = [...]string{
	"submitted", "new", "accepted", "executing", "completed", "succeeded", "declined", "failed", "cancelled", "expired",
}

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (s State) Check() error {
	if int(s) >= len(stateNames) {
		return fmt.Errorf("state %d is %w", uint8(s), ErrUnknown)
	}
	return nil
}

// String is the word for it.
func (s State) String() string {
	if s.Check() != nil {
		return fmt.Sprintf("state %d", uint8(s))
	}
	return stateNames[s]
}

// ParseState reads the word.
func ParseState(word string) (State, error) {
	for state, name := range stateNames {
		if name == word {
			return State(state), nil
		}
	}
	return 0, fmt.Errorf("the state %q is %w", word, ErrUnknown)
}

// IsTerminal says whether nothing changes any more.
func (s State) IsTerminal() bool { return s >= Succeeded }

// A2A is the state of the A2A protocol that comes closest.
func (s State) A2A() string {
	switch s {
	case Submitted, New, Accepted:
		return "TASK_STATE_SUBMITTED"
	case Executing, Completed:
		return "TASK_STATE_WORKING"
	case Succeeded:
		return "TASK_STATE_COMPLETED"
	case Declined:
		return "TASK_STATE_REJECTED"
	case Cancelled:
		return "TASK_STATE_CANCELED"
	default:
		return "TASK_STATE_FAILED"
	}
}

// Reason is why a task ended otherwise than in success. It is a closed set.
type Reason uint8

// The reasons.
const (
	// ByWorker: the worker declined it, or has failed.
	ByWorker Reason = iota + 1
	// NotAccepted: it was not accepted in time.
	NotAccepted
	// TooLong: it stood at the head of the queue for too long.
	TooLong
	// ByRequester: the requester cancelled it.
	ByRequester
	// LimitReached: the worker has had all the time that it may take.
	LimitReached
	// Interrupted: execution broke off, and it may be executed once at most.
	Interrupted
	// TrustEnded: one of the two does not trust the other any more.
	TrustEnded
	// Unreachable: the worker could not be reached for too long.
	Unreachable
	// Abandoned: the requester gave it up without the worker's word.
	Abandoned
	// FileLost: a file that belongs to it could not be delivered.
	FileLost
	// Refused: the worker denied the submission.
	Refused
)

var reasonNames = [...]string{
	"by the worker", "not accepted in time", "too long at the head of the queue", "by the requester", "limit reached",
	"interrupted", "trust ended", "unreachable", "abandoned", "file not delivered", "refused",
}

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (r Reason) Check() error {
	if r == 0 || int(r) > len(reasonNames) {
		return fmt.Errorf("reason %d is %w", uint8(r), ErrUnknown)
	}
	return nil
}

// String is the words for it.
func (r Reason) String() string {
	if r.Check() != nil {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return reasonNames[r-1]
}

// Denied is why a request comes to nothing. It is a closed set, and an error.
type Denied uint8

// Why a request is denied.
const (
	// NotAllowed: the scopes do not let this agent submit tasks.
	NotAllowed Denied = iota + 1
	// Invalid: it breaks a rule.
	Invalid
	// Conflict: another task has this id.
	Conflict
	// Full: there is no room; try again later.
	Full
	// BadScore: the reputation does not suffice.
	BadScore
	// UnknownTask: there is no such task between the two.
	UnknownTask
	// Later: try again in a moment.
	Later
	// GivenUp: the requester has abandoned the task.
	GivenUp
	// NoFile: the file that it names has not come.
	NoFile
	// NotShared: receipts of others are not served.
	NotShared
	// Closed: the task has ended already.
	Closed
)

var deniedNames = [...]string{
	"tasks of this agent are not taken", "the request breaks a rule", "another task has this id", "there is no room for it",
	"the score of this agent does not suffice", "there is no such task", "not now", "the task was given up",
	"the file has not come", "receipts are not shared", "the task has ended already",
}

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (d Denied) Check() error {
	if d == 0 || int(d) > len(deniedNames) {
		return fmt.Errorf("denial %d is %w", uint8(d), ErrUnknown)
	}
	return nil
}

// Error implements error.
func (d Denied) Error() string {
	if d.Check() != nil {
		return fmt.Sprintf("denied: %d", uint8(d))
	}
	return "denied: " + deniedNames[d-1]
}

// IsTemporary says whether the same request may go better later.
func (d Denied) IsTemporary() bool { return d == Full || d == Later || d == NoFile }

// Execution is how often a task may be begun.
type Execution uint8

// The two ways.
const (
	// AtLeastOnce: what breaks off is begun anew.
	AtLeastOnce Execution = 0
	// AtMostOnce: what breaks off has failed.
	AtMostOnce Execution = 1
)

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (e Execution) Check() error {
	if e > AtMostOnce {
		return fmt.Errorf("execution %d is %w", uint8(e), ErrUnknown)
	}
	return nil
}

// String is the words for it.
func (e Execution) String() string {
	if e == AtMostOnce {
		return "at-most-once"
	}
	return "at-least-once"
}
