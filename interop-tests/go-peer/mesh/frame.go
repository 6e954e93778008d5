package mesh

import (
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Why an exchange failed beside what wire says. The stream is of no further use; the same may be said again on another.
var (
	// ErrEnded says that the opener closed the stream before it had said anything.
	ErrEnded = errors.New("the stream ended before the request")
	// ErrNoAnswer says that the responder closed the stream in place of an answer.
	ErrNoAnswer = errors.New("the stream ended before the answer")
)

// choice is a message that is one of several.
func choice(body []byte) (string, []byte, error) {
	var one wire.Choice
	err := wire.Decode(body, &one)
	return one.Kind, one.Value, err
}

// encodeChoice is the inverse.
func encodeChoice(key string, value any) ([]byte, error) {
	one, err := wire.Choose(key, value)
	if err != nil {
		return nil, err
	}
	return wire.Encode(one)
}

// readBody reads the body of a frame; none stands for there being nothing.
func readBody(r io.Reader, max int, none error) ([]byte, error) {
	body, err := wire.ReadFrame(r, max)
	if errors.Is(err, io.EOF) {
		return nil, fault{kind: ErrFrame, cause: none}
	}
	if err != nil {
		return nil, fault{kind: ErrFrame, cause: err}
	}
	return body, nil
}

// notTheMessage says that a frame holds something else than what was expected.
func notTheMessage(err error) error {
	return fault{kind: ErrFrame, cause: fmt.Errorf("%w: %w", wire.ErrMessage, err)}
}
