package agent

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// stalled is how long a subscriber may take nothing, and a publisher no answer. It loses its stream, and goes on where it
	// was on another one.
	stalled = 30 * time.Second
	// takenInTime is how many bytes it has to take within that.
	takenInTime = 16 << 10
)

// serveEvents serves a subscriber or a publisher. What it may do is what its scopes say now: when they change, its streams
// are cut.
func (a *Agent) serveEvents(s *Stream) {
	_ = s.SetReadDeadline(time.Now().Add(exchange))
	request, err := event.ReadRequest(s)
	if err != nil || s.SetReadDeadline(time.Time{}) != nil {
		_ = s.Reset()
		return
	}
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	scopes := a.scopesOf(s)
	if request.Subscribe == nil {
		err = a.takePublications(s, scopes)
	} else {
		err = a.serveSubscriber(ctx, cancel, s, request.Subscribe, scopes)
	}
	if err == nil && s.SetDeadline(time.Now().Add(exchange)) == nil {
		_ = wire.Finish(s)
	}
}

func (a *Agent) scopesOf(s *Stream) trust.Scopes {
	r, _ := a.relationOf(s.Peer())
	return orEverything(r.Scopes)
}

// serveSubscriber tells a subscriber what it wants and may hear, until one of the two ends it. The error is that the stream
// is of no further use.
func (a *Agent) serveSubscriber(ctx context.Context, end func(), s *Stream, what *event.Subscribe, scopes trust.Scopes) error {
	may, wants := event.NewPatterns(scopes.Subscribe...), event.NewPatterns(what.Patterns...)
	switch {
	case may.IsEmpty():
		return tell(s, event.Told{Denied: event.NotAllowed})
	case what.Validate() != nil:
		return tell(s, event.Told{Denied: event.Invalid})
	case !a.events.subscribers.enter(s.Peer()):
		return tell(s, event.Told{Denied: event.Full})
	}
	defer a.events.subscribers.leave(s.Peer())
	cursor, newest := a.events.own.Read(what.Since, func(topic event.Topic) bool { return wants.Match(topic) && may.Match(topic) })
	if err := tell(s, event.Told{Subscribed: &newest}); err != nil {
		return err
	}
	// A subscriber says nothing more: it has ended, or has lost its way.
	a.spawn(func(context.Context) {
		_, _ = s.Read(make([]byte, 1))
		end()
	})
	for {
		batch, err := cursor.Next(ctx)
		if err != nil {
			return err
		}
		if err := deliver(s, batch); err != nil {
			return err
		}
	}
}

// deliver writes what is told in one go.
func deliver(s *Stream, batch []eventlog.Delivery) error {
	var frames []byte
	for _, one := range batch {
		frame, err := one.Frame()
		if err != nil {
			return err
		}
		frames = append(frames, frame...)
	}
	return writeInTime(s, frames)
}

func tell(s *Stream, told event.Told) error {
	frame, err := told.Frame()
	if err != nil {
		return err
	}
	return writeInTime(s, frame)
}

// writeInTime writes to a peer that takes something now and then.
func writeInTime(s *Stream, b []byte) error {
	for len(b) > 0 {
		if err := s.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
			return err
		}
		n, err := s.Write(b[:min(len(b), takenInTime)])
		if err != nil {
			_ = s.Reset()
			return err
		}
		b = b[n:]
	}
	return nil
}

// takePublications takes in what a publisher hands over, and answers in the same order.
func (a *Agent) takePublications(s *Stream, scopes trust.Scopes) error {
	publisher, err := id.AgentIDOfPeer(s.Peer())
	if err != nil {
		return err
	}
	may := event.NewPatterns(scopes.Publish...)
	for {
		publication, err := event.ReadPublication(s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			_ = s.Reset()
			return err
		}
		if err := s.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
			return err
		}
		if err := event.WritePublished(s, a.takeIn(publisher, publication, may)); err != nil {
			_ = s.Reset()
			return err
		}
	}
}

// takeIn takes a publication of a contact in.
func (a *Agent) takeIn(publisher id.AgentID, publication *event.Publication, may *event.Patterns) event.Published {
	switch {
	case publication.Validate() != nil:
		return event.Published{Denied: event.Invalid}
	case !may.Match(publication.Topic):
		return event.Published{Denied: event.NotAllowed}
	}
	now := unixMilli()
	position, err := a.events.own.AppendFrom(eventlog.Entry{
		Topic: publication.Topic, Publisher: publisher, At: now, Payload: publication.Payload,
	}, now)
	if err != nil {
		return event.Published{Denied: event.Full}
	}
	return event.Published{Position: position}
}
