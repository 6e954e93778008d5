package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// Why a file cannot be sent.
var (
	ErrNotAFile    = errors.New("not a regular file")
	ErrFileChanged = errors.New("the file has changed since it began to be sent")
)

// source is a file as it was when somebody decided to send it. It is sent as that, or not at all.
type source struct {
	path     string
	size     uint64
	modified time.Time
}

// lookAt looks at a file. Anything but a regular one is not even opened: a pipe would wait for somebody who writes into it.
func lookAt(path string) (source, error) {
	found, err := os.Stat(path)
	if err != nil {
		return source{}, err
	}
	if !found.Mode().IsRegular() {
		return source{}, fmt.Errorf("%s: %w", path, ErrNotAFile)
	}
	return source{path: path, size: uint64(found.Size()), modified: found.ModTime()}, nil
}

// check says whether an open file is still the one that was looked at.
func (f source) check(file *os.File) error {
	found, err := file.Stat()
	if err != nil {
		return err
	}
	if !found.Mode().IsRegular() || uint64(found.Size()) != f.size || !found.ModTime().Equal(f.modified) {
		return fmt.Errorf("%s: %w", f.path, ErrFileChanged)
	}
	return nil
}

// read reads exactly the next bytes.
func (f source) read(file *os.File, buffer []byte) error {
	_, err := io.ReadFull(file, buffer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", f.path, ErrFileChanged)
	}
	return err
}

// Buffers of one file on their way from the disk to the stream: 1 MiB in all.
const sourceBuffers = 4

// reading is a goroutine that reads a file for one attempt and computes the digest, so that disk and network do not wait for
// each other's system calls.
type reading struct {
	start  chan uint64
	full   chan []byte
	empty  chan []byte
	digest service.Digest
	// Set before full is closed.
	err error
}

// startReading reads a file from where the receiver has the same bytes. It ends with the context.
func (f source) startReading(ctx context.Context, have service.Have) *reading {
	r := &reading{
		start: make(chan uint64, 1), full: make(chan []byte, sourceBuffers), empty: make(chan []byte, sourceBuffers),
	}
	for range sourceBuffers {
		r.empty <- nil
	}
	go func() {
		defer close(r.full)
		defer close(r.start)
		r.err = r.run(ctx, f, have)
	}()
	return r
}

func (r *reading) run(ctx context.Context, f source, have service.Have) (err error) {
	file, err := os.Open(f.path)
	if err != nil {
		return permanentError{err}
	}
	defer file.Close()
	if err := f.check(file); err != nil {
		return permanentError{err}
	}
	hasher, offset, err := f.findOffset(ctx, file, have)
	if err != nil {
		return err
	}
	r.start <- offset
	for left := f.size - offset; left > 0; {
		var buffer []byte
		select {
		case buffer = <-r.empty:
		case <-ctx.Done():
			return ctx.Err()
		}
		if buffer == nil {
			buffer = make([]byte, min(left, inbox.Buffer))
		}
		buffer = buffer[:min(left, inbox.Buffer)]
		if err := f.read(file, buffer); err != nil {
			return permanentError{err}
		}
		hasher.Write(buffer)
		left -= uint64(len(buffer))
		// There is room for all buffers.
		r.full <- buffer
	}
	if err := f.check(file); err != nil {
		return permanentError{err}
	}
	r.digest = hasher.Digest()
	return nil
}

// findOffset reads as much as the receiver has; if that differs, everything is to be sent.
func (f source) findOffset(ctx context.Context, file *os.File, have service.Have) (service.Hasher, uint64, error) {
	hasher := service.NewHasher()
	if have.Offset > f.size {
		return hasher, 0, nil
	}
	buffer := make([]byte, min(have.Offset, inbox.Buffer))
	for left := have.Offset; left > 0; left -= uint64(len(buffer)) {
		if ctx.Err() != nil {
			return hasher, 0, ctx.Err()
		}
		buffer = buffer[:min(left, uint64(len(buffer)))]
		if err := f.read(file, buffer); err != nil {
			return hasher, 0, permanentError{err}
		}
		hasher.Write(buffer)
	}
	if hasher.Digest() == have.Digest {
		return hasher, have.Offset, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return hasher, 0, permanentError{err}
	}
	return service.NewHasher(), 0, nil
}
