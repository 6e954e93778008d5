package agent

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

// Why a receipt is not taken.
var (
	errOtherClaim = errors.New("the receipt is not of what we claim")
	errPlace      = errors.New("the receipt does not follow from those before it")
)

// errClaim says that a claim is not about the task that it came with.
var errClaim = errors.New("the claim is of something else")

// outcome is what a claim says of a task in a state.
func outcome(s task.State) polo.Outcome {
	switch s {
	case task.Failed:
		return polo.Failure
	case task.Expired:
		return polo.Expiry
	default:
		return polo.Success
	}
}

// claim signs what we have done.
func (a *Agent) claim(t *taskbook.Task) ([]byte, error) {
	body, err := task.ParseBody(t.Body)
	if err != nil {
		return nil, err
	}
	draft := polo.Draft{
		Requester: t.Agent, Task: t.ID, Request: body.Digest(), Outcome: outcome(t.Work.State), Times: t.Work.Times,
		MaxReward: min(body.Submission().MaxReward, polo.MaxNumber), At: unixMilli(),
	}
	if content := t.Content(); content != nil && draft.Outcome == polo.Success {
		if draft.Output, err = content.Digest(); err != nil {
			return nil, err
		}
	}
	claim, err := polo.SignClaim(a.key, draft)
	if err != nil {
		return nil, fmt.Errorf("signing what was done: %w", err)
	}
	return claim.Bytes(), nil
}

// claimOf reads the claim that came with a report, and checks that it is about that.
func (a *Agent) claimOf(t *taskbook.Task, r *task.Report) (*polo.Claim, error) {
	claim, err := polo.ParseClaim(r.Claim)
	if err != nil {
		return nil, err
	}
	body, err := task.ParseBody(t.Body)
	if err != nil {
		return nil, err
	}
	var output [32]byte
	if r.Output != nil {
		if output, err = r.Output.Digest(); err != nil {
			return nil, err
		}
	}
	isAbout := claim.Worker() == t.Agent && claim.Requester == a.ID() && claim.Task == t.ID &&
		claim.Request == body.Digest() && claim.Output == output
	if !isAbout || claim.Outcome != outcome(r.State) || claim.MaxReward > body.Submission().MaxReward {
		return nil, errClaim
	}
	return claim, nil
}

// issue signs the receipt of a claim, in the change that applies what it is for.
func (a *Agent) issue(tx *taskbook.Tx, t *taskbook.Task, claim *polo.Claim) error {
	seen := t.Order.Observed(tx.Now())
	pair := polo.Pair{Requester: a.ID(), Worker: t.Agent}
	granted := polo.Granted(claim.Times, seen.IdleAtLeast, seen.CPUAtMost)
	receipt, err := polo.Issue(a.key, claim, granted, tx.Tip(pair), unixMilli())
	if err != nil {
		return fmt.Errorf("signing the receipt: %w", err)
	}
	hash := receipt.Hash()
	t.Receipt = &hash
	tx.Keep(receipt)
	tx.Put(t)
	return nil
}

// takeReceipt takes in the receipt of a task that we have done.
func (a *Agent) takeReceipt(key taskbook.Key, envelope []byte) error {
	receipt, err := polo.ParseReceipt(envelope)
	if err != nil {
		return err
	}
	return a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(key)
		if t == nil || t.Receipt != nil {
			return nil
		}
		pair := polo.Pair{Requester: t.Agent, Worker: a.ID()}
		if receipt.Pair() != pair || !bytes.Equal(receipt.Claim.Bytes(), t.Claim) {
			return errOtherClaim
		}
		if place := tx.Tip(pair); receipt.Place != place {
			return fmt.Errorf("%w: it is number %d, and %d is next", errPlace, receipt.Seq, place.Seq)
		}
		hash := receipt.Hash()
		t.Receipt = &hash
		tx.Keep(receipt)
		return a.stepWork(tx, t, task.Applied{})
	})
}

// takeReport takes in what the worker says of a task of ours: result, state and receipt are on the disk before it is answered.
func (a *Agent) takeReport(s *Stream, from id.AgentID, r *task.Report) (task.Answer, error) {
	key := taskbook.Key{Role: taskbook.Requester, Agent: from, ID: r.Task}
	var answer task.Answer
	err := a.change(func(tx *taskbook.Tx) (err error) {
		t := tx.Get(key)
		if t == nil {
			answer = a.refuse(from, task.UnknownTask, nil)
			return nil
		}
		answer, err = a.applyReport(tx, t, r)
		return err
	})
	return answer, err
}

func (a *Agent) applyReport(tx *taskbook.Tx, t *taskbook.Task, r *task.Report) (task.Answer, error) {
	var claim *polo.Claim
	var err error
	if r.Claim != nil {
		if claim, err = a.claimOf(t, r); err != nil {
			return a.refuse(t.Agent, task.Invalid, err), nil
		}
	}
	if r.Output != nil && t.Receipt == nil && !a.hasFile(t.Agent, r.Output) {
		return a.refuse(t.Agent, task.NoFile, nil), nil
	}
	former := t.Order.Seq
	switch err := a.stepOrder(tx, t, task.Reported{Report: r}); {
	case errors.Is(err, task.ErrGivenUp):
		return a.refuse(t.Agent, task.GivenUp, err), nil
	case err != nil:
		return a.refuse(t.Agent, task.Closed, err), nil
	}
	if t.Order.Seq > former {
		t.Text = r.Text
		tx.Put(t)
	}
	if receipt := tx.Receipt(t.Receipt); receipt != nil {
		if claim != nil && !bytes.Equal(receipt.Claim.Bytes(), claim.Bytes()) {
			return a.refuse(t.Agent, task.Closed, errClaim), nil
		}
		return task.Answer{Receipt: receipt.Bytes()}, nil
	}
	if claim == nil || r.State != t.Order.State {
		return task.Answer{Taken: true}, nil
	}
	return a.finish(tx, t, r, claim)
}

// finish applies the end of a task of ours, and answers with the receipt.
func (a *Agent) finish(tx *taskbook.Tx, t *taskbook.Task, r *task.Report, claim *polo.Claim) (task.Answer, error) {
	if err := a.issue(tx, t, claim); err != nil {
		return task.Answer{}, err
	}
	if r.State == task.Completed {
		if err := t.SetContent(r.Output); err != nil {
			return task.Answer{}, err
		}
		if err := a.stepOrder(tx, t, task.Applied{}); err != nil {
			return task.Answer{}, err
		}
	}
	return task.Answer{Receipt: tx.Kept()}, nil
}
