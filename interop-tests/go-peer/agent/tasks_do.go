package agent

import (
	"bytes"
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// NewTask is what a contact is to do. The zero value of each field but the first stands for what is usual.
type NewTask struct {
	Description string
	// ID makes a repeat the same task.
	ID task.ID
	// Input is what it is to be done with.
	Input *Material
	// Limit is how long it may take; [task.DefaultLimit] if zero.
	Limit     time.Duration
	Execution task.Execution
	// MaxReward is the most that it may be worth; [task.DefaultReward] if nil.
	MaxReward  *uint64
	Supersedes *task.ID
}

// What material is called that has no name of its own.
const (
	inputName  service.FileName = "input"
	outputName service.FileName = "output"
)

// SubmitTask gives a task to a contact, and returns once it is on our disk: from then on it is tried until there is an end.
func (a *Agent) SubmitTask(p peer.ID, n NewTask) (task.ID, error) {
	if !a.access.isTrusted(p) {
		return task.ID{}, ErrNoContact
	}
	taskID := n.ID
	if taskID == (task.ID{}) {
		var err error
		if taskID, err = task.NewID(); err != nil {
			return taskID, err
		}
	}
	key := taskbook.Key{Role: taskbook.Requester, Agent: agentOf(p), ID: taskID}
	s := &task.Submission{
		Description: n.Description, Limit: uint64(task.DefaultLimit.Milliseconds()), Execution: n.Execution,
		MaxReward: task.DefaultReward, Supersedes: n.Supersedes, At: unixMilli(),
	}
	if n.Limit != 0 {
		s.Limit = uint64(n.Limit.Milliseconds())
	}
	if n.MaxReward != nil {
		s.MaxReward = *n.MaxReward
	}
	var sending *task.Attachment
	var err error
	if s.Input, sending, err = a.desk.content(n.Input, inputName); err != nil {
		return taskID, err
	}
	body, err := task.BodyOf(s)
	if err == nil {
		err = a.change(func(tx *taskbook.Tx) error {
			if known := tx.Get(key); known != nil {
				return sameTask(known, *s)
			}
			order := task.NewOrder(s, sending != nil, tx.Now())
			tx.Put(&taskbook.Task{Key: key, Peer: p, Body: body.Bytes(), Order: &order, Sending: sending})
			return nil
		})
	}
	a.dropCopy(key, sending)
	return taskID, err
}

// sameTask says whether a task that is there is what is to be submitted again.
func sameTask(known *taskbook.Task, s task.Submission) error {
	former := known.Submission()
	s.At = former.At
	if s.Input != nil && s.Input.File != nil && former.Input != nil && former.Input.File != nil {
		// Copied once more, it has another id.
		file := *s.Input.File
		file.ID = former.Input.File.ID
		s.Input = &task.Content{File: &file}
	}
	if again, err := wire.Encode(&s); err != nil || !bytes.Equal(again, known.Body) {
		return ErrTaskConflict
	}
	return nil
}

// Tasks returns the tasks of both roles, those that were made first first.
func (a *Agent) Tasks() []*taskbook.Task {
	return a.desk.book.List(func(*taskbook.Task) bool { return true })
}

// Task returns the task with an id: of several, which different agents have chosen, one in this role.
func (a *Agent) Task(taskID task.ID, roles ...taskbook.Role) (*taskbook.Task, error) {
	found := a.desk.book.List(func(t *taskbook.Task) bool {
		return t.ID == taskID && (len(roles) == 0 || t.Role == roles[0])
	})
	switch len(found) {
	case 0:
		return nil, ErrNoTask
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%w: several agents have chosen this id", ErrAmbiguous)
}

// NextTask takes the first task of the queue and begins an attempt, which has to be heard of within the lease; nil: never. With
// accept, what nobody has accepted is taken as well if the queue is empty. It waits for one, and returns nil when the context
// ends.
func (a *Agent) NextTask(ctx context.Context, accept bool, lease *time.Duration) (*taskbook.Task, error) {
	for {
		changed := a.desk.book.Changed()
		next, err := a.takeNext(accept, lease)
		if next != nil || err != nil {
			return next, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil
		case <-a.ctx.Done():
			return nil, taskbook.ErrClosed
		}
	}
}

func (a *Agent) takeNext(accept bool, lease *time.Duration) (next *taskbook.Task, err error) {
	start := task.Start{}
	if lease != nil {
		bound := uint64(lease.Milliseconds())
		start.Lease = &bound
	}
	err = a.change(func(tx *taskbook.Tx) error {
		next = tx.Head()
		if next == nil && accept {
			if next = oldestNew(tx); next != nil {
				if err := a.stepWork(tx, next, task.Accept{}); err != nil {
					return err
				}
			}
		}
		if next == nil {
			return nil
		}
		return a.stepWork(tx, next, start)
	})
	if err != nil {
		return nil, err
	}
	return next, nil
}

func oldestNew(tx *taskbook.Tx) *taskbook.Task {
	var oldest *taskbook.Task
	for _, t := range tx.Live() {
		if t.Work == nil || t.Work.State != task.New {
			continue
		}
		if oldest == nil || t.Work.Received < oldest.Work.Received ||
			t.Work.Received == oldest.Work.Received && bytes.Compare(t.ID[:], oldest.ID[:]) < 0 {
			oldest = t
		}
	}
	return oldest
}

// AcceptTask puts a task into the queue.
func (a *Agent) AcceptTask(taskID task.ID) error { return a.work(taskID, task.Accept{}, nil) }

// DeclineTask does not.
func (a *Agent) DeclineTask(taskID task.ID, reason *string) error {
	return a.work(taskID, task.Decline{}, reason)
}

// ProgressTask says how far a task is, in thousandths; attempt nil is whichever is under way.
func (a *Agent) ProgressTask(taskID task.ID, attempt *uint32, progress *uint16, text *string) error {
	if progress != nil && *progress > 1000 {
		return fmt.Errorf("%w: a progress of %d is more than all", task.ErrInvalid, *progress)
	}
	return a.work(taskID, task.Progress{Attempt: attempt, Progress: progress}, text)
}

// FailTask says that there will be no result.
func (a *Agent) FailTask(taskID task.ID, attempt *uint32, reason *string) error {
	return a.work(taskID, task.Fail{Attempt: attempt}, reason)
}

// CompleteTask hands the result over, and returns once that is on our disk.
func (a *Agent) CompleteTask(taskID task.ID, attempt *uint32, result *Material) error {
	known, err := a.Task(taskID, taskbook.Worker)
	if err != nil {
		return err
	}
	output, sending, err := a.desk.content(result, outputName)
	if err != nil {
		return err
	}
	err = a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(known.Key)
		if t == nil {
			return ErrNoTask
		}
		if t.Work.State == task.Executing {
			if err := t.SetContent(output); err != nil {
				return err
			}
			if sending != nil {
				t.Sending = sending
			}
		}
		return a.stepWork(tx, t, task.Complete{Attempt: attempt, Held: sending != nil})
	})
	a.dropCopy(known.Key, sending)
	return err
}

// CancelTask has the worker of a task be asked to end it; with abandon it ends here at once, whatever the worker says.
func (a *Agent) CancelTask(taskID task.ID, text *string, abandon bool) error {
	if err := checkWords(text); err != nil {
		return err
	}
	known, err := a.Task(taskID, taskbook.Requester)
	if err != nil {
		return err
	}
	return a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(known.Key)
		if t == nil {
			return ErrNoTask
		}
		t.CancelText = text
		if abandon {
			return a.stepOrder(tx, t, task.Abandon{})
		}
		return a.stepOrder(tx, t, task.CancelAsked{})
	})
}

// work lets an event happen to a task that was given to us, with words that go with it.
func (a *Agent) work(taskID task.ID, e task.WorkEvent, text *string) error {
	if err := checkWords(text); err != nil {
		return err
	}
	known, err := a.Task(taskID, taskbook.Worker)
	if err != nil {
		return err
	}
	return a.change(func(tx *taskbook.Tx) error {
		t := tx.Get(known.Key)
		if t == nil {
			return ErrNoTask
		}
		former := t.Work.Seq
		if err := a.stepWork(tx, t, e); err != nil {
			return err
		}
		if text != nil && t.Work.Seq != former {
			t.Text = text
			tx.Put(t)
		}
		return nil
	})
}

func checkWords(text *string) error {
	switch {
	case text == nil:
		return nil
	case len(*text) > task.MaxText:
		return fmt.Errorf("%w: a text of %d bytes is over the limit of %d", task.ErrInvalid, len(*text), task.MaxText)
	case !utf8.ValidString(*text):
		return fmt.Errorf("%w: the text is not utf-8", task.ErrInvalid)
	}
	return nil
}

// Task is a task as it is kept.
type Task = taskbook.Task

// Role is what we are in a task.
type Role = taskbook.Role

// The two roles.
const (
	Requester = taskbook.Requester
	Worker    = taskbook.Worker
)

// IsStalled says whether a task is being executed, and nothing has been heard of that for long.
func (a *Agent) IsStalled(t *Task) bool { return t.Work != nil && t.Work.IsStalled(a.desk.book.Now()) }

// Receipt returns a receipt of ours by its hash; nil if there is none.
func (a *Agent) Receipt(hash *polo.Hash) *polo.Receipt { return a.desk.book.Receipt(hash) }
