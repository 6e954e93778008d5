package inbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

var alice, bob = id.AgentID{1}, id.AgentID{2}

func open(t *testing.T, home string) *Inbox {
	t.Helper()
	i, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func message(t *testing.T, payload string) *service.Message {
	t.Helper()
	messageID, err := service.NewMessageID()
	if err != nil {
		t.Fatal(err)
	}
	return &service.Message{ID: messageID, SentAt: 5, Payload: []byte(payload)}
}

func put(t *testing.T, i *Inbox, from id.AgentID, m *service.Message) service.Answer {
	t.Helper()
	answer, ok := <-i.Put(&Sequence{}, from, m)
	if !ok {
		t.Fatal("no answer")
	}
	return answer
}

func texts(t *testing.T, i *Inbox) []string {
	t.Helper()
	items, err := i.List(0, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, item := range items {
		texts = append(texts, string(item.Message.Payload))
	}
	return texts
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%q, not %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%q, not %q", got, want)
		}
	}
}

func TestAMessageIsDeliveredOnce(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	m := message(t, "hello")
	for _, want := range []service.Answer{service.Stored, service.Duplicate} {
		if answer := put(t, i, alice, m); answer != want {
			t.Fatalf("%v, not %v", answer, want)
		}
	}
	other := *m
	other.Payload = []byte("something else")
	if answer := put(t, i, alice, &other); answer != service.Conflict {
		t.Fatal(answer)
	}
	if answer := put(t, i, bob, &other); answer != service.Stored {
		t.Fatalf("an id of another sender: %v", answer)
	}
	i.Close()

	i = open(t, home)
	expect(t, texts(t, i), "hello", "something else")
	later := *m
	later.SentAt = 7
	if answer := put(t, i, alice, &later); answer != service.Duplicate {
		t.Fatal(answer)
	}
}

func TestClearingForgetsMessagesAndNotIDs(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	messages := []*service.Message{message(t, "one"), message(t, "two"), message(t, "three")}
	for _, m := range messages {
		put(t, i, alice, m)
	}
	if err := i.Clear(1, 3); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		expect(t, texts(t, i), "two")
		for _, m := range messages {
			if answer := put(t, i, alice, m); answer != service.Duplicate {
				t.Fatal(answer)
			}
		}
		i.Close()
		i = open(t, home)
	}
	put(t, i, alice, message(t, "four"))
	if items, err := i.List(2, 10); err != nil || len(items) != 1 || items[0].Seq != 4 {
		t.Fatalf("a place in the order was used twice: %v, %v", items, err)
	}
}

func TestAMessageThatHasNoRoomHoldsUpThoseBehindIt(t *testing.T) {
	i := open(t, t.TempDir())
	i.quota = 2*MessageCost + 10
	sequence := &Sequence{}
	var answers []<-chan service.Answer
	for _, payload := range []string{"first", "too large for what is left", "small"} {
		answers = append(answers, i.Put(sequence, alice, message(t, payload)))
	}
	if answer := <-answers[0]; answer != service.Stored {
		t.Fatal(answer)
	}
	if answer := <-answers[1]; answer != service.Quota {
		t.Fatal(answer)
	}
	if answer, ok := <-answers[2]; ok {
		t.Fatalf("it overtook: %v", answer)
	}
	expect(t, texts(t, i), "first")
	if answer := put(t, i, alice, message(t, "small")); answer != service.Stored {
		t.Fatal(answer)
	}
}

func TestNothingIsStoredOfASequenceThatIsOver(t *testing.T) {
	i := open(t, t.TempDir())
	if answer, ok := <-i.Put(&Sequence{Over: func() bool { return true }}, alice, message(t, "late")); ok {
		t.Fatal(answer)
	}
	expect(t, texts(t, i))
}

func TestAJournalThatEndsInTheMiddleOfARecordIsReadUpToThere(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	put(t, i, alice, message(t, "whole"))
	whole := i.journal.End()
	put(t, i, alice, message(t, "cut short"))
	i.Close()
	path := filepath.Join(home, journalName)
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := whole; cut < int64(len(bytes)); cut += 7 {
		if err := os.WriteFile(path, bytes[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		i := open(t, home)
		expect(t, texts(t, i), "whole")
		if answer := put(t, i, alice, message(t, "next")); answer != service.Stored {
			t.Fatal(answer)
		}
		i.Close()
		expect(t, texts(t, open(t, home)), "whole", "next")
	}
}

func TestAJournalOfClearedMessagesShrinks(t *testing.T) {
	home := t.TempDir()
	i := open(t, home)
	large := make([]byte, service.MaxPayload)
	rand.Read(large)
	first, kept := message(t, string(large)), message(t, "kept")
	put(t, i, alice, first)
	put(t, i, alice, kept)
	put(t, i, alice, message(t, string(large)))
	if err := i.Clear(1, 3); err != nil {
		t.Fatal(err)
	}
	i.Close()
	for range 2 {
		i = open(t, home)
		expect(t, texts(t, i), "kept")
		if i.journal.End() > smallJournal {
			t.Fatalf("it has %d bytes still", i.journal.End())
		}
		if answer := put(t, i, alice, first); answer != service.Duplicate {
			t.Fatal(answer)
		}
		i.Close()
	}
	i = open(t, home)
	put(t, i, alice, message(t, "new"))
	if items, err := i.List(3, 10); err != nil || len(items) != 1 || !bytes.Equal(items[0].Message.Payload, []byte("new")) {
		t.Fatalf("%v, %v", items, err)
	}
}

func TestOldIDsAreForgottenOnlyBeyondTheMostRecentOnes(t *testing.T) {
	i := open(t, t.TempDir())
	old := uint64(time.Now().Add(-2 * RememberIDs).UnixMilli())
	for n := range RememberAtLeast + 10 {
		which := key{alice, service.MessageID{byte(n >> 16), byte(n >> 8), byte(n)}}
		i.seen[which] = accepted{receivedAt: old, position: uint64(n)}
	}
	var kept []byte
	written := 0
	if err := i.writeSeen(func(fields, _ []byte) error {
		written++
		var r record
		err := json.Unmarshal(fields, &r)
		kept = r.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if written != RememberAtLeast || int(kept[0])<<16|int(kept[1])<<8|int(kept[2]) != RememberAtLeast+9 {
		t.Fatalf("%d ids are kept, the last of them %x", written, kept)
	}
}

func TestAnInboxSaysThatSomethingHasCome(t *testing.T) {
	i := open(t, t.TempDir())
	changed := i.Changed()
	put(t, i, alice, message(t, "hello"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	select {
	case <-changed:
	case <-ctx.Done():
		t.Fatal("nobody said so")
	}
}
