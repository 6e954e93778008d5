package agent

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

func patterns(since event.Since, texts ...event.Pattern) event.Subscribe {
	return event.Subscribe{Patterns: texts, Since: since}
}

// listen subscribes at the broker of another agent.
func listen(t *testing.T, a *Agent, from Source, what event.Subscribe) *Subscription {
	t.Helper()
	s, err := a.Subscribe(soon(t), from, what)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// publish publishes a text at an agent's own broker.
func publish(t *testing.T, a *Agent, topic event.Topic, text string) event.Position {
	t.Helper()
	position, err := a.Publish(topic, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return position
}

// hears waits for deliveries, in a short form.
func hears(t *testing.T, s *Subscription, expected ...string) {
	t.Helper()
	for _, want := range expected {
		one, err := s.Next(soon(t))
		if err != nil {
			t.Fatalf("in place of %q: %v", want, err)
		}
		got := ""
		if one.Gap != nil {
			got = fmt.Sprintf("gap %s-%s %s", one.Gap.After, one.Gap.Next, one.Gap.Reason)
		} else {
			got = fmt.Sprintf("%s %s", one.Event.Topic, one.Event.Payload)
		}
		if got != want {
			t.Fatalf("heard %q, not %q", got, want)
		}
	}
}

func TestSubscribersHearWhatMatchesOverEveryTransport(t *testing.T) {
	for _, transport := range transports {
		t.Run("transport "+string(transport), func(t *testing.T) {
			a, b := newAgent(t, Config{Transport: transport}), newAgent(t, Config{Transport: transport})
			introduce(a, b)
			publish(t, b, "builds/early", "0")
			some := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "builds/*", "logs/**"))
			all := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Start(), "*"))
			own := listen(t, b, Source{}, patterns(event.Start(), "**"))
			long := strings.Repeat("x", event.MaxPayload)
			publish(t, b, "builds/main", "1")
			publish(t, b, "builds/main/step", "2")
			publish(t, b, "logs/a/b", long)
			hears(t, some, "builds/main 1", "logs/a/b "+long)
			for _, s := range []*Subscription{all, own} {
				hears(t, s, "builds/early 0", "builds/main 1", "builds/main/step 2", "logs/a/b "+long)
			}
		})
	}
}

func TestAContactPublishesAtOurBrokerWhatItsScopesSay(t *testing.T) {
	a, b := newAgent(t, Config{Name: "a"}), newAgent(t, Config{Name: "b"})
	pair(t, a, b)
	own := listen(t, b, Source{}, patterns(event.Now(), "*"))
	if _, err := a.PublishTo(soon(t), b.PeerID(), "in/1", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	one, err := own.Next(soon(t))
	if err != nil || one.Event.Publisher != a.ID() || string(one.Event.Payload) != "hello" {
		t.Fatalf("%+v, %v", one, err)
	}
	limit(t, b, a, []trust.Pattern{"in/*"}, []trust.Pattern{"out/*"})
	if _, err := a.PublishTo(soon(t), b.PeerID(), "out/1", nil); !errors.Is(err, event.NotAllowed) {
		t.Errorf("outside of its scope: %v", err)
	}
	s := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	publish(t, b, "private/1", "x")
	publish(t, b, "out/1", "y")
	hears(t, s, "out/1 y")
	limit(t, b, a, []trust.Pattern{"in/*"}, nil)
	if _, err := s.Next(soon(t)); !errors.Is(err, event.NotAllowed) {
		t.Errorf("a subscription without a scope: %v", err)
	}
	if _, err := a.Subscribe(soon(t), Source{Contact: b.PeerID()}, patterns(event.Now(), "*")); !errors.Is(err, event.NotAllowed) {
		t.Errorf("it begins anew: %v", err)
	}
}

// limit changes what another may publish and hear.
func limit(t *testing.T, a, other *Agent, publish, subscribe []trust.Pattern) {
	t.Helper()
	if err := a.SetTopics(other.PeerID().String(), publish, subscribe); err != nil {
		t.Fatal(err)
	}
}

func TestASubscriptionGoesOnWhereItWas(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	s := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	for round := range 3 {
		publish(t, b, "t", fmt.Sprint("before ", round))
		hears(t, s, fmt.Sprint("t before ", round))
		if err := b.Disconnect(a.PeerID()); err != nil {
			t.Fatal(err)
		}
		publish(t, b, "t", fmt.Sprint("meanwhile ", round))
		hears(t, s, fmt.Sprint("t meanwhile ", round))
	}
}

func TestABrokerThatHasStartedAnewSaysSo(t *testing.T) {
	home := t.TempDir()
	a, b := newAgent(t, Config{}), newAgent(t, Config{Home: home})
	pair(t, a, b)
	s := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	last := publish(t, b, "t", "before")
	hears(t, s, "t before")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := newAgent(t, Config{Home: home, Listen: b.config.Listen})
	a.know(again.PeerID(), again.host.Addrs())
	next := publish(t, again, "t", "after")
	if next.Epoch <= last.Epoch || next.Seq != 1 {
		t.Errorf("%v follows %v", next, last)
	}
	hears(t, s, fmt.Sprintf("gap %s-%d.1 restarted", last, next.Epoch), "t after")
}

func TestNothingIsHeardAfterTheEndOfTrust(t *testing.T) {
	a, b := newAgent(t, Config{Name: "a"}), newAgent(t, Config{Name: "b"})
	pair(t, a, b)
	s := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	publish(t, b, "t", "1")
	hears(t, s, "t 1")
	if err := b.Untrust(t.Context(), a.PeerID().String(), ""); err != nil {
		t.Fatal(err)
	}
	publish(t, b, "t", "2")
	if one, err := s.Next(soon(t)); err == nil || errors.Is(err, t.Context().Err()) {
		t.Errorf("heard %+v", one)
	}
	eventually(t, "it is not served any more", func() bool {
		b.events.subscribers.mu.Lock()
		defer b.events.subscribers.mu.Unlock()
		return len(b.events.subscribers.of) == 0
	})
}

func TestAContactHasSoManySubscriptionsAndNoMore(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	from := Source{Contact: b.PeerID()}
	var first *Subscription
	for range subscriptionsPerPeer {
		first = listen(t, a, from, patterns(event.Now(), "*"))
	}
	if _, err := a.Subscribe(soon(t), from, patterns(event.Now(), "*")); !errors.Is(err, event.Full) {
		t.Fatalf("one too many: %v", err)
	}
	first.Close()
	eventually(t, "there is room again", func() bool {
		s, err := a.Subscribe(soon(t), from, patterns(event.Now(), "*"))
		if err == nil {
			s.Close()
		}
		return err == nil
	})
	if _, err := a.Subscribe(soon(t), from, patterns(event.Now())); !errors.Is(err, event.ErrInvalid) {
		t.Errorf("no pattern at all: %v", err)
	}
}

func TestAStrangerFindsNoBroker(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	a.know(b.PeerID(), b.host.Addrs())
	a.access.set(b.PeerID(), Trusted, everything{})
	for _, p := range []peer.ID{b.PeerID()} {
		if _, err := a.Subscribe(soon(t), Source{Contact: p}, patterns(event.Now(), "*")); !errors.Is(err, ErrUnsupported) {
			t.Errorf("a stranger got %v", err)
		}
	}
}

func TestAReaderThatStandsStillHoldsUpNobody(t *testing.T) {
	a, b, c := newAgent(t, Config{}), newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	introduce(c, b)
	listen(t, c, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	s := listen(t, a, Source{Contact: b.PeerID()}, patterns(event.Now(), "*"))
	payload := strings.Repeat("x", 10_000)
	const count = 1000
	for range count {
		publish(t, b, "t", payload)
	}
	for range count {
		hears(t, s, "t "+payload)
	}
}
