package inbox

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

func never() bool { return false }

func offer(t *testing.T, name string, size int) *service.Offer {
	t.Helper()
	return &service.Offer{ID: message(t, "").ID, Name: name, Size: uint64(size), SentAt: 5}
}

func receive(t *testing.T, i *Inbox, o *service.Offer) (*Incoming, service.Answer) {
	t.Helper()
	in, answer, err := i.Receive(context.Background(), alice, o, never)
	if err != nil {
		t.Fatal(err)
	}
	return in, answer
}

// bring brings the bytes of a file from an offset, as a stream would, up to some place.
func bring(t *testing.T, in *Incoming, content []byte, offset, end int) {
	t.Helper()
	if err := in.Begin(uint64(offset)); err != nil {
		t.Fatal(err)
	}
	for at := offset; at < end; {
		buffer := in.Buffer(uint64(end - at))
		copied := copy(buffer, content[at:end])
		in.Append(buffer[:copied])
		at += copied
	}
}

func random(size int) []byte {
	content := make([]byte, size)
	rand.Read(content)
	return content
}

func TestAFileGoesOnWhereAnAttemptEnded(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	content := random(5*Buffer + 7)
	o := offer(t, "report.pdf", len(content))
	in, _ := receive(t, i, o)
	bring(t, in, content, 0, 2*Buffer+3)
	in.Leave()
	i.Close()

	i = open(t, home)
	in, _ = receive(t, i, o)
	have := in.Have()
	if have.Offset != 2*Buffer+3 || have.Digest != service.DigestOf(content[:have.Offset]) {
		t.Fatalf("it has %v", have)
	}
	bring(t, in, content, int(have.Offset), len(content))
	if answer, err := in.Complete(service.DigestOf(content)); answer != service.Stored || err != nil {
		t.Fatalf("%v, %v", answer, err)
	}
	i.Close()

	i = open(t, home)
	items, err := i.List(0, 10)
	if err != nil || len(items) != 1 || items[0].File == nil {
		t.Fatalf("%v, %v", items, err)
	}
	file := items[0].File
	if stored, err := os.ReadFile(file.Path); err != nil || service.DigestOf(stored) != file.Digest {
		t.Fatal("other bytes are on the disk")
	}
	if file.Name != "report.pdf" || file.Size != o.Size || file.Began != have.Offset {
		t.Fatalf("%+v", file)
	}
	if _, answer := receive(t, i, o); answer != service.Duplicate {
		t.Fatal(answer)
	}
	renamed := *o
	renamed.Name = "other.pdf"
	if _, answer := receive(t, i, &renamed); answer != service.Conflict {
		t.Fatal(answer)
	}
	if err := i.Clear(items[0].Seq); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(file.Path)); !os.IsNotExist(err) {
		t.Fatalf("a cleared file is still there: %v", err)
	}
	if _, answer := receive(t, i, o); answer != service.Duplicate {
		t.Fatal(answer)
	}
}

func TestAFileWithAnotherDigestIsDeleted(t *testing.T) {
	i := open(t, t.TempDir())
	content := random(100)
	o := offer(t, "a", len(content))
	in, _ := receive(t, i, o)
	bring(t, in, content, 0, len(content))
	if answer, err := in.Complete(service.DigestOf(nil)); answer != service.Failed || err != nil {
		t.Fatalf("%v, %v", answer, err)
	}
	in, _ = receive(t, i, o)
	if have := in.Have(); have.Offset != 0 {
		t.Fatalf("%d bytes of it are left", have.Offset)
	}
	in.Leave()
	if entries, err := os.ReadDir(filepath.Dir(i.directory(key{alice, o.ID}.file()))); err != nil || len(entries) > 0 {
		t.Fatalf("nothing left %v, %v", entries, err)
	}
}

func TestASenderMayBeginAgain(t *testing.T) {
	i := open(t, t.TempDir())
	first, second := random(1000), random(1000)
	o := offer(t, "a", 1000)
	in, _ := receive(t, i, o)
	bring(t, in, first, 0, 500)
	in.Leave()
	in, _ = receive(t, i, o)
	bring(t, in, second, 0, 1000)
	if answer, err := in.Complete(service.DigestOf(second)); answer != service.Stored || err != nil {
		t.Fatalf("%v, %v", answer, err)
	}
}

func TestALaterAttemptTakesTheFileAway(t *testing.T) {
	i := open(t, t.TempDir())
	o := offer(t, "a", 1000)
	first, _ := receive(t, i, o)
	bring(t, first, random(1000), 0, 10)
	second := make(chan *Incoming)
	go func() {
		in, _, _ := i.Receive(context.Background(), alice, o, never)
		second <- in
	}()
	select {
	case <-first.Context().Done():
	case <-time.After(time.Minute):
		t.Fatal("the first attempt did not hear of it")
	}
	first.Leave()
	in := <-second
	if have := in.Have(); have.Offset != 10 {
		t.Fatalf("%d bytes are there", have.Offset)
	}
	in.Leave()
}

func TestWhatIsFullTakesNoFile(t *testing.T) {
	i := open(t, t.TempDir())
	i.filesQuota = 10_000
	if _, answer := receive(t, i, offer(t, "a", 10_000)); answer != service.Quota {
		t.Fatal(answer)
	}
	in, _ := receive(t, i, offer(t, "a", 5_000))
	if in == nil {
		t.Fatal("no room after a refusal")
	}
	if _, answer := receive(t, i, offer(t, "b", 100)); answer != service.Quota {
		t.Fatalf("one that is coming in counts whole: %v", answer)
	}
	in.Leave()
	in, _ = receive(t, i, offer(t, "b", 100))
	if in == nil {
		t.Fatal("one that left nothing counts")
	}
	in.Leave()
}

func TestAPeerHasSoManyIncompleteFiles(t *testing.T) {
	i := open(t, t.TempDir())
	for range pendingPerPeer {
		in, _ := receive(t, i, offer(t, "a", 10))
		bring(t, in, random(10), 0, 1)
		in.Leave()
	}
	if _, answer := receive(t, i, offer(t, "a", 10)); answer != service.Quota {
		t.Fatal(answer)
	}
	in, _, err := i.Receive(context.Background(), bob, offer(t, "a", 10), never)
	if err != nil || in == nil {
		t.Fatal("others may not bring any either")
	}
	in.Leave()
}

func TestSweepingKeepsWhatMayBeGoneOnWith(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	leave := func() string {
		o := offer(t, "a", 10)
		in, _ := receive(t, i, o)
		bring(t, in, random(10), 0, 4)
		in.Leave()
		return i.directory(key{alice, o.ID}.file())
	}
	young, old := leave(), leave()
	past := time.Now().Add(-2 * KeepPartial)
	for _, path := range []string{filepath.Join(old, partialName), old} {
		if err := os.Chtimes(path, past, past); err != nil {
			t.Fatal(err)
		}
	}
	foreign := filepath.Join(home, filesName, "notes.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if deleted, err := i.Sweep(); err != nil || deleted != 1 {
		t.Fatalf("%d, %v", deleted, err)
	}
	for _, path := range []string{young, foreign} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error(err)
	}
}
