package service

import (
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// MaxRun is the cap of the bytes of one run in each direction: what one request can make the responder read and write.
const MaxRun = 1024 * 1024 * 1024

// Bytes read or written at once, and all that a run holds in memory.
const runBuffer = 64 * 1024

// Why a run failed. The stream is of no further use.
var (
	ErrNoAnswer    = errors.New("the stream ended before the answer")
	ErrWrongAnswer = errors.New("an answer that cannot be")
)

// Run is what an opener is going to send, and what it wants to receive then, each at most MaxRun bytes.
type Run struct {
	Send    uint64 `cbor:"send"`
	Receive uint64 `cbor:"receive"`
}

// What the responder says when it has what there was to receive.
type runAnswer struct {
	Received uint64 `cbor:"received"`
}

// Validate checks both numbers.
func (r Run) Validate() error {
	if bytes := max(r.Send, r.Receive); bytes > MaxRun {
		return fmt.Errorf("a run of %d bytes is %w of %d", bytes, ErrTooLarge, MaxRun)
	}
	return nil
}

// ReadRun reads a request, or io.EOF if the stream ended before one.
func ReadRun(r io.Reader) (Run, error) {
	var run Run
	if err := wire.ReadMessage(r, &run, wire.ControlFrame); err != nil {
		return Run{}, err
	}
	return run, run.Validate()
}

// ServeRun serves the run of one stream: takes the request, discards, answers, sends. It returns io.EOF if the stream ended
// before a request, and does not answer one that is malformed or over the limit.
func ServeRun(stream io.ReadWriter) (Run, error) {
	run, err := ReadRun(stream)
	if err != nil {
		return Run{}, err
	}
	received, err := Discard(stream, run.Send)
	if err != nil {
		return run, err
	}
	if err := wire.WriteMessage(stream, &runAnswer{Received: received}, wire.ControlFrame); err != nil {
		return run, err
	}
	return run, Fill(stream, run.Receive)
}

// AskRun asks for a run. Bytes to send follow.
func AskRun(w io.Writer, run Run) error {
	if err := run.Validate(); err != nil {
		return err
	}
	return wire.WriteMessage(w, &run, wire.ControlFrame)
}

// ReadRunAnswer waits for the answer to a run: the bytes that arrived. They are fewer than announced if the opener closed
// its half before.
func ReadRunAnswer(r io.Reader, run Run) (uint64, error) {
	var answer runAnswer
	if err := wire.ReadMessage(r, &answer, wire.ControlFrame); errors.Is(err, io.EOF) {
		return 0, ErrNoAnswer
	} else if err != nil {
		return 0, err
	}
	if answer.Received > run.Send {
		return 0, fmt.Errorf("%w: it counts %d bytes of %d", ErrWrongAnswer, answer.Received, run.Send)
	}
	return answer.Received, nil
}

// Fill writes so many bytes, whose value is of no account.
func Fill(w io.Writer, count uint64) error {
	zeros := make([]byte, min(count, runBuffer))
	for count > 0 {
		wrote, err := w.Write(zeros[:min(count, runBuffer)])
		if err != nil {
			return err
		}
		count -= uint64(wrote)
	}
	return nil
}

// Discard reads so many bytes and forgets them. It returns fewer if the stream ends before.
func Discard(r io.Reader, count uint64) (uint64, error) {
	buffer := make([]byte, min(count, runBuffer))
	var done uint64
	for done < count {
		read, err := r.Read(buffer[:min(count-done, runBuffer)])
		done += uint64(read)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
