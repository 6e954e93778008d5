package agent

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

// submit gives a task.
func submit(t *testing.T, a *Agent, p peer.ID, n NewTask) task.ID {
	t.Helper()
	id, err := a.SubmitTask(p, n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// takeTask takes the next task, which has to be this one.
func takeTask(t *testing.T, a *Agent, id task.ID) *Task {
	t.Helper()
	next, err := a.NextTask(soon(t), true, nil)
	if err != nil || next == nil || next.ID != id {
		t.Fatalf("the next one is %+v, %v", next, err)
	}
	return next
}

// comesTo waits until an agent has a task in a state, with nothing left to be said about it.
func comesTo(t *testing.T, a *Agent, id task.ID, state task.State) (found *Task) {
	t.Helper()
	eventually(t, "the task has "+state.String(), func() bool {
		found, _ = a.Task(id)
		return found != nil && found.State() == state && found.IsSettled()
	})
	return found
}

func words(text string) *string { return &text }

func TestATaskSucceedsAndLeavesOneReceiptWithBoth(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	result := strings.Repeat("é", task.MaxInline/2)
	for seq := range uint64(3) {
		id := submit(t, a, b.PeerID(), NewTask{Description: "double it", Input: &Material{Inline: []byte("é")}})
		next := takeTask(t, b, id)
		if s := next.Submission(); s.Description != "double it" || string(s.Input.Inline) != "é" {
			t.Fatalf("%+v", s)
		}
		half := uint16(500)
		if err := b.ProgressTask(id, nil, &half, words("half of it")); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the requester hears of it", func() bool {
			heard, err := a.Task(id)
			return err == nil && heard.State() == task.Executing && heard.Progress() != nil && *heard.Text == "half of it"
		})
		if err := b.CompleteTask(id, nil, &Material{Inline: []byte(result)}); err != nil {
			t.Fatal(err)
		}
		ours, theirs := comesTo(t, a, id, task.Succeeded), comesTo(t, b, id, task.Succeeded)
		if string(ours.Content().Inline) != result || *ours.Receipt != *theirs.Receipt {
			t.Fatalf("%+v and %+v", ours, theirs)
		}
		if r := a.Receipt(ours.Receipt); r.Seq != seq+1 || r.Reward != 1 || r.Claim.Outcome != polo.Success {
			t.Fatalf("%+v", r)
		}
	}
	if raw, personal := a.Score(b.ID()); raw != 3 || personal != 3000 {
		t.Errorf("a worker of three tasks is worth %d, and %d to its requester", raw, personal)
	}
}

func TestATaskSubmittedAgainIsTheSame(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	id := submit(t, a, b.PeerID(), NewTask{Description: "once"})
	comesToBe(t, b, id, task.New)
	if again := submit(t, a, b.PeerID(), NewTask{Description: "once", ID: id}); again != id {
		t.Fatal(again)
	}
	if _, err := a.SubmitTask(b.PeerID(), NewTask{Description: "twice", ID: id}); !errors.Is(err, ErrTaskConflict) {
		t.Fatal(err)
	}
	other, err := task.BodyOf(&task.Submission{Description: "twice", Limit: 5000})
	if err != nil {
		t.Fatal(err)
	}
	answer := askTask(t, a, b, &task.Request{Submit: &task.Submit{Task: id, Body: other.Bytes()}})
	if answer.Denied == nil || answer.Denied.Code != task.Conflict {
		t.Fatalf("%+v", answer)
	}
	if all := b.Tasks(); len(all) != 1 {
		t.Fatal(all)
	}
}

// comesToBe waits until an agent has a task in a state.
func comesToBe(t *testing.T, a *Agent, id task.ID, state task.State) {
	t.Helper()
	eventually(t, "the task is "+state.String(), func() bool {
		found, err := a.Task(id)
		return err == nil && found.State() == state
	})
}

// askTask asks something about a task as anybody might.
func askTask(t *testing.T, a, b *Agent, r *task.Request) *task.Answer {
	t.Helper()
	s, err := a.Open(soon(t), b.PeerID(), task.Protocol)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_ = s.SetDeadline(time.Now().Add(20 * time.Second))
	answer, err := task.Ask(s, r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestATaskThatFailsLeavesAReceiptAndOneThatIsNotTakenNone(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	failing := submit(t, a, b.PeerID(), NewTask{Description: "divide by zero", Execution: task.AtMostOnce})
	takeTask(t, b, failing)
	if err := b.FailTask(failing, nil, words("no such number")); err != nil {
		t.Fatal(err)
	}
	ours, theirs := comesTo(t, a, failing, task.Failed), comesTo(t, b, failing, task.Failed)
	if *ours.Text != "no such number" || *ours.Reason() != task.ByWorker || a.Receipt(ours.Receipt).Reward != 0 {
		t.Fatalf("%+v", ours)
	}
	eventually(t, "the worker has the receipt", func() bool { theirs, _ = b.Task(failing); return theirs.Receipt != nil })

	unwanted := submit(t, a, b.PeerID(), NewTask{Description: "sing"})
	comesToBe(t, b, unwanted, task.New)
	if err := b.DeclineTask(unwanted, words("not here")); err != nil {
		t.Fatal(err)
	}
	if declined := comesTo(t, a, unwanted, task.Declined); *declined.Text != "not here" || declined.Receipt != nil {
		t.Fatalf("%+v", declined)
	}
}

func TestWhatIsCancelledIsNotDone(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	waiting := submit(t, a, b.PeerID(), NewTask{Description: "later"})
	comesToBe(t, b, waiting, task.New)
	running := submit(t, a, b.PeerID(), NewTask{Description: "now"})
	comesToBe(t, b, running, task.New)
	if err := b.AcceptTask(running); err != nil {
		t.Fatal(err)
	}
	takeTask(t, b, running)
	for _, id := range []task.ID{waiting, running} {
		if err := a.CancelTask(id, nil, false); err != nil {
			t.Fatal(err)
		}
		ours, theirs := comesTo(t, a, id, task.Cancelled), comesTo(t, b, id, task.Cancelled)
		if *ours.Reason() != task.ByRequester || *theirs.Reason() != task.ByRequester || ours.Receipt != nil {
			t.Fatalf("%+v", ours)
		}
	}
	if err := b.CompleteTask(running, nil, nil); !errors.Is(err, task.ErrRefused) {
		t.Fatalf("what was cancelled is completed: %v", err)
	}
	given := submit(t, a, b.PeerID(), NewTask{Description: "too late"})
	takeTask(t, b, given)
	if err := a.CancelTask(given, nil, true); err != nil {
		t.Fatal(err)
	}
	if err := b.CompleteTask(given, nil, nil); err != nil && !errors.Is(err, task.ErrRefused) {
		t.Fatal(err)
	}
	comesTo(t, b, given, task.Cancelled)
	if kept := comesTo(t, a, given, task.Cancelled); *kept.Reason() != task.Abandoned || kept.Receipt != nil {
		t.Fatalf("%+v", kept)
	}
}

func TestFilesGoWithTasksAndResults(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	question, asked := write(t, 1<<20+1)
	answer, answered := write(t, 2<<20+3)
	id := submit(t, a, b.PeerID(), NewTask{Description: "reverse it", Input: &Material{Path: question}})
	// What its owner does with the file now does not matter any more.
	if err := os.Truncate(question, 3); err != nil {
		t.Fatal(err)
	}
	next := takeTask(t, b, id)
	file := next.Submission().Input.File
	if file == nil || file.Digest != asked || file.Name != "some file.bin" || len(b.Files()) != 1 {
		t.Fatalf("%+v", file)
	}
	if err := b.CompleteTask(id, nil, &Material{Path: answer}); err != nil {
		t.Fatal(err)
	}
	ours := comesTo(t, a, id, task.Succeeded)
	if file := ours.Content().File; file == nil || file.Digest != answered || len(a.Files()) != 1 {
		t.Fatalf("%+v", file)
	}
	comesTo(t, b, id, task.Succeeded)
	for _, one := range []*Agent{a, b} {
		eventually(t, "no copy is left", func() bool {
			left, err := os.ReadDir(one.desk.dir)
			return err == nil && len(left) == 0
		})
	}
}

func TestNobodyElseMayReportOrCancel(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	mallory := newAgent(t, Config{})
	introduce(a, mallory)
	introduce(b, mallory)
	id := submit(t, a, b.PeerID(), NewTask{Description: "mine"})
	takeTask(t, b, id)
	reason := task.ByWorker
	foreign := &task.Report{Task: id, Seq: 99, State: task.Declined, Reason: &reason}
	for _, ask := range []struct {
		of *Agent
		r  *task.Request
	}{
		{a, &task.Request{Report: foreign}},
		{b, &task.Request{Query: &task.Query{Task: id}}},
	} {
		if answer := askTask(t, mallory, ask.of, ask.r); answer.Denied == nil || answer.Denied.Code != task.UnknownTask {
			t.Errorf("%+v", answer)
		}
	}
	// Cancelled is one that mallory may submit later, not that of another.
	askTask(t, mallory, b, &task.Request{Cancel: &task.Cancel{Task: id, Reason: task.ByRequester}})
	found, err := b.Task(id)
	if !errors.Is(err, ErrAmbiguous) {
		t.Fatalf("%+v, %v", found, err)
	}
	key := taskbook.Key{Role: Worker, Agent: a.ID(), ID: id}
	if own := b.desk.book.Get(key); own.State() != task.Executing {
		t.Fatalf("%+v", own)
	}
}

func TestAClaimOfSomethingElseIsRefused(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	id := submit(t, a, b.PeerID(), NewTask{Description: "honest work"})
	takeTask(t, b, id)
	output := &task.Content{Inline: []byte("result")}
	digest, err := output.Digest()
	if err != nil {
		t.Fatal(err)
	}
	body, err := task.ParseBody(mustTask(t, b, id).Body)
	if err != nil {
		t.Fatal(err)
	}
	honest := polo.Draft{
		Requester: a.ID(), Task: id, Request: body.Digest(), Output: digest, Outcome: polo.Success, MaxReward: 10, At: unixMilli(),
	}
	for what, alter := range map[string]func(*polo.Draft){
		"another output":    func(d *polo.Draft) { d.Output[0]++ },
		"another request":   func(d *polo.Draft) { d.Request[0]++ },
		"another outcome":   func(d *polo.Draft) { d.Outcome = polo.Failure },
		"a larger reward":   func(d *polo.Draft) { d.MaxReward = 11 },
		"another requester": func(d *polo.Draft) { d.Requester[0]++ },
	} {
		draft := honest
		alter(&draft)
		claim, err := polo.SignClaim(b.key, draft)
		if err != nil {
			t.Fatal(err)
		}
		lie := &task.Report{Task: id, Seq: 50, State: task.Completed, Attempt: 1, Output: output, Claim: claim.Bytes()}
		if answer := askTask(t, b, a, &task.Request{Report: lie}); answer.Denied == nil || answer.Denied.Code != task.Invalid {
			t.Errorf("%s: %+v", what, answer)
		}
	}
	if found := mustTask(t, a, id); found.State().IsTerminal() || len(a.desk.book.Receipts()) != 0 {
		t.Errorf("%+v", found)
	}
	// Whoever claims to have worked for an hour has not been seen to.
	draft := honest
	draft.CPU = 3_600_000
	claim, err := polo.SignClaim(b.key, draft)
	if err != nil {
		t.Fatal(err)
	}
	long := &task.Report{Task: id, Seq: 50, State: task.Completed, Attempt: 1, Output: output, Claim: claim.Bytes()}
	for range 2 {
		answer := askTask(t, b, a, &task.Request{Report: long})
		receipt, err := polo.ParseReceipt(answer.Receipt)
		if err != nil || receipt.CPU > 60_000 || receipt.Seq != 1 {
			t.Fatalf("%+v, %v", receipt, err)
		}
	}
	if got := a.desk.book.Receipts(); len(got) != 1 {
		t.Errorf("%d receipts", len(got))
	}
}

func mustTask(t *testing.T, a *Agent, id task.ID) *Task {
	t.Helper()
	found, err := a.Task(id)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestExportedReceiptsAreInOrder(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	paths := []string{filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "theirs")}
	for round, one := range []*Agent{a, b} {
		id := submit(t, a, b.PeerID(), NewTask{Description: "count"})
		takeTask(t, b, id)
		if err := b.CompleteTask(id, nil, nil); err != nil {
			t.Fatal(err)
		}
		comesTo(t, a, id, task.Succeeded)
		comesTo(t, b, id, task.Succeeded)
		if count, err := one.ExportReceipts(paths[round], nil); err != nil || count != round+1 {
			t.Fatalf("%d receipts, %v", count, err)
		}
	}
	exports := make([]*polo.Export, 0, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		export, err := polo.ReadExport(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		exports = append(exports, export)
	}
	if found := polo.Verify(exports[1], exports[0]); len(found) != 0 {
		t.Errorf("%v", found)
	}
	if found := polo.Verify(exports[0], exports[1]); len(found) != 1 || found[0].Code != polo.CodeTail {
		t.Errorf("%v", found)
	}
}
