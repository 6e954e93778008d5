package trust

import (
	"errors"
	"fmt"
)

// Standing is where one agent stands towards another.
//
//	            ask                    approve, or our own request was there before
//	Stranger ───────► Requested ──┐
//	   │                          ├──────────────────────────────────────────────► Trusted
//	   └────────────► Pending ────┘
//	     hear request                  Stranger ◄── reject, revoke, lapse, said or heard
//
// Any can become Blocked, which hears nothing.
type Standing uint8

// The five.
const (
	// Stranger says that nothing is between them.
	Stranger Standing = iota
	// Requested says that we have asked.
	Requested
	// Pending says that the other has asked, and nobody has decided.
	Pending
	// Trusted says that each trusts the other.
	Trusted
	// Blocked says that we hear nothing of the other.
	Blocked
)

// String is the word for it.
func (s Standing) String() string {
	words := [...]string{"stranger", "requested", "pending", "trusted", "blocked"}
	if int(s) < len(words) {
		return words[s]
	}
	return fmt.Sprintf("standing %d", uint8(s))
}

// State is where one agent stands, and by which request.
type State struct {
	// Standing is where.
	Standing Standing
	// Request is ours if requested and the other's if pending. If trusted, it is the other's request that we accepted, or
	// nil if the other accepted ours.
	Request *StatementID
}

// Relation is all that one agent keeps of its trust in another. It is stored before anything is said. The zero value is a
// stranger.
type Relation struct {
	// State is where we stand.
	State State
	// Generation is the round between the two: the highest that either has said, at most [MaxGeneration]. A revoke of an
	// earlier round is stale.
	Generation uint64
	// Heard is At of the newest statement heard from the other; a request has to be newer.
	Heard uint64
}

// Event is what happens to a relation: one of [Ask], [Approve], [Reject], [Revoke], [Block], [Unblock], [Lapse], [Heard]
// and [Vouched].
type Event interface {
	step(Relation) (Step, error)
}

type (
	// Ask is when the owner asks the other for trust. It approves the other's request if there is one.
	Ask struct {
		// Request is ours, signed with [Relation.NextGeneration]. It is not looked at if this is an approval.
		Request StatementID
	}
	// Approve is when the owner approves the other's request.
	Approve struct{}
	// Reject is when the owner rejects the other's request.
	Reject struct {
		// Tell says whether the other gets to know.
		Tell bool
	}
	// Revoke is when the owner takes back whatever there is: trust, our request, or, without a word, the other's.
	Revoke struct{}
	// Block is when the owner wants to hear nothing more of the other.
	Block struct{}
	// Unblock is when the owner takes that back.
	Unblock struct{}
	// Lapse is when the time of what there is has run out: of a request, or of the scopes of trust.
	Lapse struct{}
	// Heard is when a valid statement of the other to us has arrived. The fields are those of [Statement].
	Heard struct {
		Kind       Kind
		ID         StatementID
		Generation uint64
		At         uint64
		Answers    *StatementID
	}
	// Vouched is when a request of the other has arrived, with the proof of a ticket of ours that is still good: it is
	// approved at once. The fields are those of [Statement].
	Vouched struct {
		ID         StatementID
		Generation uint64
		At         uint64
	}
)

// HeardOf is the event of a statement that has arrived.
func HeardOf(s *Statement) Heard {
	return Heard{Kind: s.Kind, ID: s.ID(), Generation: s.Generation, At: s.At, Answers: s.Answers}
}

// Step is what comes of an event.
type Step struct {
	// Relation is the one from now on. It is to be stored whatever Change says: Heard may have grown.
	Relation Relation
	// Say is what to say to the other now, in place of whatever it has not taken yet, or nil.
	Say *Say
	// Change is what the owner and the gate have to know.
	Change Change
}

// Say is what to say to the other. A request is that of [Ask].
type Say struct {
	Kind       Kind
	Generation uint64
	// Answers is what an accept and a reject answer, and what a revoke takes back or ends, if there is a request for it.
	Answers *StatementID
}

// Change is what has changed for the owner and the gate.
type Change uint8

// What changes.
const (
	// ChangeNone is nothing.
	ChangeNone Change = iota
	// ChangeAsked: a request of the other waits to be decided, a first one or one in place of another.
	ChangeAsked
	// ChangeRequested: we have asked.
	ChangeRequested
	// ChangeTrusted: each trusts the other now. Also when the other asked anew, and perhaps with other scopes.
	ChangeTrusted
	// ChangeRejected: a request is declined, ours by the other or the other's by us.
	ChangeRejected
	// ChangeWithdrawn: a request is taken back or has lapsed, ours or the other's.
	ChangeWithdrawn
	// ChangeRevokedByUs: trust is over, and we ended it.
	ChangeRevokedByUs
	// ChangeRevokedByOther: trust is over, and the other ended it.
	ChangeRevokedByOther
	// ChangeBlocked: the other is blocked. If it was trusted, that is over.
	ChangeBlocked
	// ChangeUnblocked: the other is a stranger again.
	ChangeUnblocked
	// ChangeGranted: the other, trusted already, has accepted again, perhaps with other scopes.
	ChangeGranted
)

// Why the owner cannot do that now.
var (
	// ErrBlocked says that the other is blocked.
	ErrBlocked = errors.New("the agent is blocked")
	// ErrAlreadyTrusted says that each trusts the other already.
	ErrAlreadyTrusted = errors.New("the agent is trusted already")
	// ErrNothingPending says that the other has not asked.
	ErrNothingPending = errors.New("no request of the agent is pending")
	// ErrNothingToRevoke says that there is neither trust nor a request.
	ErrNothingToRevoke = errors.New("there is neither trust nor a request to revoke")
	// ErrNotBlocked says that the other is not blocked.
	ErrNotBlocked = errors.New("the agent is not blocked")
)

// NextGeneration is the generation that our next request is to be signed with.
func (r Relation) NextGeneration() uint64 {
	if r.Generation >= MaxGeneration {
		return MaxGeneration
	}
	return r.Generation + 1
}

// IsTrusted says whether the other is trusted.
func (r Relation) IsTrusted() bool { return r.State.Standing == Trusted }

// Step lets an event happen. The error says what the owner cannot do now. What is heard is never refused; much of it
// changes nothing.
func (r Relation) Step(event Event) (Step, error) { return event.step(r) }

// to is a step to a state without a word.
func (r Relation) to(standing Standing, request *StatementID, change Change) Step {
	r.State = State{Standing: standing, Request: request}
	return Step{Relation: r, Change: change}
}

// stay is that nothing happens.
func (r Relation) stay() Step { return Step{Relation: r} }

// saying is the same step, with something to say in the round of its relation.
func (s Step) saying(kind Kind, answers *StatementID) Step {
	s.Say = &Say{Kind: kind, Generation: s.Relation.Generation, Answers: answers}
	return s
}

// isRequest says whether an answer names a request. Nothing names none.
func isRequest(request, answers *StatementID) bool {
	return request != nil && answers != nil && *request == *answers
}
