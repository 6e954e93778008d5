package task_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// file is tasks.json.
type file struct {
	vectors.About
	States          []numbered
	Reasons         []numbered
	RefusedIDs      []vectors.RefusedText `json:"refused_ids"`
	Contents        []said
	RefusedContents []vectors.RefusedBytes `json:"refused_contents"`
	InvalidContents []vectors.RefusedBytes `json:"invalid_contents"`
	Bodies          []said
	RefusedBodies   []vectors.RefusedBytes `json:"refused_bodies"`
	Requests        []said
	RefusedRequests []vectors.RefusedBytes `json:"refused_requests"`
	InvalidRequests []vectors.RefusedBytes `json:"invalid_requests"`
	Answers         []said
	RefusedAnswers  []vectors.RefusedBytes `json:"refused_answers"`
	InvalidAnswers  []vectors.RefusedBytes `json:"invalid_answers"`
	Works           []walk[task.Work]
	Orders          []walk[task.Order]
}

type numbered struct {
	Number  uint8
	Name    string
	A2A     *string
	IsFinal *bool `json:"is_final"`
}

// said is what bytes say, with the hash of what has one.
type said struct {
	Says          any
	Bytes, Digest vectors.Hex
}

// walk is what events lead to.
type walk[M any] struct {
	Name  string
	Start M
	Steps []struct {
		Now     uint64
		Event   json.RawMessage
		Refused *string
		After   M
		Due     *uint64
	}
}

func load(t *testing.T) (f file) {
	vectors.Load(t, "tasks.json", &f)
	return f
}

// shown is a message as JSON: what is bytes in it is hexadecimal digits.
func shown(value any) any {
	switch v := value.(type) {
	case map[any]any:
		entries := make(map[string]any, len(v))
		for key, entry := range v {
			entries[key.(string)] = shown(entry)
		}
		return entries
	case []any:
		items := make([]any, 0, len(v))
		for _, item := range v {
			items = append(items, shown(item))
		}
		return items
	case []byte:
		return hex.EncodeToString(v)
	case uint64:
		return float64(v)
	}
	return value
}

// says checks that a message which was read is written as it came, and says what it should.
func says(t *testing.T, message any, encoded []byte, expected any) {
	t.Helper()
	again, err := wire.Encode(message)
	if err != nil || !bytes.Equal(again, encoded) {
		t.Errorf("%v is written as %x, %v", expected, again, err)
	}
	var found any
	if err := cbor.Unmarshal(encoded, &found); err != nil {
		t.Fatal(err)
	}
	if got := shown(found); !reflect.DeepEqual(got, expected) {
		t.Errorf("%v in place of %v", got, expected)
	}
}

// inFrame is what stands in a frame.
func inFrame(t *testing.T, frame []byte) []byte {
	t.Helper()
	body, err := wire.ReadFrame(bytes.NewReader(frame), task.Frame)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestNumbersAreAsWritten(t *testing.T) {
	f := load(t)
	for _, n := range f.States {
		state := task.State(n.Number)
		if state.Check() != nil || state.String() != n.Name || state.A2A() != *n.A2A || state.IsTerminal() != *n.IsFinal {
			t.Errorf("%+v is %s", n, state)
		}
		if read, err := task.ParseState(n.Name); err != nil || read != state {
			t.Errorf("%s: %v", n.Name, err)
		}
	}
	if task.State(len(f.States)).Check() == nil {
		t.Error("there is one more state")
	}
	for _, n := range f.Reasons {
		if reason := task.Reason(n.Number); reason.Check() != nil || reason.String() != n.Name {
			t.Errorf("%+v is %s", n, reason)
		}
	}
	if task.Reason(0).Check() == nil || task.Reason(len(f.Reasons)+1).Check() == nil {
		t.Error("there is one more reason")
	}
	for _, refused := range f.RefusedIDs {
		if _, err := task.ParseID(refused.Text); err == nil {
			t.Errorf("%q is an id, although %s", refused.Text, refused.Why)
		}
	}
}

func TestContentsAndBodiesAreAsWritten(t *testing.T) {
	f := load(t)
	for _, one := range f.Contents {
		var content task.Content
		if err := wire.Decode(one.Bytes, &content); err != nil || content.Validate() != nil {
			t.Fatalf("%v: %v", one.Says, err)
		}
		says(t, &content, one.Bytes, one.Says)
		if digest, err := content.Digest(); err != nil || !bytes.Equal(digest[:], one.Digest) {
			t.Errorf("%v has the digest %x, %v", one.Says, digest, err)
		}
	}
	for _, refused := range f.RefusedContents {
		if err := wire.Decode(refused.Bytes, new(task.Content)); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
	for _, invalid := range f.InvalidContents {
		var content task.Content
		if err := wire.Decode(invalid.Bytes, &content); err != nil || content.Validate() == nil {
			t.Errorf("%.40x is valid, although %s: %v", invalid.Bytes, invalid.Why, err)
		}
	}
	for _, one := range f.Bodies {
		body, err := task.ParseBody(one.Bytes)
		if err != nil {
			t.Fatalf("%v: %v", one.Says, err)
		}
		submission := body.Submission()
		says(t, &submission, one.Bytes, one.Says)
		if digest := body.Digest(); !bytes.Equal(digest[:], one.Digest) {
			t.Errorf("%v has the digest %x", one.Says, digest)
		}
	}
	for _, refused := range f.RefusedBodies {
		if _, err := task.ParseBody(refused.Bytes); err == nil {
			t.Errorf("%.40x is read, although %s", refused.Bytes, refused.Why)
		}
	}
}

func TestRequestsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, one := range f.Requests {
		request, err := task.ReadRequest(bytes.NewReader(one.Bytes))
		if err != nil || request.Validate() != nil {
			t.Fatalf("%v: %v, %v", one.Says, err, request.Validate())
		}
		says(t, request, inFrame(t, one.Bytes), one.Says)
		var again bytes.Buffer
		if err := task.WriteRequest(&again, request); err != nil || !bytes.Equal(again.Bytes(), one.Bytes) {
			t.Errorf("%v is written as %x, %v", one.Says, again.Bytes(), err)
		}
	}
	for _, refused := range f.RefusedRequests {
		if _, err := task.ReadRequest(bytes.NewReader(refused.Bytes)); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
	for _, invalid := range f.InvalidRequests {
		request, err := task.ReadRequest(bytes.NewReader(invalid.Bytes))
		if err != nil || request.Validate() == nil {
			t.Errorf("%.40x is valid, although %s: %v", invalid.Bytes, invalid.Why, err)
		}
	}
}

func TestAnswersAreAsWritten(t *testing.T) {
	f := load(t)
	for _, one := range f.Answers {
		answer, err := task.ReadAnswer(bytes.NewReader(one.Bytes))
		if err != nil {
			t.Fatalf("%v: %v", one.Says, err)
		}
		says(t, answer, inFrame(t, one.Bytes), one.Says)
		var again bytes.Buffer
		if err := task.WriteAnswer(&again, answer); err != nil || !bytes.Equal(again.Bytes(), one.Bytes) {
			t.Errorf("%v is written as %x, %v", one.Says, again.Bytes(), err)
		}
	}
	for _, refused := range f.RefusedAnswers {
		if _, err := task.ReadAnswer(bytes.NewReader(refused.Bytes)); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
	for _, invalid := range f.InvalidAnswers {
		answer, err := task.ReadAnswer(bytes.NewReader(invalid.Bytes))
		if err != nil || answer.Status == nil || answer.Status.Validate() == nil {
			t.Errorf("%.40x is valid, although %s: %v", invalid.Bytes, invalid.Why, err)
		}
	}
}

// fields are what events have.
type fields struct {
	Attempt  *uint32
	Progress *uint16
	Held     bool
	Lease    *uint64
	Reason   task.Reason
	Seq      uint64
}

// named is an event of the vectors: a word, or one with fields.
func named(t *testing.T, event json.RawMessage) (string, json.RawMessage) {
	t.Helper()
	var word string
	if json.Unmarshal(event, &word) == nil {
		return word, nil
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(event, &one); err != nil || len(one) != 1 {
		t.Fatalf("%s is no event: %v", event, err)
	}
	for word, with := range one {
		return word, with
	}
	return "", nil
}

func workEvent(t *testing.T, event json.RawMessage) task.WorkEvent {
	t.Helper()
	word, with := named(t, event)
	var f fields
	if with != nil {
		if err := json.Unmarshal(with, &f); err != nil {
			t.Fatal(err)
		}
	}
	events := map[string]task.WorkEvent{
		"accept": task.Accept{}, "decline": task.Decline{}, "stage": task.Stage{}, "start": task.Start{Lease: f.Lease},
		"beat": task.Beat{Attempt: f.Attempt}, "progress": task.Progress{Attempt: f.Attempt, Progress: f.Progress},
		"complete": task.Complete{Attempt: f.Attempt, Held: f.Held}, "delivered": task.Delivered{},
		"fileless": task.Fileless{}, "fail": task.Fail{Attempt: f.Attempt}, "interrupted": task.Interrupt{Attempt: f.Attempt},
		"restarted": task.Restarted{}, "cancel": task.CallOff{Reason: f.Reason}, "tick": task.Tick{},
		"trust_ended": task.Untrusted{}, "taken": task.Taken{Seq: f.Seq}, "applied": task.Applied{}, "abandoned": task.Abandon{},
	}
	found, known := events[word]
	if !known {
		t.Fatalf("%s is no event", event)
	}
	return found
}

func orderEvent(t *testing.T, event json.RawMessage) task.OrderEvent {
	t.Helper()
	word, with := named(t, event)
	var report struct {
		Seq      uint64
		State    task.State
		Attempt  uint32
		Reason   *task.Reason
		Progress *uint16
	}
	var code task.Denied
	into := any(&report)
	if word == "denied" {
		into = &code
	}
	if with != nil {
		if err := json.Unmarshal(with, into); err != nil {
			t.Fatal(err)
		}
	}
	r := &task.Report{
		Seq: report.Seq, State: report.State, Attempt: report.Attempt, Reason: report.Reason, Progress: report.Progress,
	}
	events := map[string]task.OrderEvent{
		"delivered": task.Delivered{}, "fileless": task.Fileless{}, "answered": task.Answered{Report: r},
		"cancel_answered": task.CancelAnswered{Report: r}, "reported": task.Reported{Report: r}, "denied": task.Rejected{Code: code},
		"cancel_asked": task.CancelAsked{}, "abandon": task.Abandon{}, "trust_ended": task.Untrusted{}, "tick": task.Tick{},
		"applied": task.Applied{},
	}
	found, known := events[word]
	if !known {
		t.Fatalf("%s is no event", event)
	}
	return found
}

// follow takes a walk.
func follow[M any](t *testing.T, w walk[M], step func(M, json.RawMessage, uint64) (M, error), due func(*M) (uint64, bool)) {
	t.Helper()
	now := w.Start
	for number, taken := range w.Steps {
		next, err := step(now, taken.Event, taken.Now)
		where := fmt.Sprintf("%s, step %d: %s at %d", w.Name, number, taken.Event, taken.Now)
		if (err != nil) != (taken.Refused != nil) || err != nil && !errors.Is(err, task.ErrRefused) {
			t.Errorf("%s: %v", where, err)
		}
		if !reflect.DeepEqual(next, taken.After) {
			t.Fatalf("%s leads to\n%+v in place of\n%+v", where, next, taken.After)
		}
		if at, ok := due(&next); ok != (taken.Due != nil) || ok && at != *taken.Due {
			t.Errorf("%s: it is due at %d", where, at)
		}
		now = next
	}
}

func TestWalksAreAsWritten(t *testing.T) {
	f := load(t)
	for _, w := range f.Works {
		follow(t, w, func(now task.Work, event json.RawMessage, at uint64) (task.Work, error) {
			return now.Step(workEvent(t, event), at)
		}, (*task.Work).Due)
	}
	for _, w := range f.Orders {
		follow(t, w, func(now task.Order, event json.RawMessage, at uint64) (task.Order, error) {
			return now.Step(orderEvent(t, event), at)
		}, (*task.Order).Due)
	}
}
