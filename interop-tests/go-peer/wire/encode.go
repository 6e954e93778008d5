package wire

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// ErrEncode says that a value has no encoding: a mistake in the program, never the peer's.
var ErrEncode = errors.New("the value has no encoding")

// encoding is how values are written.
var encoding = must(cbor.EncOptions{
	Sort:            cbor.SortNone,
	NilContainers:   cbor.NilContainerAsEmpty,
	ByteArray:       cbor.ByteArrayToByteSlice,
	BinaryMarshaler: cbor.BinaryMarshalerNone,
	IndefLength:     cbor.IndefLengthForbidden,
	TagsMd:          cbor.TagsForbidden,
}.EncMode())

// must is for options that are constants: a mode comes of them, or no test of this package ever passes.
func must[M any](mode M, err error) M {
	if err != nil {
		panic(err)
	}
	return mode
}

// Encode encodes a message: a struct, or a pointer to one. Fields stand in the order of their declaration. A field whose
// tag says omitzero is left out if it is nil or zero; a nil pointer without it is null; a nil slice without it is empty.
// The entries of a Go map stand in no order: a message that is one has a single entry.
//
// What [Decode] would refuse is not written; the error wraps [ErrEncode].
func Encode(v any) ([]byte, error) {
	b, err := EncodeItem(v)
	if err != nil {
		return nil, err
	}
	if err := scanMessage(b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncode, err)
	}
	return b, nil
}

// EncodeItem encodes a value that stands inside a message. It is for a [cbor.Marshaler].
func EncodeItem(v any) ([]byte, error) {
	b, err := encoding.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncode, err)
	}
	return b, nil
}
