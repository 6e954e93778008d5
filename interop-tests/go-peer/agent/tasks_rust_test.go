package agent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

// export is what an agent in Rust exports.
func (r *rustAgent) export(t *testing.T, name string) (file []byte, export *polo.Export) {
	t.Helper()
	path := filepath.Join(r.home, name)
	r.do("polo", "export", path)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file, readExport(t, file)
}

func readExport(t *testing.T, file []byte) *polo.Export {
	t.Helper()
	export, err := polo.ReadExport(strings.NewReader(string(file)))
	if err != nil {
		t.Fatal(err)
	}
	return export
}

// without is the file without the line of a receipt.
func without(t *testing.T, file []byte, receipt int) *polo.Export {
	t.Helper()
	lines := strings.SplitAfter(string(file), "\n")
	return readExport(t, []byte(strings.Join(slices.Delete(lines, 2+receipt, 3+receipt), "")))
}

// codes are what kinds of things are found.
func codes(findings []polo.Finding) (codes []polo.Code) {
	for _, found := range findings {
		codes = append(codes, found.Code)
	}
	return codes
}

func TestTasksGoBothWaysBetweenGoAndRust(t *testing.T) {
	rust := newRust(t, "rusty")
	a := newAgent(t, Config{Name: "gopher"})
	if _, err := a.Pair(soon(t), textIn(t, rust.do("pair", "--no-wait"), "airway-pair:")); err != nil {
		t.Fatal(err)
	}
	theirs, err := a.Resolve(soon(t), "rusty")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		id := submit(t, a, theirs, NewTask{Description: "count", Input: &Material{Inline: []byte("sheep")}})
		eventually(t, "Rust has it", func() bool {
			_, err := rust.try("task", "accept", id.String())
			return err == nil
		})
		rust.do("task", "next")
		rust.do("task", "complete", id.String(), "--result", "many")
		done := comesTo(t, a, id, task.Succeeded)
		if string(done.Content().Inline) != "many" {
			t.Fatalf("%+v", done)
		}
		eventually(t, "Rust has the receipt", func() bool {
			return strings.Contains(rust.do("task", "show", id.String(), "--json"), a.Receipt(done.Receipt).Hash().String())
		})
	}
	var given struct{ Data struct{ ID task.ID } }
	if err := json.Unmarshal([]byte(rust.do("task", "submit", "gopher", "dig", "--json")), &given); err != nil {
		t.Fatal(err)
	}
	takeTask(t, a, given.Data.ID)
	if err := a.CompleteTask(given.Data.ID, nil, &Material{Inline: []byte("a hole")}); err != nil {
		t.Fatal(err)
	}
	comesTo(t, a, given.Data.ID, task.Succeeded)
	if out := rust.do("task", "result", given.Data.ID.String()); out != "a hole" {
		t.Error(out)
	}
	verifyRust(t, rust, a)
}

// verifyRust has the verifier look at what Rust exports: at all of it, and at what is left when some is hidden.
func verifyRust(t *testing.T, rust *rustAgent, a *Agent) {
	t.Helper()
	file, whole := rust.export(t, "whole")
	path := filepath.Join(t.TempDir(), "ours")
	if _, err := a.ExportReceipts(path, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ours := readExport(t, content)
	if len(whole.Receipts) != 4 {
		t.Fatalf("%d receipts", len(whole.Receipts))
	}
	if found := polo.Verify(whole, ours); len(found) != 0 {
		t.Errorf("%v", found)
	}
	if found := polo.Verify(ours, whole); len(found) != 0 {
		t.Errorf("%v", found)
	}
	for at, receipt := range whole.Receipts {
		want := polo.CodeGap
		if receipt.Pair().Worker == a.ID() || receipt.Seq == 3 {
			// It is the last one of its chain.
			want = polo.CodeTail
		}
		if found := codes(polo.Verify(without(t, file, at), ours)); !slices.Equal(found, []polo.Code{want}) {
			t.Errorf("without %d: %v in place of %s", receipt.Seq, found, want)
		}
	}
}
