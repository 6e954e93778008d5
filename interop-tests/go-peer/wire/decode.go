package wire

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrMismatch says that bytes are well-formed, but not the message that was expected: a field is missing, or of another
// type.
var ErrMismatch = errors.New("another message was expected")

// Decode decodes a message from exactly b into the struct that v points to.
//
// Each type has one form: a struct is a map, a string is text, a slice or an array of bytes is a byte string of, for an
// array, exactly its length. A number has to be within its type. A pointer is optional, as is every field whose tag says
// omitempty: absent or null leaves it nil or zero. A slice that is present is never nil. Everything else has to be there.
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

// DecodeItem decodes a value that stands inside a message. It is for an [Unmarshaler].
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
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("%w: %T is no target", ErrMismatch, v)
	}
	s := scanner{bytes: b}
	return s.value(target.Elem())
}

func mismatch(h head, t reflect.Type) error {
	return fmt.Errorf("%w: an item of major type %d in place of %s at byte %d", ErrMismatch, h.major, t, h.at)
}

// value reads the next item into v, and checks it if its type has rules.
func (s *scanner) value(v reflect.Value) error {
	if own, ok := v.Addr().Interface().(Unmarshaler); ok {
		begin := s.at
		if err := s.item(0); err != nil {
			return err
		}
		if err := own.UnmarshalCBOR(s.bytes[begin:s.at]); err != nil {
			return asMismatch(err)
		}
	} else if err := s.plain(v); err != nil {
		return err
	}
	if rules, ok := v.Addr().Interface().(Checker); ok {
		if err := rules.Check(); err != nil {
			return asMismatch(err)
		}
	}
	return nil
}

// asMismatch makes the complaint of a type the refusal of the message.
func asMismatch(err error) error {
	if errors.Is(err, ErrMismatch) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrMismatch, err)
}

// isNull passes over null, if that is next.
func (s *scanner) isNull() bool {
	if s.at < len(s.bytes) && s.bytes[s.at] == majorSimple<<5|infoNull {
		s.at++
		return true
	}
	return false
}

func (s *scanner) plain(v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		// A pointer to a pointer is optional twice: null is present, and says nothing.
		if v.Type().Elem().Kind() != reflect.Pointer && s.isNull() {
			v.SetZero()
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return s.value(v.Elem())
	}
	h, err := s.head()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Bool:
		if h.major != majorSimple || h.info == infoNull {
			return mismatch(h, v.Type())
		}
		v.SetBool(h.info == infoTrue)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if h.major != majorUnsigned || v.OverflowUint(h.value) {
			return mismatch(h, v.Type())
		}
		v.SetUint(h.value)
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return signed(h, v)
	case reflect.String:
		if h.major != majorText {
			return mismatch(h, v.Type())
		}
		text, err := s.text(h)
		v.SetString(text)
		return err
	case reflect.Slice, reflect.Array:
		return s.list(h, v)
	case reflect.Map:
		return s.entries(h, v)
	case reflect.Struct:
		return s.fields(h, v)
	}
	return mismatch(h, v.Type())
}

func signed(h head, v reflect.Value) error {
	if h.major > majorNegative || h.value > 1<<63-1 {
		return mismatch(h, v.Type())
	}
	number := int64(h.value)
	if h.major == majorNegative {
		number = -1 - number
	}
	if v.OverflowInt(number) {
		return mismatch(h, v.Type())
	}
	v.SetInt(number)
	return nil
}

func (s *scanner) list(h head, v reflect.Value) error {
	if isBytes(v.Type()) {
		return s.byteString(h, v)
	}
	if h.major != majorArray || v.Kind() != reflect.Slice {
		return mismatch(h, v.Type())
	}
	count, err := s.length(h, 1)
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for range count {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := s.value(element); err != nil {
			return err
		}
		list = reflect.Append(list, element)
	}
	v.Set(list)
	return nil
}

func (s *scanner) byteString(h head, v reflect.Value) error {
	if h.major != majorBytes || v.Kind() == reflect.Array && h.value != uint64(v.Len()) {
		return mismatch(h, v.Type())
	}
	b, err := s.string(h)
	if err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(b), len(b)))
	}
	for index, value := range b {
		v.Index(index).SetUint(uint64(value))
	}
	return nil
}
