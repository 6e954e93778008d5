package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ErrEncode says that a value has no encoding: a mistake in the program, never the peer's.
var ErrEncode = errors.New("the value has no encoding")

// Encode encodes a message: a struct, or a pointer to one. Fields stand in the order of their declaration. A field whose
// tag says omitempty is left out if it is nil or zero; a nil pointer without it is null; a nil slice without it is empty.
//
// What [Decode] would refuse is not written.
func Encode(v any) ([]byte, error) {
	b, err := EncodeItem(v)
	if err != nil {
		return nil, err
	}
	if err := scanMessage(b); err != nil {
		return nil, err
	}
	return b, nil
}

// EncodeItem encodes a value that stands inside a message. It is for a [Marshaler].
func EncodeItem(v any) ([]byte, error) {
	return appendItem(nil, reflect.ValueOf(v))
}

// appendHead writes a major type and a number in the shortest form.
func appendHead(b []byte, major byte, value uint64) []byte {
	major <<= 5
	switch {
	case value < 24:
		return append(b, major|byte(value))
	case value < 1<<8:
		return append(b, major|24, byte(value))
	case value < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(value))
	case value < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(value))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), value)
}

func appendText(b []byte, text string) []byte {
	return append(appendHead(b, majorText, uint64(len(text))), text...)
}

func appendItem(b []byte, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return append(b, majorSimple<<5|infoNull), nil
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return append(b, majorSimple<<5|infoNull), nil
		}
		if own, ok := v.Interface().(Marshaler); ok {
			return appendOwn(b, own)
		}
		return appendItem(b, v.Elem())
	}
	if own, ok := v.Interface().(Marshaler); ok {
		return appendOwn(b, own)
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, majorSimple<<5|infoTrue), nil
		}
		return append(b, majorSimple<<5|infoFalse), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return appendHead(b, majorUnsigned, v.Uint()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Int() < 0 {
			return appendHead(b, majorNegative, uint64(-1-v.Int())), nil
		}
		return appendHead(b, majorUnsigned, uint64(v.Int())), nil
	case reflect.String:
		return appendText(b, v.String()), nil
	case reflect.Slice, reflect.Array:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Struct:
		return appendStruct(b, v)
	}
	return nil, fmt.Errorf("%w: %s", ErrEncode, v.Type())
}

func appendOwn(b []byte, own Marshaler) ([]byte, error) {
	item, err := own.MarshalCBOR()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncode, err)
	}
	return append(b, item...), nil
}

func appendList(b []byte, v reflect.Value) ([]byte, error) {
	if isBytes(v.Type()) {
		b = appendHead(b, majorBytes, uint64(v.Len()))
		for index := range v.Len() {
			b = append(b, byte(v.Index(index).Uint()))
		}
		return b, nil
	}
	b = appendHead(b, majorArray, uint64(v.Len()))
	var err error
	for index := range v.Len() {
		if b, err = appendItem(b, v.Index(index)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendMap(b []byte, v reflect.Value) ([]byte, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("%w: %s", ErrEncode, v.Type())
	}
	entries := make(map[string]reflect.Value, v.Len())
	for _, key := range v.MapKeys() {
		entries[key.String()] = v.MapIndex(key)
	}
	b = appendHead(b, majorMap, uint64(len(entries)))
	var err error
	for _, key := range slices.SortedFunc(maps.Keys(entries), strings.Compare) {
		if b, err = appendItem(appendText(b, key), entries[key]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	var present []field
	for _, field := range fieldsOf(v.Type()) {
		if !field.sparse || !v.Field(field.index).IsZero() {
			present = append(present, field)
		}
	}
	b = appendHead(b, majorMap, uint64(len(present)))
	var err error
	for _, field := range present {
		if b, err = appendItem(appendText(b, field.name), v.Field(field.index)); err != nil {
			return nil, err
		}
	}
	return b, nil
}
