package inbox

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// Buffer is the bytes of a buffer between a stream and the disk: few system calls and few changes of goroutines for
	// each MiB.
	Buffer = 256 << 10
	// Buffers of one file: one on each side, and one that waits in each direction. 1 MiB in all.
	buffers = 4
)

// Incoming is an attempt to bring a file. Buffers go round between whoever reads the stream and a goroutine that writes to
// the disk and computes the digest, so that neither waits for the other's system calls.
type Incoming struct {
	inbox   *Inbox
	from    id.AgentID
	offer   *service.Offer
	over    func() bool
	slot    *slot
	partial *partial
	began   uint64
	full    chan []byte
	empty   chan []byte
	written chan error
}

// Receive begins an attempt to bring a file, whose offer is valid. Without an Incoming, the answer is the end of the attempt.
// Over says that nothing is to be stored any more. An earlier attempt to bring the same file is ended.
//
// The error says why the attempt was given up in silence, or what is the cause of the answer Failed.
func (i *Inbox) Receive(
	ctx context.Context, from id.AgentID, offer *service.Offer, over func() bool,
) (*Incoming, service.Answer, error) {
	name, err := offer.Validate()
	if err != nil {
		return nil, service.Invalid, nil
	}
	slot, err := i.ledger.enter(ctx, key{from, offer.ID}.file())
	if err != nil {
		return nil, service.Failed, err
	}
	in := &Incoming{inbox: i, from: from, offer: offer, over: over, slot: slot}
	if answer, wanted := i.isWanted(in); !wanted {
		slot.release()
		return nil, answer, nil
	}
	in.partial, err = openPartial(slot.ctx, i.directory(slot.key), name, offer.Size)
	if err != nil {
		slot.release()
		return nil, service.Failed, err
	}
	if err := checkRoom(in.partial.directory, offer.Size-in.partial.length); err != nil {
		in.Leave()
		return nil, service.Failed, err
	}
	return in, 0, nil
}

// isWanted gives the answer if the file may not come.
func (i *Inbox) isWanted(in *Incoming) (service.Answer, bool) {
	// First what is pending, then what is complete: what moves from the one to the other counts twice, not never.
	pending, few := in.slot.reserve(in.offer.Size)
	i.mu.Lock()
	defer i.mu.Unlock()
	before, known := i.seen[key{in.from, in.offer.ID}]
	switch {
	case known && before.content == offerDigest(in.offer):
		return service.Duplicate, false
	case known:
		return service.Conflict, false
	case !few, saturatingAdd(i.filesUsed, pending) > i.filesQuota, i.used+MessageCost > i.quota:
		return service.Quota, false
	default:
		return 0, true
	}
}

// Context ends when another attempt wants the file, or that of the attempt has ended.
func (in *Incoming) Context() context.Context { return in.slot.ctx }

// Have is what there is of the file.
func (in *Incoming) Have() service.Have { return in.partial.have() }

// Begin is told where the bytes begin that come: at what there is, or at 0, which gives it up.
func (in *Incoming) Begin(offset uint64) error {
	if offset < in.partial.length {
		if err := in.partial.startOver(); err != nil {
			return err
		}
	}
	in.began = offset
	in.full, in.empty = make(chan []byte, buffers), make(chan []byte, buffers)
	in.written = make(chan error, 1)
	for range buffers {
		in.empty <- nil
	}
	go in.write(in.full)
	return nil
}

func (in *Incoming) write(full <-chan []byte) {
	var failed error
	for bytes := range full {
		if failed == nil {
			failed = in.partial.append(bytes)
		}
		in.empty <- bytes
		if failed != nil {
			close(in.empty)
			break
		}
	}
	for range full {
		// Whoever reads has not noticed yet.
		continue
	}
	in.written <- failed
}

// Buffer is a buffer to fill with what comes next of left bytes; nil once the disk has failed.
func (in *Incoming) Buffer(left uint64) []byte {
	buffer, ok := <-in.empty
	if !ok {
		return nil
	}
	if buffer == nil {
		buffer = make([]byte, min(left, Buffer))
	}
	return buffer[:min(left, uint64(cap(buffer)))]
}

// Append adds the bytes in a buffer.
func (in *Incoming) Append(buffer []byte) { in.full <- buffer }

// Leave keeps what there is for the next attempt, or nothing of nothing.
func (in *Incoming) Leave() {
	if err := in.settle(); isFull(err) {
		// What cannot be completed must not fill the disk.
		in.discard()
		return
	}
	if in.partial.length == 0 {
		in.discard()
		return
	}
	in.end(in.partial.length)
}

// Complete ends the file with the digest that it should have, and says what became of it. The error is the cause of the
// answer Failed, unless that is the digest.
func (in *Incoming) Complete(digest service.Digest) (service.Answer, error) {
	if err := in.settle(); err != nil {
		if isFull(err) {
			in.discard()
		} else {
			in.end(in.partial.length)
		}
		return service.Failed, err
	}
	whole, err := in.partial.complete(digest)
	switch {
	case err != nil:
		in.end(in.partial.length)
		return service.Failed, err
	case !whole:
		in.discard()
		return service.Failed, nil
	}
	answer := in.store(digest)
	kept := in.partial.length
	if answer != service.Failed && answer != service.Quota {
		kept = 0
	}
	in.end(kept)
	return answer, nil
}

// store puts the file into the inbox, all of whose bytes are on the disk.
func (in *Incoming) store(digest service.Digest) service.Answer {
	r := newRecord(opFile, in.from, in.offer.ID, in.offer.ReplyTo, in.offer.SentAt)
	r.Name, r.Size, r.Digest, r.Began = in.offer.Name, in.offer.Size, digest[:], in.began
	j := &job{sequence: &Sequence{Over: in.over}, record: r, content: offerDigest(in.offer)}
	answer, ok := <-in.inbox.enqueue(j)
	if !ok {
		return service.Failed
	}
	return answer
}

// settle waits until what was appended is written.
func (in *Incoming) settle() error {
	if in.full == nil {
		return nil
	}
	close(in.full)
	in.full = nil
	return <-in.written
}

func (in *Incoming) discard() {
	os.RemoveAll(in.partial.directory)
	in.end(0)
}

// end gives the turn back.
func (in *Incoming) end(kept uint64) {
	in.partial.file.Close()
	in.slot.kept = kept
	in.slot.release()
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
