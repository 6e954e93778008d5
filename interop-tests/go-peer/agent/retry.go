package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// opening is how long a stream may take to be opened, dialling included.
	opening = 15 * time.Second
	// retrySoon and retryLater are the waits before the next attempt: where a stream broke or the peer was busy or silent, and where
	// the peer was away. They double up to retrySeldom.
	retrySoon, retryLater, retrySeldom = 50 * time.Millisecond, time.Second, time.Minute
	// stillness is how long a peer may be silent before it is asked whether it is there, and how long it may take to say
	// so; where it has a newer connection, both are lookEvery.
	stillness, lookEvery = 5 * time.Second, time.Second
)

// RejectedError says that the peer was reached and did not take what was sent.
type RejectedError struct{ Answer service.Answer }

// Error implements error.
func (e *RejectedError) Error() string {
	switch e.Answer {
	case service.Conflict:
		return "the peer has something else under this id"
	case service.Quota:
		return "the peer has no room for it"
	case service.Invalid:
		return "the peer finds it invalid"
	default:
		return "the peer could not store it"
	}
}

// permanentError is a failure of our own that another attempt does not mend.
type permanentError struct{ error }

// Unwrap returns what went wrong.
func (e permanentError) Unwrap() error { return e.error }

// retried makes attempts until one succeeds, the peer says what waiting does not change, or the context ends. Then the
// error is that of the last attempt.
func retried(ctx context.Context, attempt func(context.Context) (service.Answer, error)) error {
	var wait time.Duration
	for {
		answer, err := attempt(ctx)
		if err == nil && answer.IsDelivered() {
			return nil
		}
		if err == nil {
			err = &RejectedError{Answer: answer}
		}
		if !isTemporary(err) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("given up: %w", err)
		}
		first := retrySoon
		if errors.Is(err, ErrUnreachable) {
			first = retryLater
		}
		wait = min(max(2*wait, first), retrySeldom)
		select {
		case <-time.After(time.Duration(float64(wait) * (0.75 + rand.Float64()/2))):
		case <-ctx.Done():
			return fmt.Errorf("given up: %w", err)
		}
	}
}

// isTemporary says whether the same attempt may go better another time, while its caller waits.
func isTemporary(err error) bool {
	var rejected *RejectedError
	if errors.As(err, &rejected) {
		return rejected.Answer == service.Failed
	}
	var permanent permanentError
	return !errors.As(err, &permanent) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrNoContact) && !errors.Is(err, service.ErrRefused) &&
		!errors.Is(err, service.ErrTooLarge)
}

// exchange opens a stream and has it used. While it stands still, the peer is asked whether it is there: after a crash, its
// connection swallows whatever is written to it until it times out, while a new one may stand beside it.
func (a *Agent) exchange(
	ctx context.Context, p peer.ID, proto protocol.ID, use func(s *Stream, moved *atomic.Uint64) (service.Answer, error),
) (service.Answer, error) {
	open, cancel := context.WithTimeout(ctx, opening)
	s, err := a.Open(open, p, proto)
	cancel()
	if err != nil {
		return 0, err
	}
	ctx, cancel = context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	var moved atomic.Uint64
	go a.watch(ctx, s, &moved)
	answer, err := use(s, &moved)
	if err != nil {
		_ = s.Reset()
		return answer, err
	}
	_ = s.Close()
	return answer, nil
}

// watch closes the connection of a stream whose peer is gone.
func (a *Agent) watch(ctx context.Context, s *Stream, moved *atomic.Uint64) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	since, before := time.Now(), moved.Load()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if now := moved.Load(); now != before {
			since, before = time.Now(), now
			continue
		}
		patience := stillness
		if a.hasNewer(s.Conn()) {
			patience = lookEvery
		}
		if time.Since(since) < patience {
			continue
		}
		if !isThere(ctx, s.Conn(), patience) && ctx.Err() == nil {
			_ = s.Conn().Close()
			return
		}
		since = time.Now()
	}
}

// hasNewer says whether the peer has another connection to us that was opened later: it may have lost this one.
func (a *Agent) hasNewer(conn network.Conn) bool {
	return slices.ContainsFunc(a.host.Network().ConnsToPeer(conn.RemotePeer()), func(other network.Conn) bool {
		return other.Stat().Opened.After(conn.Stat().Opened)
	})
}

// isThere asks for port 7, and does not mind what is said.
func isThere(ctx context.Context, conn network.Conn, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := conn.NewStream(network.WithAllowLimitedConn(ctx, "are you there"))
	if err != nil {
		return false
	}
	defer s.Reset()
	_ = s.SetDeadline(time.Now().Add(patience))
	err = multistream.SelectProtoOrFail(service.EchoProtocol, s)
	return !errors.Is(err, os.ErrDeadlineExceeded) && !conn.IsClosed()
}
