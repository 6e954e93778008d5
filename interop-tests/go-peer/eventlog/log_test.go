package eventlog

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

func everything(event.Topic) bool { return true }

func only(topics ...event.Topic) func(event.Topic) bool {
	return func(topic event.Topic) bool { return slices.Contains(topics, topic) }
}

// add appends so many events.
func add(t *testing.T, l *Log, topic event.Topic, count int) {
	t.Helper()
	for range count {
		if _, err := l.Append(Entry{Topic: topic, Payload: []byte("x")}, now()); err != nil {
			t.Fatal(err)
		}
	}
}

// reads is all that there is for a cursor, in a short form.
func reads(c *Cursor) []string {
	var all []string
	for {
		batch, changed := c.take()
		for _, d := range batch {
			if d.Gap != nil {
				all = append(all, fmt.Sprintf("gap %s-%s %s", d.Gap.After, d.Gap.Next, d.Gap.Reason))
			} else {
				all = append(all, fmt.Sprintf("%s %d", d.Event.Topic, d.Event.Position.Seq))
			}
		}
		select {
		case <-changed:
		default:
			return all
		}
	}
}

func read(l *Log, since event.Since, wants func(event.Topic) bool) *Cursor {
	c, _ := l.Read(since, wants)
	return c
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("read %q, not %q", got, want)
	}
}

func small() Limits {
	return Limits{TopicEvents: 3, TopicBytes: 1 << 20, Bytes: 1 << 20, Age: 1 << 40, Topics: 3}
}

func TestAReaderGetsWhatItWantsFromWhereItBegins(t *testing.T) {
	l := New(7, small())
	add(t, l, "a", 1)
	add(t, l, "b", 1)
	late := read(l, event.Now(), everything)
	expect(t, reads(late))
	add(t, l, "a", 1)
	expect(t, reads(late), "a 3")
	expect(t, reads(read(l, event.Start(), everything)), "a 1", "b 2", "a 3")
	expect(t, reads(read(l, event.Start(), only("a"))), "a 1", "a 3")
	expect(t, reads(read(l, event.After(event.Position{Epoch: 7, Seq: 1}), everything)), "b 2", "a 3")
	expect(t, reads(read(l, event.At(now()+60_000), everything)))
}

func TestAGapIsToldExactlyWhereSomethingWantedWasLost(t *testing.T) {
	l := New(7, small())
	add(t, l, "b", 1)
	behind, ofB := read(l, event.Now(), everything), read(l, event.Now(), only("b"))
	add(t, l, "a", 5)
	expect(t, reads(behind), "gap 7.1-7.4 forgotten", "a 4", "a 5", "a 6")
	expect(t, reads(ofB))
	after := event.After(event.Position{Epoch: 7, Seq: 1})
	expect(t, reads(read(l, after, only("a"))), "gap 7.1-7.4 forgotten", "a 4", "a 5", "a 6")
	expect(t, reads(read(l, after, only("b"))))
	expect(t, reads(read(l, event.After(event.Position{Epoch: 7, Seq: 3}), only("a"))), "a 4", "a 5", "a 6")
	expect(t, reads(read(l, event.Start(), everything)), "b 1", "a 4", "a 5", "a 6")
}

func TestWhatIsLostWhileItIsReadFromTheStartIsAGap(t *testing.T) {
	l := New(1, small())
	add(t, l, "b", 1)
	add(t, l, "a", 5)
	c := read(l, event.Start(), everything)
	add(t, l, "b", 3)
	expect(t, reads(c), "gap 1.0-1.4 forgotten", "a 4", "a 5", "a 6", "b 7", "b 8", "b 9")
}

func TestATopicThatIsForgottenMayHaveBeenWanted(t *testing.T) {
	l := New(1, small())
	c := read(l, event.Now(), only("d"))
	for _, topic := range []event.Topic{"a", "b", "c", "d"} {
		add(t, l, topic, 1)
	}
	expect(t, reads(c), "gap 1.0-1.2 forgotten", "d 4")
	if topics := l.Topics(now()); len(topics) != 3 || topics[0].Topic != "b" {
		t.Errorf("%+v", topics)
	}
}

func TestAPositionOfAnotherStartIsAGapBeforeAllThatThereIs(t *testing.T) {
	l := New(2, small())
	add(t, l, "a", 2)
	for _, position := range []string{"1.9", "2.3", "3.1"} {
		at, err := event.ParsePosition(position)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, reads(read(l, event.After(at), everything)), "gap "+position+"-2.1 restarted", "a 1", "a 2")
	}
}

func TestTheTopicThatHoldsMostGivesUpItsOldest(t *testing.T) {
	limits := small()
	limits.Bytes, limits.TopicEvents = 4*(cost+200), 100
	l := New(1, limits)
	add(t, l, "b", 1)
	add(t, l, "a", 50)
	if l.bytes > limits.Bytes {
		t.Errorf("%d bytes", l.bytes)
	}
	all := reads(read(l, event.Start(), everything))
	if all[0] != "b 1" || all[len(all)-1] != "a 51" || len(l.all.entries) > 2*len(all)+2 {
		t.Errorf("%q of %d", all, len(l.all.entries))
	}
}

func TestWhatIsOldIsGivenUpAndATimeThatIsGoneIsAGap(t *testing.T) {
	limits := small()
	limits.Age = 1000
	l := New(1, limits)
	old := now() - 5000
	for range 2 {
		if _, err := l.Append(Entry{Topic: "a"}, old); err != nil {
			t.Fatal(err)
		}
	}
	add(t, l, "a", 1)
	expect(t, reads(read(l, event.Start(), everything)), "a 3")
	expect(t, reads(read(l, event.At(old-1000), everything)), "gap 1.0-1.3 forgotten", "a 3")
	expect(t, reads(read(l, event.At(old+1), everything)), "a 3")
}

func TestAContactOpensSoManyTopicsAndNoMore(t *testing.T) {
	l := New(1, Usual())
	from := func(n int) error {
		_, err := l.AppendFrom(Entry{Topic: event.Topic(fmt.Sprint("t/", n)), Publisher: id.AgentID{1}}, now())
		return err
	}
	for n := range TopicsPerPublisher {
		if err := from(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := from(TopicsPerPublisher); err != ErrFull {
		t.Errorf("one too many: %v", err)
	}
	if err := from(3); err != nil {
		t.Errorf("one that is known: %v", err)
	}
}

func TestAReaderThatWaitsIsWoken(t *testing.T) {
	l := New(1, small())
	c := read(l, event.Now(), only("b"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		add(t, l, "a", 1)
		add(t, l, "b", 1)
	}()
	batch, err := c.Next(ctx)
	if err != nil || len(batch) != 1 || batch[0].Event.Position.Seq != 2 {
		t.Fatalf("%v, %v", batch, err)
	}
	if frame, err := batch[0].Frame(); err != nil || len(frame) == 0 {
		t.Error(err)
	}
	cancel()
	if _, err := c.Next(ctx); err == nil {
		t.Error("it waits for ever")
	}
}
