package wire

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Choice is a message, or a part of one, that is one of several: a map with one key, which says what it is.
type Choice struct {
	Kind string
	// Value is for [DecodeItem].
	Value cbor.RawMessage
}

// Choose makes a choice of a value.
func Choose(kind string, value any) (Choice, error) {
	encoded, err := EncodeItem(value)
	return Choice{Kind: kind, Value: encoded}, err
}

// MarshalCBOR implements [cbor.Marshaler].
func (c Choice) MarshalCBOR() ([]byte, error) {
	return EncodeItem(map[string]cbor.RawMessage{c.Kind: c.Value})
}

// UnmarshalCBOR implements [cbor.Unmarshaler].
func (c *Choice) UnmarshalCBOR(item []byte) error {
	var entries map[string]cbor.RawMessage
	if err := DecodeItem(item, &entries); err != nil {
		return err
	}
	if len(entries) != 1 {
		return fmt.Errorf("%w: a map of %d in place of a map of one", ErrMismatch, len(entries))
	}
	for kind, value := range entries {
		*c = Choice{Kind: kind, Value: value}
	}
	return nil
}
