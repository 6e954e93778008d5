package inbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

func TestTheJournalDoesNotGrowWithWhatWasCleared(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	first := message(t, "first")
	if answer := put(t, i, alice, first); answer != service.Stored {
		t.Fatal(answer)
	}
	var last *service.Message
	for range 4 {
		last = message(t, strings.Repeat("x", service.MaxPayload/2))
		if answer := put(t, i, alice, last); answer != service.Stored {
			t.Fatal(answer)
		}
		if err := i.Clear(i.Seqs(last.ID)...); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		found, err := os.Stat(filepath.Join(home, journalName))
		if err != nil {
			t.Fatal(err)
		}
		return found.Size()
	}
	for deadline := time.Now().Add(20 * time.Second); size() > smallJournal; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are kept of what is gone", size())
		}
	}
	if answer := put(t, i, bob, message(t, "second")); answer != service.Stored {
		t.Fatal(answer)
	}
	expect(t, texts(t, i), "first", "second")
	if answer := put(t, i, alice, last); answer != service.Duplicate {
		t.Errorf("what was cleared is forgotten: %v", answer)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	i = open(t, home)
	expect(t, texts(t, i), "first", "second")
	if answer := put(t, i, alice, last); answer != service.Duplicate {
		t.Errorf("what was cleared is forgotten after a restart: %v", answer)
	}
}
