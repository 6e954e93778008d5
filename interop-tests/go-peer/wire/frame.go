package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ControlFrame is the cap of a frame that controls something and carries no payload, in bytes.
const ControlFrame = 4096

// maxPrefix is the longest prefix: five varint bytes say up to 2³⁵, and every cap is far below.
const maxPrefix = 5

var (
	// ErrTruncated says that the stream ended inside a frame.
	ErrTruncated = errors.New("the stream ended inside a frame")
	// ErrPrefix says that the length in front of a frame is not the shortest varint for any length that a frame may have.
	ErrPrefix = errors.New("the length of a frame is not a minimal varint")
	// ErrMessage says that a frame does not hold the message that was expected.
	ErrMessage = errors.New("a frame holds no valid message")
)

// TooLargeError says that a frame is longer than its protocol allows. Nothing of it was read or written.
type TooLargeError struct {
	// Size is how many bytes the frame has or claims to have.
	Size uint64
	// Max is how many are allowed.
	Max int
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a frame of %d bytes is over the limit of %d", e.Size, e.Max)
}

// ReadFrame reads one frame of at most max bytes, or returns [io.EOF] if the stream ended before its first byte.
//
// The error is a [*TooLargeError] on the prefix alone, [ErrPrefix] for a length in a longer form than needed,
// [ErrTruncated] if the stream ends inside the frame, or the stream's own. The stream is of no further use then.
func ReadFrame(r io.Reader, max int) ([]byte, error) {
	size, err := readPrefix(r)
	if err != nil {
		return nil, err
	}
	if size > uint64(max) {
		return nil, &TooLargeError{Size: size, Max: max}
	}
	// The buffer grows with what the peer has really sent, so that a claimed length alone costs it more than it costs us.
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(size)); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, ErrTruncated
		}
		return nil, err
	}
	return body.Bytes(), nil
}

// readPrefix reads the length of the next frame, one byte at a time so as to take nothing that follows.
func readPrefix(r io.Reader) (uint64, error) {
	var size uint64
	var digit [1]byte
	for read := range maxPrefix {
		if _, err := io.ReadFull(r, digit[:]); err != nil {
			if errors.Is(err, io.EOF) && read > 0 {
				return 0, ErrTruncated
			}
			return 0, err
		}
		size |= uint64(digit[0]&0x7F) << (7 * read)
		if digit[0]&0x80 == 0 {
			if digit[0] == 0 && read > 0 {
				return 0, ErrPrefix
			}
			return size, nil
		}
	}
	return 0, ErrPrefix
}

// Frame is a body as a frame, for who wants to write more along with it.
func Frame(body []byte, max int) ([]byte, error) {
	if len(body) > max {
		return nil, &TooLargeError{Size: uint64(len(body)), Max: max}
	}
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...), nil
}

// WriteFrame writes one frame, prefix and body in a single write. Nothing is written if body is over max bytes.
func WriteFrame(w io.Writer, body []byte, max int) error {
	frame, err := Frame(body, max)
	if err != nil {
		return err
	}
	_, err = w.Write(frame)
	return err
}

// ReadMessage reads one message into v, or returns [io.EOF] if the stream ended before it. See [ReadFrame] and, for what
// is wrapped in [ErrMessage], [Decode].
func ReadMessage(r io.Reader, v any, max int) error {
	body, err := ReadFrame(r, max)
	if err != nil {
		return err
	}
	if err := Decode(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMessage, err)
	}
	return nil
}

// WriteMessage writes one message. See [Encode] and [WriteFrame].
func WriteMessage(w io.Writer, v any, max int) error {
	body, err := Encode(v)
	if err != nil {
		return err
	}
	return WriteFrame(w, body, max)
}
