package agent

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// reasonWait is how long a failed write waits for the status byte that may say why.
const reasonWait = time.Second

type statusState uint8

const (
	// statusDone: the status byte is behind us.
	statusDone statusState = iota
	// statusToSend: we are the responder and have not said StatusOK yet; it goes out with the first use.
	statusToSend
	// statusAwaited: we are the opener; the byte is the first one that a read sees.
	statusAwaited
)

// Stream is a stream of an Airway protocol: bytes in both directions, of which each side ends its own with CloseWrite.
//
// Its first byte from the responder, which says whether the stream is taken, is seen by neither side's user: the
// responder sends it with its first use of the stream, and the opener meets it with its first read. One goroutine may
// read and one may write at the same time.
type Stream struct {
	network.Stream
	release func()
	once    sync.Once
	isCut   atomic.Bool

	// responder says which of the two we are.
	responder bool
	// mu guards what is left to do about the status byte; of an opener only readers touch it.
	mu      sync.Mutex
	state   statusState
	refused error
}

// Peer is the authenticated peer at the other end.
func (s *Stream) Peer() peer.ID { return s.Conn().RemotePeer() }

// Read reads what the peer sends; io.EOF once the peer has closed its half.
func (s *Stream) Read(p []byte) (int, error) {
	if err := s.sendStatus(); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.awaitStatus(); err != nil {
		return 0, s.explain(err)
	}
	n, err := s.Stream.Read(p)
	if s.isCut.Load() {
		return 0, ErrCut
	}
	return n, s.explain(err)
}

// Write sends to the peer.
func (s *Stream) Write(p []byte) (int, error) {
	if err := s.sendStatus(); err != nil {
		return 0, err
	}
	n, err := s.Stream.Write(p)
	if err != nil {
		err = s.reason(err)
	}
	return n, err
}

// CloseWrite ends our half; the peer reads io.EOF.
func (s *Stream) CloseWrite() error {
	if err := s.sendStatus(); err != nil {
		return err
	}
	return s.explain(s.Stream.CloseWrite())
}

// Close ends the stream. What was written still arrives.
func (s *Stream) Close() error {
	s.once.Do(s.release)
	// A responder that has not used the stream has taken it nevertheless.
	_ = s.sendStatus()
	return s.Stream.Close()
}

// Reset ends the stream at once; the peer gets an error.
func (s *Stream) Reset() error {
	s.once.Do(s.release)
	return s.Stream.Reset()
}

// Refuse answers with something else than StatusOK, and ends the stream. It is for a responder that has not used the
// stream yet.
func (s *Stream) Refuse(status service.Status) {
	s.mu.Lock()
	s.state = statusDone
	s.mu.Unlock()
	if s.release != nil {
		s.once.Do(s.release)
	}
	_ = s.SetWriteDeadline(time.Now().Add(negotiation))
	_, _ = s.Stream.Write([]byte{byte(status)})
	_ = s.Stream.Close()
}

// sendStatus takes the stream, if we are its responder and this is its first use.
func (s *Stream) sendStatus() error {
	if s.isCut.Load() {
		return ErrCut
	}
	// Whoever writes does not wait for whoever reads the status byte of the other side.
	if !s.responder {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != statusToSend {
		return nil
	}
	s.state = statusDone
	_, err := s.Stream.Write([]byte{byte(service.StatusOK)})
	return err
}

// awaitStatus reads the status byte, if we are the opener and have not read it.
func (s *Stream) awaitStatus() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != statusAwaited {
		return s.refused
	}
	var status [1]byte
	if _, err := io.ReadFull(s.Stream, status[:]); err != nil {
		err = unsupported(err)
		if errors.Is(err, ErrUnsupported) {
			s.state, s.refused = statusDone, err
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	s.state, s.refused = statusDone, service.Status(status[0]).Err()
	return s.refused
}

// reason looks for the answer behind a failed write: a responder that refuses stops reading.
func (s *Stream) reason(err error) error {
	if s.isCut.Load() {
		return ErrCut
	}
	// Whoever reads at the same time holds the lock, and gets to hear the reason.
	if !s.mu.TryLock() {
		return err
	}
	awaited := s.state == statusAwaited
	s.mu.Unlock()
	if !awaited {
		return err
	}
	_ = s.SetReadDeadline(time.Now().Add(reasonWait))
	if status := s.awaitStatus(); status != nil && !errors.Is(status, io.ErrUnexpectedEOF) && s.isRefused() {
		return status
	}
	return err
}

func (s *Stream) isRefused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused != nil
}

func (s *Stream) explain(err error) error {
	if err != nil && s.isCut.Load() {
		return ErrCut
	}
	return err
}

func (s *Stream) cutOff() {
	s.isCut.Store(true)
	_ = s.Reset()
}
