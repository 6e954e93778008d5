package wire

import (
	"bytes"
	"reflect"
	"strings"
)

// Marshaler is a type with an encoding of its own: exactly one item, which [EncodeItem] may have made.
type Marshaler interface {
	MarshalCBOR() ([]byte, error)
}

// Unmarshaler is the inverse of [Marshaler]. It is given exactly one item in the strict subset, for [DecodeItem].
type Unmarshaler interface {
	UnmarshalCBOR(item []byte) error
}

// Checker is a type whose values have rules, such as a name: [Decode] refuses a value that breaks one.
type Checker interface {
	Check() error
}

// field is one field of a message.
type field struct {
	name  string
	index int
	// optional fields may be absent.
	optional bool
	// nullable fields are left as they are by null.
	nullable bool
	// sparse fields are not written if they are nil or zero.
	sparse bool
}

// fieldsOf lists the fields of a struct in the order of their declaration, which is their order on the wire.
func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for index := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(index).Tag.Get("cbor"), ",")
		if name == "" || name == "-" {
			continue
		}
		kind, sparse := t.Field(index).Type.Kind(), options == "omitempty"
		optional := sparse || kind == reflect.Pointer
		nullable := optional && !(kind == reflect.Pointer && t.Field(index).Type.Elem().Kind() == reflect.Pointer)
		fields = append(fields, field{name: name, index: index, optional: optional, nullable: nullable, sparse: sparse})
	}
	return fields
}

// isBytes says whether a type is a byte string: a slice or an array of bytes.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8
}

// Raw is an item as it stands in a message.
type Raw []byte

// MarshalCBOR implements [Marshaler].
func (r Raw) MarshalCBOR() ([]byte, error) { return r, nil }

// UnmarshalCBOR implements [Unmarshaler].
func (r *Raw) UnmarshalCBOR(item []byte) error {
	*r = bytes.Clone(item)
	return nil
}
