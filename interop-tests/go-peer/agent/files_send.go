package agent

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// lastWord is how long to look for the answer of a receiver that does not read on.
const lastWord = 5 * time.Second

// SentFile is a file that a contact has.
type SentFile struct {
	ID     service.MessageID
	Name   service.FileName
	Size   uint64
	Digest service.Digest
	// Began is the byte at which the last attempt began: what the contact had before was not sent again.
	Began uint64
}

// SendFile sends a file to a contact's inbox, and tries again until it is there, the contact refuses it, or the context
// ends. What has arrived is not sent again: not in the next attempt, and not if the same file is sent to the same contact
// again, by this process or the next one of the same home.
func (a *Agent) SendFile(ctx context.Context, p peer.ID, path string) (SentFile, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return SentFile{}, err
	}
	from, err := lookAt(path)
	if err != nil {
		return SentFile{}, err
	}
	sent := SentFile{Name: service.FileNameOf(path), Size: from.size}
	if sent.ID, err = a.beginSending(p, from); err != nil {
		return sent, err
	}
	offer := &service.Offer{ID: sent.ID, Name: string(sent.Name), Size: sent.Size, SentAt: uint64(time.Now().UnixMilli())}
	err = a.bringFile(ctx, p, offer, from, &sent)
	var rejected *RejectedError
	if err == nil || errors.As(err, &rejected) && !isAgain(rejected.Answer) {
		err = errors.Join(err, a.endSending(p, from))
	}
	if err == nil && sent.Digest == (service.Digest{}) {
		// It was there before the first attempt of this process.
		sent.Began = sent.Size
		sent.Digest, err = from.digest(ctx)
	}
	return sent, err
}

// bringFile makes attempts until a file that is offered is with the other.
func (a *Agent) bringFile(ctx context.Context, p peer.ID, offer *service.Offer, from source, sent *SentFile) error {
	return retried(ctx, func(ctx context.Context) (service.Answer, error) {
		return a.exchange(ctx, p, service.FilesProtocol, func(s *Stream, moved *atomic.Uint64) (service.Answer, error) {
			return attemptFile(ctx, s, moved, offer, from, sent)
		})
	})
}

// isAgain says whether the same file may be taken another time.
func isAgain(answer service.Answer) bool { return answer == service.Quota || answer == service.Failed }

func attemptFile(
	ctx context.Context, s *Stream, moved *atomic.Uint64, offer *service.Offer, from source, sent *SentFile,
) (service.Answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The receiver reads what it has of the file before it replies, and so do we afterwards.
	_ = s.SetDeadline(time.Now().Add(diskTime))
	reply, err := service.OfferFile(s, offer)
	if err != nil || reply.Have == nil {
		return reply.Answer, err
	}
	reading := from.startReading(ctx, *reply.Have)
	offset, ok := <-reading.start
	if !ok {
		return 0, reading.err
	}
	sent.Began = offset
	if err := service.StartFile(s, offset); err != nil {
		return 0, err
	}
	if err := transferOut(s, moved, reading); err != nil {
		// A receiver that cannot go on says why and reads no further.
		_ = s.SetReadDeadline(time.Now().Add(lastWord))
		if answer, failed := service.ReadFileAnswer(s, offer.ID); failed == nil && !answer.IsDelivered() {
			return answer, nil
		}
		return 0, err
	}
	if reading.err != nil {
		return 0, reading.err
	}
	sent.Digest = reading.digest
	_ = s.SetDeadline(time.Now().Add(diskTime))
	return service.FinishFile(s, offer.ID, reading.digest)
}

// transferOut brings the bytes from the disk to the stream.
func transferOut(s *Stream, moved *atomic.Uint64, reading *reading) error {
	for buffer := range reading.full {
		for written := 0; written < len(buffer); {
			_ = s.SetWriteDeadline(time.Now().Add(fileIdle))
			some, err := s.Write(buffer[written:min(written+writeSize, len(buffer))])
			written += some
			moved.Add(uint64(some))
			if err != nil {
				return err
			}
		}
		reading.empty <- buffer
	}
	return nil
}

// writeSize is the bytes of one write to a stream: a slow path is seen to move between them.
const writeSize = 64 << 10
