package agent

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// echoBuffer is what is read at once, and all that a peer who does not read can make us keep.
	echoBuffer = 64 * 1024
	// echoIdle is how long a stream to port 7 may last.
	echoIdle = 10 * time.Minute
	// pingSize is how many bytes a ping carries.
	pingSize = 64
)

// ErrEcho says that what came back is not what was sent.
var ErrEcho = errors.New("the echo differs from what was sent")

func (a *Agent) serveEcho() {
	a.serve(service.EchoProtocol, nil, func(s *Stream) {
		_ = s.SetDeadline(time.Now().Add(echoIdle))
		if _, err := io.CopyBuffer(s, plainReader{s}, make([]byte, echoBuffer)); err != nil {
			_ = s.Reset()
		}
	})
}

// plainReader hides what else a stream can do, so that copying goes through the buffer.
type plainReader struct{ io.Reader }

// Pong is a round trip.
type Pong struct {
	Trip    time.Duration // from the first byte sent to the last received, on a stream that was open
	Relayed bool
}

// Ping takes one round trip of 64 bytes to port 7 of a peer.
func (a *Agent) Ping(ctx context.Context, p peer.ID) (Pong, error) {
	s, err := a.Open(ctx, p, service.EchoProtocol)
	if err != nil {
		return Pong{}, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	// The first trip opens the stream: its negotiation travels with it.
	if err := echo(s, bytes.Repeat([]byte{0x5a}, pingSize)); err != nil {
		return Pong{}, err
	}
	start := time.Now()
	if err := echo(s, bytes.Repeat([]byte{0x5a}, pingSize)); err != nil {
		return Pong{}, err
	}
	return Pong{Trip: time.Since(start), Relayed: s.Conn().Stat().Limited}, nil
}

// Echo sends so many random bytes to port 7 of a peer, and compares what comes back.
func (a *Agent) Echo(ctx context.Context, p peer.ID, size int64) (time.Duration, error) {
	start := time.Now()
	s, err := a.Open(ctx, p, service.EchoProtocol)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	chunk := make([]byte, min(size, echoBuffer))
	if _, err := rand.Read(chunk); err != nil {
		return 0, err
	}
	for left := size; left > 0; left -= int64(len(chunk)) {
		chunk = chunk[:min(left, int64(len(chunk)))]
		if err := echo(s, chunk); err != nil {
			return 0, err
		}
	}
	if err := s.CloseWrite(); err != nil {
		return 0, err
	}
	if n, err := s.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("%w: something follows it", ErrEcho)
	}
	return time.Since(start), nil
}

// echo reads while it writes, so that a payload larger than the buffers on the way does not block itself.
func echo(s *Stream, payload []byte) error {
	sent := make(chan error, 1)
	go func() {
		_, err := s.Write(payload)
		sent <- err
	}()
	back := make([]byte, len(payload))
	_, err := io.ReadFull(s, back)
	if err != nil {
		_ = s.Reset()
	}
	if failed := <-sent; failed != nil && err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	if !bytes.Equal(back, payload) {
		return ErrEcho
	}
	return nil
}
