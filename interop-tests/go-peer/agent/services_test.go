package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// pairUp starts two agents that trust each other, the second one with a home.
func pairUp(t *testing.T, transport Transport) (a, b *Agent) {
	t.Helper()
	a, b = newAgent(t, Config{Transport: transport}), newAgent(t, Config{Transport: transport, Home: t.TempDir()})
	introduce(a, b)
	return a, b
}

// write makes a file of so many random bytes.
func write(t *testing.T, size int) (string, service.Digest) {
	t.Helper()
	content := make([]byte, size)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "some file.bin")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, service.DigestOf(content)
}

func TestMessagesArriveInOrderOverEveryTransport(t *testing.T) {
	for _, transport := range transports {
		t.Run("transport "+string(transport), func(t *testing.T) {
			a, b := pairUp(t, transport)
			want := []string{"", "hello", strings.Repeat("x", service.MaxPayload), "grüße"}
			for _, text := range want {
				if _, err := a.SendText(soon(t), b.PeerID(), text); err != nil {
					t.Fatal(err)
				}
			}
			items, err := b.AwaitInbox(soon(t), 0, math.MaxInt)
			if err != nil || len(items) != len(want) {
				t.Fatalf("%d messages, %v", len(items), err)
			}
			for i, item := range items {
				if string(item.Message.Payload) != want[i] || item.From != a.ID() {
					t.Errorf("message %d is another one", i)
				}
			}
		})
	}
}

func TestWhatIsClearedIsGone(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	path, _ := write(t, 100)
	file, err := a.SendFile(soon(t), b.PeerID(), path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := a.SendText(soon(t), b.PeerID(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	if cleared, err := b.ClearInbox(file.ID); err != nil || cleared != 1 || len(b.Files()) != 0 {
		t.Fatalf("%d, %v", cleared, err)
	}
	if cleared, err := b.ClearInbox(file.ID, text); err != nil || cleared != 1 {
		t.Fatalf("%d, %v", cleared, err)
	}
	if items, err := b.Inbox(0, 10); err != nil || len(items) != 0 {
		t.Fatalf("%v, %v", items, err)
	}
}

func TestAMessageSentAgainIsADuplicate(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	m := &service.Message{Kind: service.KindJSON, Payload: []byte("[1]")}
	sent, err := a.SendMessage(soon(t), b.PeerID(), m)
	if err != nil {
		t.Fatal(err)
	}
	m.ID = sent
	if _, err := a.SendMessage(soon(t), b.PeerID(), m); err != nil {
		t.Fatal(err)
	}
	m.Payload = []byte("[2]")
	var rejected *RejectedError
	if _, err := a.SendMessage(soon(t), b.PeerID(), m); !errors.As(err, &rejected) || rejected.Answer != service.Conflict {
		t.Fatal(err)
	}
	if items, err := b.Inbox(0, 10); err != nil || len(items) != 1 {
		t.Fatalf("%v, %v", items, err)
	}
}

func TestWhatCannotBeSentIsNot(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	if _, err := a.SendText(soon(t), b.PeerID(), strings.Repeat("x", service.MaxPayload+1)); !errors.Is(err, service.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := a.SendText(soon(t), b.PeerID(), "\xff"); !errors.Is(err, service.ErrNotUTF8) {
		t.Error(err)
	}
	if _, err := a.SendFile(soon(t), b.PeerID(), t.TempDir()); !errors.Is(err, ErrNotAFile) {
		t.Error(err)
	}
	if _, err := a.SendFile(soon(t), b.PeerID(), "/does/not/exist"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	b.access.set(a.PeerID(), Stranger, nil)
	if _, err := a.SendText(soon(t), b.PeerID(), "hello"); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
	if items, err := b.Inbox(0, 10); err != nil || len(items) != 0 {
		t.Errorf("%v, %v", items, err)
	}
}

func TestFilesArriveOverEveryTransport(t *testing.T) {
	for _, transport := range transports {
		t.Run("transport "+string(transport), func(t *testing.T) {
			a, b := pairUp(t, transport)
			for count, size := range []int{0, 1, 3 << 20} {
				path, digest := write(t, size)
				sent, err := a.SendFile(soon(t), b.PeerID(), path)
				if err != nil || sent.Digest != digest || sent.Began != 0 {
					t.Fatalf("%+v, %v", sent, err)
				}
				files := b.Files()
				if len(files) != count+1 {
					t.Fatal(files)
				}
				file := files[count].File
				stored, err := os.ReadFile(file.Path)
				if err != nil || service.DigestOf(stored) != digest || file.Digest != digest || file.Name != "some file.bin" {
					t.Fatalf("%+v, %v", file, err)
				}
			}
		})
	}
}

func TestASendingThatWasGivenUpGoesOn(t *testing.T) {
	a, b := pairUp(t, AnyTransport)
	path, digest := write(t, 8<<20)
	from, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	// The receiver got some of it, under the id that the next sending will use.
	messageID, err := a.beginSending(b.PeerID(), from)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Open(soon(t), b.PeerID(), service.FilesProtocol)
	if err != nil {
		t.Fatal(err)
	}
	offer := &service.Offer{ID: messageID, Name: "some file.bin", Size: from.size}
	if reply, err := service.OfferFile(s, offer); err != nil || reply.Have == nil {
		t.Fatalf("%v, %v", reply, err)
	}
	if err := service.StartFile(s, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(content[:5<<20]); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Fatal("an answer to half a file")
	}
	sent, err := a.SendFile(soon(t), b.PeerID(), path)
	if err != nil || sent.ID != messageID || sent.Digest != digest || sent.Began != 5<<20 {
		t.Fatalf("%+v, %v", sent, err)
	}
	if again, err := a.SendFile(soon(t), b.PeerID(), path); err != nil || again.ID == messageID {
		t.Fatalf("what had arrived was not sent anew: %+v, %v", again, err)
	}
}

func TestAFileThatHasChangedIsNotSent(t *testing.T) {
	path, _ := write(t, 1000)
	from, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	from.modified = from.modified.Add(-1)
	reading := from.startReading(context.Background(), service.Have{Digest: service.DigestOf(nil)})
	for range reading.start {
		t.Fatal("it begins")
	}
	if !errors.Is(reading.err, ErrFileChanged) || isTemporary(reading.err) {
		t.Fatal(reading.err)
	}
}

func TestRunsMoveTheirBytes(t *testing.T) {
	for _, transport := range transports {
		a, b := pairUp(t, transport)
		for _, run := range [][2]uint64{{0, 0}, {1 << 20, 0}, {0, 1 << 20}, {70_000, 70_000}} {
			eventually(t, "a run is served", func() bool {
				_, err := a.Perf(soon(t), b.PeerID(), run[0], run[1])
				if err != nil && !errors.Is(err, service.ErrBusy) {
					t.Fatal(err)
				}
				return err == nil
			})
		}
		if trips, err := a.Trips(soon(t), b.PeerID(), 64, 10); err != nil || len(trips) != 10 {
			t.Fatalf("%v, %v", trips, err)
		}
	}
}

func TestPlacesAreBoundedForEachPeerAndInAll(t *testing.T) {
	places := newPlaces(2, 3)
	for _, step := range []struct {
		peer string
		ok   bool
	}{{"a", true}, {"a", true}, {"a", false}, {"b", true}, {"c", false}} {
		if places.enter(peer.ID(step.peer)) != step.ok {
			t.Fatalf("%+v", step)
		}
	}
	places.leave(peer.ID("a"))
	if !places.enter(peer.ID("c")) || len(places.of) != 3 {
		t.Fatal("a place that was given back is taken")
	}
}
