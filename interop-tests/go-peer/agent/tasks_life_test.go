package agent

import (
	"errors"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

func TestTasksOutliveTheirAgents(t *testing.T) {
	homes := []string{t.TempDir(), t.TempDir()}
	a, b := newAgent(t, Config{Home: homes[0]}), newAgent(t, Config{Home: homes[1]})
	pair(t, a, b)
	again := func(one *Agent) *Agent {
		t.Helper()
		if err := one.Close(); err != nil {
			t.Fatal(err)
		}
		return newAgent(t, Config{Home: one.config.Home})
	}
	id := submit(t, a, b.PeerID(), NewTask{Description: "survive"})
	takeTask(t, b, id)
	b = again(b)
	if found := mustTask(t, b, id); found.State() != task.Executing || found.Attempt() != 1 {
		t.Fatalf("%+v", found)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.CompleteTask(id, nil, &Material{Inline: []byte("done")}); err != nil {
		t.Fatal(err)
	}
	if found := mustTask(t, b, id); found.State() != task.Completed || found.IsSettled() {
		t.Fatalf("%+v", found)
	}
	a = again(a)
	receipt := *comesTo(t, a, id, task.Succeeded).Receipt
	comesTo(t, b, id, task.Succeeded)
	for _, one := range []*Agent{again(a), again(b)} {
		found := comesTo(t, one, id, task.Succeeded)
		if one.Receipt(found.Receipt) == nil || *found.Receipt != receipt {
			t.Errorf("%+v", found)
		}
	}
}

func TestTasksEndWithTheTrust(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	pair(t, a, b)
	id := submit(t, a, b.PeerID(), NewTask{Description: "in vain"})
	takeTask(t, b, id)
	if err := b.Untrust(soon(t), a.Endpoint().String(), ""); err != nil {
		t.Fatal(err)
	}
	for _, one := range []*Agent{a, b} {
		if found := comesTo(t, one, id, task.Cancelled); *found.Reason() != task.TrustEnded {
			t.Errorf("%+v", found)
		}
	}
	if err := b.CompleteTask(id, nil, nil); !errors.Is(err, task.ErrRefused) {
		t.Error(err)
	}
}
