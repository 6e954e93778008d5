package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// runsInAll is the runs at once, of one peer each: what a run moves is taken from everybody else. A further one hears
	// "busy".
	runsInAll = 4
	// runIdle is how long a run may stand still in the middle, and runTime how long it may take in all.
	runIdle, runTime = 10 * time.Second, time.Minute
)

// Perf sends so many bytes to a contact, has it send so many back, each at most service.MaxRun, and returns how long both
// took.
func (a *Agent) Perf(ctx context.Context, p peer.ID, upload, download uint64) (time.Duration, error) {
	run := service.Run{Send: upload, Receive: download}
	if err := run.Validate(); err != nil {
		return 0, err
	}
	s, err := a.Open(ctx, p, service.PerfProtocol)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	start := time.Now()
	stream := patient{s, runIdle}
	if err := service.AskRun(stream, run); err != nil {
		return 0, err
	}
	if err := service.Fill(stream, upload); err != nil {
		return 0, err
	}
	arrived, err := service.ReadRunAnswer(stream, run)
	if err != nil {
		return 0, err
	}
	back, err := service.Discard(stream, download)
	if err == nil && (arrived != upload || back != download) {
		err = fmt.Errorf("%w: %d of %d bytes arrived, %d of %d came back", io.ErrUnexpectedEOF, arrived, upload, back, download)
	}
	return time.Since(start), err
}

func (a *Agent) serveRun(s *Stream, leave func()) {
	timer := time.AfterFunc(runTime, func() { _ = s.Reset() })
	defer timer.Stop()
	if _, err := service.ServeRun(patient{s, runIdle}); err != nil && !errors.Is(err, io.EOF) {
		_ = s.Reset()
	}
	// Whoever has the last byte may ask for the next run at once.
	leave()
}

// Trips takes so many round trips of so many bytes to port 7 of a peer, one after the other on one stream, and returns how
// long each took. The first one, which opens the stream, is not among them.
func (a *Agent) Trips(ctx context.Context, p peer.ID, size, count int) ([]time.Duration, error) {
	s, err := a.Open(ctx, p, service.EchoProtocol)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	payload, back := bytes.Repeat([]byte{0x5a}, size), make([]byte, size)
	trips := make([]time.Duration, 0, count)
	for range count + 1 {
		start := time.Now()
		if _, err := s.Write(payload); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(s, back); err != nil {
			return nil, err
		}
		trips = append(trips, time.Since(start))
	}
	if !bytes.Equal(payload, back) {
		return nil, ErrEcho
	}
	return trips[1:], nil
}

// patient is a stream that may be slow, but not stand still for longer than this.
type patient struct {
	*Stream
	idle time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.SetReadDeadline(time.Now().Add(p.idle))
	return p.Stream.Read(b)
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.SetWriteDeadline(time.Now().Add(p.idle))
	return p.Stream.Write(b)
}
