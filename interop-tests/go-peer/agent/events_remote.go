package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/eventlog"
)

const (
	// hearAgain is the wait before a subscription that has lost its stream asks for it anew; doubled each time, up to
	// hearSeldom. A connection of the broker ends the wait.
	hearAgain, hearSeldom = 100 * time.Millisecond, 30 * time.Second
)

// hearing is a subscription at the broker of a contact.
type hearing struct {
	agent *Agent
	peer  peer.ID
	// what is what is asked for next: as at first, or from where we are.
	what event.Subscribe
}

// hearContact subscribes at the broker of a contact.
func (a *Agent) hearContact(ctx context.Context, p peer.ID, what event.Subscribe) (*Subscription, error) {
	h := &hearing{agent: a, peer: p, what: what}
	s, err := h.ask(ctx)
	// The other may just have closed the connection.
	for tries := 1; err != nil && tries < maxTries && !isOver(err) && ctx.Err() == nil; tries++ {
		s, err = h.ask(ctx)
	}
	if err != nil {
		return nil, err
	}
	return a.subscription(func(ctx context.Context, hand func(eventlog.Delivery) error) error {
		return h.hear(ctx, s, hand)
	}), nil
}

// ask asks for the events; when it returns, the subscription is live.
func (h *hearing) ask(ctx context.Context) (*Stream, error) {
	s, err := h.agent.Open(ctx, h.peer, event.Protocol)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	newest, err := event.Ask(s, &h.what)
	if err == nil && !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = s.Reset()
		return nil, err
	}
	if h.what.Since.Kind == event.SinceNow {
		// Whatever the broker takes in from here on is ours, even if this stream brings nothing.
		h.what.Since = event.After(newest)
	}
	return s, nil
}

// hear hands on what one stream after the other brings, until the broker or the end of trust ends it.
func (h *hearing) hear(ctx context.Context, s *Stream, hand func(eventlog.Delivery) error) error {
	wait := hearAgain
	for {
		if s != nil {
			heard, err := h.hearOne(ctx, s, hand)
			if isOver(err) || ctx.Err() != nil {
				return err
			}
			if heard {
				wait = hearAgain
			}
		}
		if !h.agent.IsContact(h.peer) {
			return ErrCut
		}
		select {
		case <-time.After(about(wait)):
		case <-h.agent.arrivals.next(h.peer):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait = min(2*wait, hearSeldom)
		var err error
		attempt, cancel := context.WithTimeout(ctx, opening)
		if s, err = h.ask(attempt); isOver(err) {
			cancel()
			return err
		}
		cancel()
	}
}

// isOver says whether an error is the broker's last word. Everything else may be mended by another stream.
func isOver(err error) bool {
	var denied event.Denied
	return errors.As(err, &denied) || errors.Is(err, ErrNoContact) || errors.Is(err, ErrUnsupported)
}

// hearOne hands on what a stream brings, and says whether that was anything.
func (h *hearing) hearOne(ctx context.Context, s *Stream, hand func(eventlog.Delivery) error) (heard bool, err error) {
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	for {
		told, err := event.ReadTold(s)
		switch {
		case errors.Is(err, io.EOF):
			return heard, fmt.Errorf("the broker has ended the stream: %w", err)
		case err != nil:
			_ = s.Reset()
			return heard, err
		case told.Denied != 0:
			return heard, told.Denied
		}
		if err := hand(eventlog.Delivery{Event: told.Event, Gap: told.Gap}); err != nil {
			return heard, err
		}
		heard = true
		if told.Event != nil {
			h.what.Since = event.After(told.Event.Position)
		} else if told.Gap.Reason == event.Restarted {
			// All that the new broker has had follows.
			h.what.Since = event.After(event.Position{Epoch: told.Gap.Next.Epoch})
		}
	}
}
