package agent

import (
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

// taskIdle is how long the next request of a stream may take to come in whole, and an answer to go out.
const taskIdle = time.Minute

// serveTasks answers one request after the other.
func (a *Agent) serveTasks(s *Stream, _ func()) {
	from, err := id.AgentIDOfPeer(s.Peer())
	for err == nil {
		_ = s.SetDeadline(time.Now().Add(taskIdle))
		var request *task.Request
		if request, err = task.ReadRequest(s); err != nil {
			break
		}
		if a.isOver(s) {
			err = ErrCut
			break
		}
		var answer task.Answer
		if answer, err = a.answerTask(s, from, request); err == nil {
			err = task.WriteAnswer(s, &answer)
		}
	}
	if !errors.Is(err, io.EOF) {
		_ = s.Reset()
	}
}

// answerTask answers a request. The error is that of the disk: the other asks again.
func (a *Agent) answerTask(s *Stream, from id.AgentID, r *task.Request) (task.Answer, error) {
	if err := r.Validate(); err != nil {
		return a.refuse(from, task.Invalid, err), nil
	}
	switch {
	case r.Submit != nil:
		return a.takeSubmission(s, from, r.Submit)
	case r.Report != nil:
		return a.takeReport(s, from, r.Report)
	case r.Cancel != nil:
		return a.takeCancellation(s, from, r.Cancel)
	case r.Query != nil:
		return a.answerQuery(from, r.Query), nil
	}
	return a.showReceipts(r.Receipts), nil
}

// refuse denies a request, and leaves a note of it.
func (a *Agent) refuse(from id.AgentID, why task.Denied, err error) task.Answer {
	slog.Info("a request about a task is denied", "from", from.Fingerprint(), "answer", why.Error(), "error", err)
	return task.Deny(why)
}

func (a *Agent) takeSubmission(s *Stream, from id.AgentID, r *task.Submit) (task.Answer, error) {
	body, err := task.ParseBody(r.Body)
	if err != nil {
		return a.refuse(from, task.Invalid, err), nil
	}
	key := taskbook.Key{Role: taskbook.Worker, Agent: from, ID: r.Task}
	var answer task.Answer
	err = a.change(func(tx *taskbook.Tx) error {
		known := tx.Get(key)
		if known != nil {
			answer = a.knownSubmission(known, body, from)
			return nil
		}
		if why := a.mayNotSubmit(tx, s, body); why != 0 {
			answer = a.refuse(from, why, nil)
			return nil
		}
		submission := body.Submission()
		work := task.NewWork(&submission, tx.Now())
		t := &taskbook.Task{Key: key, Peer: s.Peer(), Body: body.Bytes(), Work: &work}
		tx.Put(t)
		answer = task.Answer{Status: status(t)}
		return nil
	})
	return answer, err
}

// knownSubmission answers a task that is submitted again.
func (a *Agent) knownSubmission(known *taskbook.Task, body *task.Body, from id.AgentID) task.Answer {
	if known.Body != nil {
		if former, err := task.ParseBody(known.Body); err != nil || former.Digest() != body.Digest() {
			return a.refuse(from, task.Conflict, err)
		}
	}
	return task.Answer{Status: status(known)}
}

// mayNotSubmit says why a new task is not taken; 0: it is.
func (a *Agent) mayNotSubmit(tx *taskbook.Tx, s *Stream, body *task.Body) task.Denied {
	relation, _ := a.relationOf(s.Peer())
	if scopes := orEverything(relation.Scopes); !scopes.Submit {
		return task.NotAllowed
	}
	from, own, all := agentOf(s.Peer()), 0, 0
	for _, t := range tx.Live() {
		if t.Work == nil {
			continue
		}
		all++
		if t.Agent == from {
			own++
		}
	}
	if own >= openPerRequester || all >= openInAll || a.hasTooMany(from) {
		return task.Full
	}
	if input := body.Submission().Input; input != nil && !a.hasFile(from, input) {
		return task.NoFile
	}
	return 0
}

// hasTooMany says whether so many tasks of one requester are remembered that there is no room for another.
func (a *Agent) hasTooMany(from id.AgentID) bool {
	kept := a.desk.book.List(func(t *taskbook.Task) bool { return t.Work != nil && t.Agent == from })
	return len(kept) >= keptPerRequester
}

// hasFile says whether a file that content names has come from the agent; true if it names none.
func (a *Agent) hasFile(from id.AgentID, content *task.Content) bool {
	if content.File == nil {
		return true
	}
	for _, item := range a.services.inbox.Files() {
		if item.From == from && item.Message.ID == content.File.ID {
			return item.File.Size == content.File.Size && item.File.Digest == content.File.Digest
		}
	}
	return false
}

// takeCancellation ends a task of the agent, also one that has not come: then that never begins.
func (a *Agent) takeCancellation(s *Stream, from id.AgentID, r *task.Cancel) (task.Answer, error) {
	key := taskbook.Key{Role: taskbook.Worker, Agent: from, ID: r.Task}
	var answer task.Answer
	err := a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(key)
		switch {
		case t == nil && a.hasTooMany(from):
			answer = a.refuse(from, task.Full, nil)
			return nil
		case t == nil:
			work := task.Tombstone(r.Reason, tx.Now())
			t = &taskbook.Task{Key: key, Peer: s.Peer(), Work: &work, Text: r.Text}
			tx.Put(t)
		default:
			wasOver := t.Work.State.IsTerminal()
			if err := a.stepWork(tx, t, task.CallOff{Reason: r.Reason}); err != nil {
				return err
			}
			if t.Work.State == task.Cancelled && !wasOver {
				t.Text = r.Text
				tx.Put(t)
			}
		}
		answer = task.Answer{Status: status(t)}
		return nil
	})
	return answer, err
}

func (a *Agent) answerQuery(from id.AgentID, r *task.Query) task.Answer {
	t := a.desk.book.Get(taskbook.Key{Role: taskbook.Worker, Agent: from, ID: r.Task})
	if t == nil {
		return a.refuse(from, task.UnknownTask, nil)
	}
	return task.Answer{Status: report(t)}
}

// showReceipts serves those of a pair, if the owner wants that: they name others.
func (a *Agent) showReceipts(r *task.WantReceipts) task.Answer {
	if !a.config.ShareReceipts {
		return task.Deny(task.NotShared)
	}
	pair := polo.Pair{Requester: r.Requester, Worker: r.Worker}
	shown := &task.Receipts{Receipts: [][]byte{}}
	for _, receipt := range a.desk.book.Receipts() {
		if receipt.Pair() != pair {
			continue
		}
		shown.Last = receipt.Seq
		if receipt.Seq > r.After && len(shown.Receipts) < task.MaxReceipts {
			shown.Receipts = append(shown.Receipts, receipt.Bytes())
		}
	}
	return task.Answer{Receipts: shown}
}

// status is how a task is that was given to us: the answer to a submission and a cancellation.
func status(t *taskbook.Task) *task.Report {
	r := t.Work.Report(t.ID)
	r.Text = t.Text
	return r
}

// report is the same with all that belongs to it: what the requester is told.
func report(t *taskbook.Task) *task.Report {
	r := status(t)
	if r.State == task.Completed || r.State == task.Succeeded {
		r.Output = t.Content()
	}
	if t.Work.LeavesReceipt() && !t.Work.Held {
		r.Claim = t.Claim
	}
	return r
}
