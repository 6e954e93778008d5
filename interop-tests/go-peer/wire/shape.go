package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// shape compares the next item with v, into which it was decoded, and checks v if its type has rules.
//
// The decoder refuses an item that does not fit its type at all. It is content with more forms of a type than the one
// that [Decode] promises, and with fields that are not there: null for anything, a list for bytes, bytes that are fewer
// or more than an array holds. Those are found here.
func (s *scanner) shape(v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		return s.pointer(v)
	}
	if _, own := v.Addr().Interface().(cbor.Unmarshaler); own {
		if err := s.item(0); err != nil {
			return err
		}
	} else if err := s.form(v); err != nil {
		return err
	}
	if rules, ok := v.Addr().Interface().(Checker); ok {
		if err := rules.Check(); err != nil {
			return asMismatch(err)
		}
	}
	return nil
}

func (s *scanner) pointer(v reflect.Value) error {
	if !s.isNull() {
		return s.shape(v.Elem())
	}
	if v.Type().Elem().Kind() == reflect.Pointer {
		// Optional twice: null is present, and says nothing.
		v.Set(reflect.New(v.Type().Elem()))
	}
	return nil
}

// isNull passes over null, if that is next.
func (s *scanner) isNull() bool {
	if s.at < len(s.bytes) && s.bytes[s.at] == majorSimple<<5|infoNull {
		s.at++
		return true
	}
	return false
}

func mismatch(h head, t reflect.Type) error {
	return fmt.Errorf("%w: an item of major type %d in place of %s at byte %d", ErrMismatch, h.major, t, h.at)
}

func (s *scanner) form(v reflect.Value) error {
	h, err := s.head()
	if err != nil {
		return err
	}
	if h.major == majorSimple && h.info == infoNull {
		return mismatch(h, v.Type())
	}
	switch v.Kind() {
	case reflect.Bool,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return nil
	case reflect.String:
		_, err := s.text(h)
		return err
	case reflect.Slice, reflect.Array:
		return s.elements(h, v)
	case reflect.Map:
		return s.entries(h, v)
	case reflect.Struct:
		return s.fields(h, v)
	}
	return mismatch(h, v.Type())
}

func (s *scanner) elements(h head, v reflect.Value) error {
	isBytes := v.Type().Elem().Kind() == reflect.Uint8
	if isBytes != (h.major == majorBytes) || h.value != uint64(v.Len()) {
		return mismatch(h, v.Type())
	}
	if isBytes {
		_, err := s.string(h)
		return err
	}
	for index := range v.Len() {
		if err := s.shape(v.Index(index)); err != nil {
			return err
		}
	}
	return nil
}

// entries are those of a map whose keys are not known.
func (s *scanner) entries(h head, v reflect.Value) error {
	for range h.value {
		name, err := s.key()
		if err != nil {
			return err
		}
		key := reflect.ValueOf(name).Convert(v.Type().Key())
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(key))
		if err := s.shape(value); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return nil
}

// key reads the key of an entry.
func (s *scanner) key() (string, error) {
	h, err := s.head()
	if err != nil {
		return "", err
	}
	return s.text(h)
}

// field is one field of a message.
type field struct {
	name  string
	index int
	// optional fields may be absent, or null.
	optional bool
}

func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for index := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(index).Tag.Get("cbor"), ",")
		if name == "" || name == "-" {
			continue
		}
		isPointer := t.Field(index).Type.Kind() == reflect.Pointer
		fields = append(fields, field{name: name, index: index, optional: isPointer || options == "omitzero"})
	}
	return fields
}

// fields are those of a struct. What it does not know is passed over.
func (s *scanner) fields(h head, v reflect.Value) error {
	fields := fieldsOf(v.Type())
	present := make([]bool, len(fields))
	for range h.value {
		name, err := s.key()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if at < 0 {
			if err := s.item(0); err != nil {
				return err
			}
			continue
		}
		present[at] = true
		value := v.Field(fields[at].index)
		if fields[at].optional && value.Kind() != reflect.Pointer && s.isNull() {
			continue
		}
		if err := s.shape(value); err != nil {
			return err
		}
	}
	for at, field := range fields {
		if !present[at] && !field.optional {
			return fmt.Errorf("%w: %s is missing", ErrMismatch, field.name)
		}
	}
	return nil
}
