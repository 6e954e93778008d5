package taskbook

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Role is what we are in a task.
type Role uint8

// The two.
const (
	Requester Role = iota
	Worker
)

// String is the word for it.
func (r Role) String() string {
	if r == Worker {
		return "worker"
	}
	return "requester"
}

// Key is what makes a task one: two requesters may choose the same id.
type Key struct {
	Role Role `json:"role"`
	// Agent is the other.
	Agent id.AgentID `json:"agent"`
	ID    task.ID    `json:"id"`
}

// Task is a task as it is kept. It is never changed: a change puts another one in its place.
type Task struct {
	Key
	// Peer is the other in libp2p.
	Peer peer.ID `json:"peer"`
	// Body is the submission as it travels; empty for one that was cancelled before it came.
	Body []byte `json:"body,omitempty"`
	// Work is how it is if we are the worker, Order if we are the requester.
	Work  *task.Work  `json:"work,omitempty"`
	Order *task.Order `json:"order,omitempty"`
	// Text goes with the state, in the words of whoever brought it about; CancelText with our wish to end it.
	Text       *string `json:"text,omitempty"`
	CancelText *string `json:"cancel_text,omitempty"`
	// Output is the result, as it travels; empty if there is none.
	Output []byte `json:"output,omitempty"`
	// Claim is the envelope of what we claim to have done.
	Claim []byte `json:"claim,omitempty"`
	// Receipt is the hash of its receipt; nil if there is none.
	Receipt *polo.Hash `json:"receipt,omitempty"`
	// Sending is a file of ours that goes with it and is not delivered yet, or whose copy is still there.
	Sending *task.Attachment `json:"sending,omitempty"`
	// Position is its place in the order of acceptance.
	Position uint64 `json:"position,omitempty"`
	// Created and Changed are times of the clock on the wall, to be shown, in milliseconds since 1970.
	Created uint64 `json:"created"`
	Changed uint64 `json:"changed"`
}

// State is how far it is.
func (t *Task) State() task.State {
	if t.Work != nil {
		return t.Work.State
	}
	return t.Order.State
}

// Seq is the number of its newest report.
func (t *Task) Seq() uint64 {
	if t.Work != nil {
		return t.Work.Seq
	}
	return t.Order.Seq
}

// Attempt is how often it was begun.
func (t *Task) Attempt() uint32 {
	if t.Work != nil {
		return t.Work.Attempt
	}
	return t.Order.Attempt
}

// Reason is why it is where it is, or nil.
func (t *Task) Reason() *task.Reason {
	if t.Work != nil {
		return t.Work.Reason
	}
	return t.Order.Reason
}

// Progress is how far the execution is, in thousandths, or nil.
func (t *Task) Progress() *uint16 {
	if t.Work != nil {
		return t.Work.Progress
	}
	return t.Order.Progress
}

// IsSettled says whether it is over, and nobody has anything to say about it.
func (t *Task) IsSettled() bool {
	if t.Work != nil {
		return t.Work.IsSettled()
	}
	return t.Order.IsSettled()
}

// IsTold says whether nothing about it is on its way any more: no request, and no file.
func (t *Task) IsTold() bool {
	if t.Work != nil {
		return !t.Work.HasNews() && !t.Work.Held
	}
	return !t.Order.Cancels() && !t.Order.Submits() && !t.Order.Held
}

// due is when time changes something; false if never.
func (t *Task) due() (uint64, bool) {
	if t.Work != nil {
		return t.Work.Due()
	}
	return t.Order.Due()
}

// Submission is what is to be done; the zero value for one that was cancelled before it came.
func (t *Task) Submission() task.Submission {
	body, err := task.ParseBody(t.Body)
	if err != nil {
		return task.Submission{}
	}
	return body.Submission()
}

// Content is the result, or nil.
func (t *Task) Content() *task.Content {
	var content task.Content
	if len(t.Output) == 0 || wire.DecodeItem(t.Output, &content) != nil {
		return nil
	}
	return &content
}

// SetContent makes something the result.
func (t *Task) SetContent(content *task.Content) error {
	if content == nil {
		t.Output = nil
		return nil
	}
	output, err := wire.EncodeItem(content)
	t.Output = output
	return err
}

// FileName is what the copy of a file of ours is called: its name is never a part of a path.
func FileName(of service.MessageID) string { return fmt.Sprintf("%x", of[:]) }
