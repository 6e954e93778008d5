package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// lastWords is how long an answer in the middle of a file may take to arrive before the stream is reset.
const lastWords = time.Second

// Why an attempt to bring a file was given up.
var (
	errOver     = errors.New("the peer is no longer trusted")
	errReplaced = errors.New("another attempt brings the same file")
	errDisk     = errors.New("the disk has failed")
)

// receiveFile serves one attempt to bring a file. One that is malformed, silent, no longer trusted, or replaced by another
// attempt ends without an answer.
func (a *Agent) receiveFile(s *Stream, _ func()) {
	if err := a.takeFile(s); err != nil {
		slog.Debug("a file ended early", "peer", s.Peer(), "error", err)
		_ = s.Reset()
	}
}

func (a *Agent) takeFile(s *Stream) error {
	from, err := id.AgentIDOfPeer(s.Peer())
	if err != nil {
		return err
	}
	_ = s.SetReadDeadline(time.Now().Add(fileIdle))
	offer, err := service.ReceiveOffer(s)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	if a.isOver(s) {
		return errOver
	}
	in, answer, err := a.services.inbox.Receive(a.ctx, from, offer, func() bool { return a.isOver(s) })
	if err != nil {
		slog.Error("a file cannot be received", "peer", s.Peer(), "error", err)
	}
	if in == nil {
		return replyToFile(s, offer.ID, service.Reply{Answer: answer})
	}
	// Another attempt that wants the file ends this one.
	goOn := context.AfterFunc(in.Context(), func() { _ = s.Reset() })
	digest, err := a.transferIn(s, offer, in)
	switch {
	case !goOn():
		err = errReplaced
	case err == nil && a.isOver(s):
		err = errOver
	}
	if err != nil && !errors.Is(err, errDisk) {
		in.Leave()
		return err
	}
	answer, failed := in.Complete(digest)
	if failed != nil {
		slog.Error("a file could not be stored", "peer", s.Peer(), "error", failed)
	}
	if err := replyToFile(s, offer.ID, service.Reply{Answer: answer}); err != nil || answer.IsDelivered() {
		return err
	}
	return hangUp(a.ctx, s)
}

// transferIn brings the bytes from the stream to the disk; it returns the digest that they should have.
func (a *Agent) transferIn(s *Stream, offer *service.Offer, in *inbox.Incoming) (service.Digest, error) {
	have := in.Have()
	if err := replyToFile(s, offer.ID, service.Reply{Have: &have}); err != nil {
		return service.Digest{}, err
	}
	// The sender reads its own first bytes meanwhile.
	_ = s.SetReadDeadline(time.Now().Add(diskTime))
	offset, err := service.ReceiveStart(s, have)
	if err != nil {
		return service.Digest{}, err
	}
	if err := in.Begin(offset); err != nil {
		return service.Digest{}, err
	}
	for left := offer.Size - offset; left > 0; {
		buffer := in.Buffer(left)
		if buffer == nil {
			return service.Digest{}, errDisk
		}
		read, err := fillPatiently(s, buffer)
		// What came before the stream broke need not come again.
		in.Append(buffer[:read])
		left -= uint64(read)
		if err != nil {
			return service.Digest{}, err
		}
	}
	_ = s.SetReadDeadline(time.Now().Add(fileIdle))
	return service.ReceiveEnd(s)
}

// fillPatiently fills a buffer; it returns how far it came if the stream ends or stands still before.
func fillPatiently(s *Stream, buffer []byte) (int, error) {
	for read := 0; ; {
		_ = s.SetReadDeadline(time.Now().Add(fileIdle))
		some, err := s.Read(buffer[read:])
		read += some
		switch {
		case read == len(buffer):
			return read, nil
		case errors.Is(err, io.EOF):
			return read, io.ErrUnexpectedEOF
		case err != nil:
			return read, err
		}
	}
}

func replyToFile(s *Stream, file service.MessageID, reply service.Reply) error {
	_ = s.SetWriteDeadline(time.Now().Add(fileReplyTime))
	return service.ReplyFile(s, file, reply)
}

// hangUp ends a stream whose peer is still sending: it is to read our answer, and to stop.
func hangUp(ctx context.Context, s *Stream) error {
	if err := errors.Join(s.CloseWrite(), s.CloseRead()); err != nil {
		return err
	}
	select {
	case <-time.After(lastWords):
	case <-ctx.Done():
	}
	return s.Reset()
}
