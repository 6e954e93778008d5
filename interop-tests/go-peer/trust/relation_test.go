package trust_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

var (
	ours   = trust.StatementID{1}
	theirs = trust.StatementID{2}
	next   = trust.StatementID{3}
)

func at(standing trust.Standing, request *trust.StatementID) trust.Relation {
	return trust.Relation{State: trust.State{Standing: standing, Request: request}, Generation: 4, Heard: 10}
}

func heard(kind trust.Kind, generation, at uint64, answers *trust.StatementID) trust.Heard {
	return trust.Heard{Kind: kind, ID: next, Generation: generation, At: at, Answers: answers}
}

func TestWhatComesOfAnEvent(t *testing.T) {
	revoke := &trust.Say{Kind: trust.KindRevoke, Generation: 4, Answers: &theirs}
	takeBack := &trust.Say{Kind: trust.KindRevoke, Generation: 4, Answers: &ours}
	accept := &trust.Say{Kind: trust.KindAccept, Generation: 4, Answers: &theirs}
	crossing := trust.Heard{Kind: trust.KindRequest, ID: theirs, Generation: 2, At: 11}
	for _, c := range []struct {
		name   string
		before trust.Relation
		event  trust.Event
		after  trust.Standing
		say    *trust.Say
		change trust.Change
	}{
		{"two requests that cross", at(trust.Requested, &ours), crossing, trust.Trusted, accept, trust.ChangeTrusted},
		{"asking who has asked", at(trust.Pending, &theirs), trust.Ask{Request: ours}, trust.Trusted, accept, trust.ChangeTrusted},
		{"an accept", at(trust.Requested, &ours), heard(trust.KindAccept, 4, 11, &ours), trust.Trusted, nil, trust.ChangeTrusted},
		{"an accept of another request", at(trust.Requested, &ours), heard(trust.KindAccept, 4, 11, &next), trust.Requested, nil, trust.ChangeNone},
		{"an old accept", at(trust.Requested, &ours), heard(trust.KindAccept, 4, 10, &ours), trust.Requested, nil, trust.ChangeNone},
		{"a reject", at(trust.Requested, &ours), heard(trust.KindReject, 4, 11, &ours), trust.Stranger, nil, trust.ChangeRejected},
		{"a revoke by its time", at(trust.Trusted, &theirs), heard(trust.KindRevoke, 1, 11, nil), trust.Stranger, revoke, trust.ChangeRevokedByOther},
		{"a revoke by its generation", at(trust.Trusted, &theirs), heard(trust.KindRevoke, 4, 9, nil), trust.Stranger, revoke, trust.ChangeRevokedByOther},
		{"a revoke by its request", at(trust.Trusted, &theirs), heard(trust.KindRevoke, 1, 9, &theirs), trust.Stranger, revoke, trust.ChangeRevokedByOther},
		{"a stale revoke", at(trust.Trusted, &theirs), heard(trust.KindRevoke, 3, 10, &next), trust.Trusted, nil, trust.ChangeNone},
		{"our revoke", at(trust.Trusted, &theirs), trust.Revoke{}, trust.Stranger, revoke, trust.ChangeRevokedByUs},
		{"taking our request back", at(trust.Requested, &ours), trust.Revoke{}, trust.Stranger, takeBack, trust.ChangeWithdrawn},
		{"a request that lapses", at(trust.Requested, &ours), trust.Lapse{}, trust.Stranger, takeBack, trust.ChangeWithdrawn},
		{"a recorded request", at(trust.Stranger, nil), heard(trust.KindRequest, 9, 10, nil), trust.Stranger, nil, trust.ChangeNone},
		{"who is blocked", at(trust.Blocked, nil), heard(trust.KindRequest, 9, 99, nil), trust.Blocked, nil, trust.ChangeNone},
	} {
		step, err := c.before.Step(c.event)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if step.Relation.State.Standing != c.after || step.Change != c.change || !reflect.DeepEqual(step.Say, c.say) {
			t.Errorf("%s: %+v, say %+v, change %d", c.name, step.Relation, step.Say, step.Change)
		}
	}
}

func TestATicketApprovesItselfOnce(t *testing.T) {
	vouched := trust.Vouched{ID: next, Generation: 1, At: 11}
	for _, before := range []trust.Relation{{}, at(trust.Pending, &theirs), at(trust.Requested, &ours), at(trust.Trusted, &theirs)} {
		step, err := before.Step(vouched)
		if err != nil || step.Change != trust.ChangeTrusted || step.Say == nil || *step.Say.Answers != next {
			t.Errorf("%+v: %+v, %v", before, step, err)
			continue
		}
		over, err := step.Relation.Step(trust.Revoke{})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := over.Relation.Step(vouched); err != nil || again.Relation.IsTrusted() {
			t.Errorf("played back: %+v, %v", again, err)
		}
	}
}

func TestWhatCannotBeDoneIsRefusedByName(t *testing.T) {
	for _, c := range []struct {
		before trust.Relation
		event  trust.Event
		why    error
	}{
		{at(trust.Trusted, nil), trust.Ask{Request: ours}, trust.ErrAlreadyTrusted},
		{at(trust.Trusted, nil), trust.Approve{}, trust.ErrAlreadyTrusted},
		{at(trust.Requested, &ours), trust.Approve{}, trust.ErrNothingPending},
		{at(trust.Trusted, nil), trust.Reject{Tell: true}, trust.ErrNothingPending},
		{trust.Relation{}, trust.Revoke{}, trust.ErrNothingToRevoke},
		{trust.Relation{}, trust.Unblock{}, trust.ErrNotBlocked},
		{at(trust.Blocked, nil), trust.Ask{Request: ours}, trust.ErrBlocked},
		{at(trust.Blocked, nil), trust.Revoke{}, trust.ErrBlocked},
	} {
		if _, err := c.before.Step(c.event); !errors.Is(err, c.why) {
			t.Errorf("%T at %s: %v", c.event, c.before.State.Standing, err)
		}
	}
}
