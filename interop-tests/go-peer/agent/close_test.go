package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// goroutinesLeft is how many may be left of others: timers and system calls that are about to end.
const goroutinesLeft = 5

func TestNothingGoesOnAfterClose(t *testing.T) {
	live := func() {
		f := found(t, mesh.Policy{}, time.Hour)
		a := f.member("ada", Config{RelayServer: true, DHT: DHTServer})
		b := newAgent(t, Config{Home: t.TempDir(), Name: "bob"})
		pair(t, a, b)
		if _, err := b.Ping(soon(t), a.PeerID()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.SendText(soon(t), a.PeerID(), "hello"); err != nil {
			t.Fatal(err)
		}
		for _, one := range []*Agent{b, a, f.Agent} {
			if err := one.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What libraries start once for all is there after the first time.
	live()
	before := runtime.NumGoroutine()
	for range goroutinesLeft + 1 {
		live()
	}
	defer func() {
		if t.Failed() {
			stacks := make([]byte, 1<<20)
			t.Logf("%s", stacks[:runtime.Stack(stacks, true)])
		}
	}()
	eventually(t, "no goroutines are left", func() bool { return runtime.NumGoroutine() <= before+goroutinesLeft })
}

func TestNothingIsWrittenIntoAHomeThatWasClosed(t *testing.T) {
	dir := t.TempDir()
	h, err := openHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := h.write(stateFile, []byte("{}")); !errors.Is(err, errHomeClosed) {
		t.Fatalf("another process may have the home: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err == nil {
		t.Fatal("it was written")
	}
}

func TestAFileOfAHomeIsWrittenByOneAtATime(t *testing.T) {
	h, err := openHome(filepath.Join(t.TempDir(), "new", "home"))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	var writing sync.WaitGroup
	for n := range 8 {
		writing.Go(func() {
			for range 20 {
				if err := h.writeJSON(helpersFile, fmt.Sprint(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	var last string
	if found, err := h.readJSON(helpersFile, &last); !found || err != nil || len(last) != 1 {
		t.Fatalf("%q: %v", last, err)
	}
}
