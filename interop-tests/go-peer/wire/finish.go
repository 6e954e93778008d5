package wire

import (
	"errors"
	"io"
)

// ErrTrailing says that the other side says more than belongs to the exchange.
var ErrTrailing = errors.New("something follows the exchange")

// Stream is a stream of which each half is closed by itself.
type Stream interface {
	io.ReadWriter
	// CloseWrite ends what this side says.
	CloseWrite() error
}

// Finish closes our half, and waits for the other side to close its own, so that what was said last is not lost if the
// connection is closed next. [ErrTrailing] is what it returns if the other side says more instead.
func Finish(stream Stream) error {
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	var more [1]byte
	read, err := io.ReadFull(stream, more[:])
	switch {
	case read > 0:
		return ErrTrailing
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}
