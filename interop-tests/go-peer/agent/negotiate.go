package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// negotiate opens a stream of a protocol, without a round trip if the peer is known to speak it.
func (a *Agent) negotiate(ctx context.Context, p peer.ID, proto protocol.ID) (network.Stream, error) {
	if err := a.connect(ctx, p); err != nil {
		return nil, err
	}
	raw, err := a.host.Network().NewStream(network.WithAllowLimitedConn(network.WithNoDial(ctx, "connected"), string(proto)), p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errClosed, err)
	}
	if err := raw.SetProtocol(proto); err != nil {
		_ = raw.Reset()
		return nil, err
	}
	if known, _ := a.host.Peerstore().SupportsProtocols(p, proto); len(known) > 0 {
		return &lazyStream{Stream: raw, lazy: multistream.NewMSSelect(raw, proto)}, nil
	}
	if err := selectProtocol(ctx, raw, proto); err != nil {
		_ = raw.Reset()
		if raw.Conn().IsClosed() {
			err = fmt.Errorf("%w: %w", errClosed, err)
		}
		return nil, err
	}
	_ = a.host.Peerstore().AddProtocols(p, proto)
	return raw, nil
}

func selectProtocol(ctx context.Context, raw network.Stream, proto protocol.ID) error {
	stop := context.AfterFunc(ctx, func() { _ = raw.Reset() })
	defer stop()
	_ = raw.SetDeadline(time.Now().Add(negotiation))
	if err := multistream.SelectProtoOrFail(proto, raw); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("opening %s: %w", proto, unsupported(err))
	}
	return raw.SetDeadline(time.Time{})
}

// unsupported gives the answer of multistream that a protocol is not spoken its name here.
func unsupported(err error) error {
	if errors.Is(err, multistream.ErrNotSupported[protocol.ID]{}) {
		return ErrUnsupported
	}
	return err
}

// lazyStream is a stream whose negotiation travels with the first bytes.
type lazyStream struct {
	network.Stream
	lazy multistream.LazyConn
}

func (s *lazyStream) Read(p []byte) (int, error)  { return s.lazy.Read(p) }
func (s *lazyStream) Write(p []byte) (int, error) { return s.lazy.Write(p) }

func (s *lazyStream) CloseWrite() error {
	_ = s.flush()
	return s.Stream.CloseWrite()
}

// Close does not wait for an answer that nobody wants to read: the peer may never send one.
func (s *lazyStream) Close() error {
	_ = s.Stream.SetReadDeadline(time.Now().Add(negotiation))
	return s.lazy.Close()
}

func (s *lazyStream) flush() error {
	if flusher, ok := s.lazy.(interface{ Flush() error }); ok {
		return flusher.Flush()
	}
	return nil
}
