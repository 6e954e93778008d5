package control

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
)

// acquainted are two agents that trust each other; each calls the other by its name.
func acquainted(t *testing.T) (alice, bob *Client) {
	t.Helper()
	alice, bob = dial(t, newAgent(t, "alice")), dial(t, newAgent(t, "bob"))
	ticket := do[ticketAnswer](t, alice, "ticket", nil).Ticket
	do[whom](t, bob, "pair", map[string]any{"ticket": ticket})
	return alice, bob
}

// comesTo waits until a side has a task in a state, with nothing on its way.
func comesTo(t *testing.T, c *Client, id any, state string) taskView {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		for _, found := range do[tasksAnswer](t, c, "task_list", nil).Tasks {
			if found.Task == id && found.State == state && found.Settled {
				return found
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come to %s", id, state)
		}
	}
}

func TestTasksAreGivenDoneAndVerifiedByRequests(t *testing.T) {
	alice, bob := acquainted(t)
	add := map[string]any{"who": "bob", "description": "add", "input": "1 2"}
	given := do[taskAnswer](t, alice, "task_submit", add).Task
	comesTo(t, bob, given, "new")
	add["task"] = given
	if again := do[taskAnswer](t, alice, "task_submit", add).Task; again != given {
		t.Errorf("%s in place of %s", again, given)
	}
	if _, err := alice.Do(t.Context(), "task_submit", map[string]any{"who": "bob", "description": "no", "task": given}); err == nil {
		t.Error("another task was given under the same id")
	}
	next := do[nextAnswer](t, bob, "task_next", map[string]any{"wait_ms": 20_000, "accept": true})
	if *next.Task != given || next.Attempt != 1 || string(next.Input) != `"1 2"` {
		t.Fatalf("%+v", next)
	}
	do[none](t, bob, "task_progress", map[string]any{"task": given, "progress": 500, "text": "half"})
	do[none](t, bob, "task_complete", map[string]any{"task": given, "result": "3"})
	ours, theirs := comesTo(t, alice, given, "succeeded"), comesTo(t, bob, given, "succeeded")
	if *ours.Output != "3" || ours.Reason != nil || ours.Text != nil || *ours.Receipt != *theirs.Receipt || ours.Receipt.Seq != 1 {
		t.Errorf("%+v and %+v", ours, theirs)
	}
	if next := do[nextAnswer](t, bob, "task_next", map[string]any{"wait_ms": 1, "accept": true}); next.Task != nil {
		t.Errorf("it is to be done twice: %+v", next)
	}
	paths := []string{filepath.Join(t.TempDir(), "alice"), filepath.Join(t.TempDir(), "bob")}
	if got := do[exportAnswer](t, alice, "polo_export", map[string]any{"path": paths[0], "who": "bob"}).Receipts; got != 1 {
		t.Errorf("%d receipts", got)
	}
	do[exportAnswer](t, bob, "polo_export", map[string]any{"path": paths[1]})
	for _, order := range [][]string{paths, {paths[1], paths[0]}} {
		if found := do[verifyAnswer](t, bob, "polo_verify", map[string]any{"paths": order}).Findings; !slices.Equal(found, []polo.Code{}) {
			t.Errorf("%v", found)
		}
	}
	if worth := do[scoreAnswer](t, alice, "polo_score", map[string]any{"who": "bob"}); worth != (scoreAnswer{1, 1000}) {
		t.Errorf("%+v", worth)
	}
}

func TestWhatCannotBeDoneWithATaskIsSaid(t *testing.T) {
	alice, _ := acquainted(t)
	unknown := "018f4d2e-7c3a-7b1e-8d55-0123456789ab"
	for verb, arguments := range map[string]map[string]any{
		"task_show":     {"task": unknown},
		"task_accept":   {"task": "../../etc/passwd"},
		"task_complete": {"task": unknown, "result": "x"},
		"task_cancel":   {"task": unknown},
		"task_submit":   {"who": "bob", "description": ""},
		"task_progress": {"task": unknown, "progress": 1001},
		"polo_verify":   {"paths": []string{}},
	} {
		if line, err := alice.Do(t.Context(), verb, arguments); err == nil {
			t.Errorf("%s: %s", verb, line)
		}
	}
}
