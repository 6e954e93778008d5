package event_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

type told struct {
	Subscribed *event.Position
	Event      *struct {
		Topic     event.Topic
		Publisher vectors.Hex
		Position  event.Position
		At        uint64
		Payload   vectors.Hex
	}
	Gap *struct {
		After, Next event.Position
		Reason      event.Reason
	}
	Denied *event.Denied
	Bytes  vectors.Hex
}

type file struct {
	vectors.About
	Positions []struct {
		Text       event.Position
		Epoch, Seq uint64
	}
	RefusedPositions []vectors.RefusedText `json:"refused_positions"`
	Topics           []string
	RefusedTopics    []vectors.RefusedText `json:"refused_topics"`
	Matches          []struct {
		Patterns        []event.Pattern
		Matched, Others []event.Topic
	}
	Requests []struct {
		Patterns []event.Pattern
		Since    *string
		Bytes    vectors.Hex
	}
	RefusedRequests []vectors.RefusedBytes `json:"refused_requests"`
	InvalidRequests []vectors.RefusedBytes `json:"invalid_requests"`
	Told            []told
	RefusedTold     []vectors.RefusedBytes `json:"refused_told"`
	Publications    []struct {
		Topic          event.Topic
		Payload, Bytes vectors.Hex
	}
	RefusedPublications []vectors.RefusedBytes `json:"refused_publications"`
	Answers             []struct {
		Published *event.Position
		Denied    *event.Denied
		Bytes     vectors.Hex
	}
	RefusedAnswers []vectors.RefusedBytes `json:"refused_answers"`
	Broadcasts     []struct {
		Seed                            vectors.Hex
		Topic                           event.Topic
		Position                        event.Position
		At                              uint64
		Payload, Certificate, Bytes, ID vectors.Hex
	}
	RefusedBroadcasts []vectors.RefusedBytes `json:"refused_broadcasts"`
	MessageIDs        []struct {
		Data vectors.Hex
		ID   string
	} `json:"message_ids"`
	Windows []struct {
		Positions []event.Position
		Taken     []bool
	}
}

func load(t *testing.T) *file {
	t.Helper()
	var f file
	vectors.Load(t, "events.json", &f)
	return &f
}

// written compares what is written with what a vector says.
func written(t *testing.T, err error, got []byte, want vectors.Hex) {
	t.Helper()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("written as %x, %v, not as %x", got, err, want)
	}
}

func TestPositionsAndTopicsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, c := range f.Positions {
		if c.Text != (event.Position{Epoch: c.Epoch, Seq: c.Seq}) {
			t.Errorf("%v is %v", c, c.Text)
		}
	}
	for _, refused := range f.RefusedPositions {
		if position, err := event.ParsePosition(refused.Text); !errors.Is(err, event.ErrPosition) {
			t.Errorf("%q is %v, although %s", refused.Text, position, refused.Why)
		}
	}
	for _, text := range f.Topics {
		if topic, err := event.ParseTopic(text); err != nil || string(topic) != text {
			t.Errorf("%q is %q, %v", text, topic, err)
		}
	}
	for _, refused := range f.RefusedTopics {
		if _, err := event.ParseTopic(refused.Text); !errors.Is(err, event.ErrTopic) {
			t.Errorf("%q is a topic, although %s", refused.Text, refused.Why)
		}
	}
}

func TestPatternsMatchAsWritten(t *testing.T) {
	for _, c := range load(t).Matches {
		all := event.NewPatterns(c.Patterns...)
		for topics, matches := range map[*[]event.Topic]bool{&c.Matched: true, &c.Others: false} {
			for _, topic := range *topics {
				one := slices.ContainsFunc(c.Patterns, func(p event.Pattern) bool { return p.Matches(topic) })
				if all.Match(topic) != matches || one != matches {
					t.Errorf("%q and %q: %t, %t", c.Patterns, topic, all.Match(topic), one)
				}
			}
		}
	}
}

// since is what a vector means.
func since(t *testing.T, text string) event.Since {
	t.Helper()
	kind, value, _ := strings.Cut(text, " ")
	switch kind {
	case "now":
		return event.Now()
	case "start":
		return event.Start()
	case "time":
		time, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return event.At(time)
	}
	position, err := event.ParsePosition(value)
	if err != nil {
		t.Fatal(err)
	}
	return event.After(position)
}

func TestRequestsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, c := range f.Requests {
		want := &event.Request{}
		if c.Since != nil {
			want.Subscribe = &event.Subscribe{Patterns: c.Patterns, Since: since(t, *c.Since)}
		}
		got, err := event.ReadRequest(bytes.NewReader(c.Bytes))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%x is %+v, %v", c.Bytes, got, err)
		}
		var again bytes.Buffer
		written(t, event.WriteRequest(&again, want), again.Bytes(), c.Bytes)
	}
	refused(t, f.RefusedRequests, func(r io.Reader) error {
		_, err := event.ReadRequest(r)
		return err
	})
	for _, c := range f.InvalidRequests {
		request, err := event.ReadRequest(bytes.NewReader(c.Bytes))
		if err != nil || !errors.Is(request.Subscribe.Validate(), event.ErrInvalid) {
			t.Errorf("%x is %+v, %v, although %s", c.Bytes, request, err, c.Why)
		}
	}
}

// refused reads what is to be refused.
func refused(t *testing.T, all []vectors.RefusedBytes, read func(io.Reader) error) {
	t.Helper()
	for _, c := range all {
		if err := read(bytes.NewReader(c.Bytes)); err == nil {
			t.Errorf("%x is taken, although %s", c.Bytes, c.Why)
		}
	}
}

func (c *told) meant() event.Told {
	meant := event.Told{Subscribed: c.Subscribed}
	if e := c.Event; e != nil {
		meant.Event = &event.Event{
			Topic: e.Topic, Publisher: [32]byte(e.Publisher), Position: e.Position, At: e.At, Payload: e.Payload,
		}
	}
	if g := c.Gap; g != nil {
		meant.Gap = &event.Gap{After: g.After, Next: g.Next, Reason: g.Reason}
	}
	if c.Denied != nil {
		meant.Denied = *c.Denied
	}
	return meant
}

func TestWhatSubscribersAreToldIsAsWritten(t *testing.T) {
	f := load(t)
	for _, c := range f.Told {
		meant := c.meant()
		frame, err := meant.Frame()
		written(t, err, frame, c.Bytes)
		if meant.Subscribed != nil {
			stream := struct {
				io.Reader
				io.Writer
			}{bytes.NewReader(c.Bytes), io.Discard}
			at, err := event.Ask(stream, &event.Subscribe{Patterns: []event.Pattern{"*"}})
			if err != nil || at != *meant.Subscribed {
				t.Errorf("%x is %v, %v", c.Bytes, at, err)
			}
			continue
		}
		got, err := event.ReadTold(bytes.NewReader(c.Bytes))
		if err != nil || !reflect.DeepEqual(*got, meant) {
			t.Errorf("%x is %+v, %v", c.Bytes, got, err)
		}
	}
	refused(t, f.RefusedTold, func(r io.Reader) error {
		_, err := event.ReadTold(r)
		return err
	})
}

func TestPublicationsAndAnswersAreAsWritten(t *testing.T) {
	f := load(t)
	for _, c := range f.Publications {
		got, err := event.ReadPublication(bytes.NewReader(c.Bytes))
		if err != nil || got.Topic != c.Topic || !bytes.Equal(got.Payload, c.Payload) {
			t.Errorf("%x is %+v, %v", c.Bytes, got, err)
		}
		var again bytes.Buffer
		written(t, event.WritePublication(&again, got), again.Bytes(), c.Bytes)
	}
	refused(t, f.RefusedPublications, func(r io.Reader) error {
		_, err := event.ReadPublication(r)
		return err
	})
	for _, c := range f.Answers {
		var want event.Published
		if c.Denied != nil {
			want.Denied = *c.Denied
		} else {
			want.Position = *c.Published
		}
		got, err := event.ReadPublished(bytes.NewReader(c.Bytes))
		if err != nil || got != want {
			t.Errorf("%x is %+v, %v", c.Bytes, got, err)
		}
		var again bytes.Buffer
		written(t, event.WritePublished(&again, want), again.Bytes(), c.Bytes)
	}
	refused(t, f.RefusedAnswers, func(r io.Reader) error {
		_, err := event.ReadPublished(r)
		return err
	})
}

// lab is the network of the broadcasts.
func lab(t *testing.T) mesh.Realm {
	t.Helper()
	genesis, err := mesh.NewGenesis(
		"lab", vectors.SeededKey(t, 1).GetPublic(), 4660, mesh.Policy{}, 1_700_000_000_000, [16]byte(bytes.Repeat([]byte{1}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	return mesh.RealmOf(genesis)
}

func TestBroadcastsAreAsWritten(t *testing.T) {
	f, realm := load(t), lab(t)
	certify := func(b []byte) (*mesh.Certificate, error) { return mesh.ParseCertificate(b, realm) }
	for _, c := range f.Broadcasts {
		certificate, err := certify(c.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		b, err := event.SignBroadcast(vectors.Key(t, c.Seed), realm.ID(), event.BroadcastDraft{
			Topic: c.Topic, Position: c.Position, At: c.At, Payload: c.Payload, Certificate: certificate,
		})
		if err != nil {
			t.Fatal(err)
		}
		written(t, nil, b.Bytes(), c.Bytes)
		read, err := event.ParseBroadcast(c.Bytes, realm.ID(), certify)
		if err != nil || read.ID() != string(c.ID) || read.Topic() != c.Topic || read.Position() != c.Position ||
			read.At() != c.At || !bytes.Equal(read.Payload(), c.Payload) || read.Certificate().Agent() != certificate.Agent() {
			t.Errorf("%+v, %v", read, err)
		}
	}
	for _, c := range f.RefusedBroadcasts {
		if _, err := event.ParseBroadcast(c.Bytes, realm.ID(), certify); !errors.Is(err, event.ErrBroadcast) {
			t.Errorf("%x is taken, although %s: %v", c.Bytes, c.Why, err)
		}
	}
	for _, c := range f.MessageIDs {
		if id := hex.EncodeToString([]byte(event.MessageID(c.Data))); id != c.ID {
			t.Errorf("%x has the id %s, not %s", c.Data, id, c.ID)
		}
	}
}

func TestEachBroadcastIsTakenOnceAsWritten(t *testing.T) {
	for _, c := range load(t).Windows {
		var window event.Window
		for n, position := range c.Positions {
			if taken := window.Take(position); taken != c.Taken[n] {
				t.Errorf("%v of %v: %t", position, c.Positions, taken)
			}
		}
	}
}
