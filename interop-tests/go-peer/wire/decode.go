package wire

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// ErrMismatch says that bytes are well-formed, but not the message that was expected: a field is missing, or of another
// type.
var ErrMismatch = errors.New("another message was expected")

// Checker is a type whose values have rules, such as a name: [Decode] refuses a value that breaks one.
type Checker interface {
	Check() error
}

// decoding is how values are read. How many items there may be is no question any more: the scan has found them all.
var decoding = must(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:   MaxDepth,
	MaxArrayElements:  math.MaxInt32,
	MaxMapPairs:       math.MaxInt32,
	IndefLength:       cbor.IndefLengthForbidden,
	TagsMd:            cbor.TagsForbidden,
	FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	BinaryUnmarshaler: cbor.BinaryUnmarshalerNone,
}.DecMode())

// Decode decodes a message from exactly b into the struct that v points to.
//
// Each type has one form: a struct is a map, a string is text, a slice or an array of bytes is a byte string of, for an
// array, exactly its length. A number has to be within its type. A pointer is optional, as is every field whose tag says
// omitzero: absent or null leaves it nil or zero. A slice that is present is never nil. Everything else has to be there.
// A pointer to a pointer tells null (a pointer to nil) from absent (nil).
//
// The error is a [*MalformedError] before anything is decoded if the bytes leave the strict subset, and otherwise wraps
// [ErrMismatch]. The value is of no use then.
func Decode(b []byte, v any) error {
	if err := scanMessage(b); err != nil {
		return err
	}
	return decodeScanned(b, v)
}

// DecodeItem decodes a value that stands inside a message. It is for a [cbor.Unmarshaler], whose item is in the strict
// subset.
func DecodeItem(item []byte, v any) error {
	s := scanner{bytes: item}
	if err := s.item(0); err != nil {
		return err
	}
	if s.at != len(item) {
		return &MalformedError{At: s.at, Fault: Trailing}
	}
	return decodeScanned(item, v)
}

func decodeScanned(b []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() == reflect.Pointer && !target.IsNil() {
		// What is absent is zero, whatever stood there.
		target.Elem().SetZero()
	}
	if err := decoding.Unmarshal(b, v); err != nil {
		return asMismatch(err)
	}
	s := scanner{bytes: b}
	return s.shape(target.Elem())
}

// asMismatch makes the complaint of a type the refusal of the message.
func asMismatch(err error) error {
	if errors.Is(err, ErrMismatch) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrMismatch, err)
}
