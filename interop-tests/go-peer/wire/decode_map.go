package wire

import (
	"fmt"
	"reflect"
)

// entries reads a map whose keys are not known.
func (s *scanner) entries(h head, v reflect.Value) error {
	if h.major != majorMap || v.Type().Key().Kind() != reflect.String {
		return mismatch(h, v.Type())
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range h.value {
		name, err := s.key()
		if err != nil {
			return err
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := s.value(element); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), element)
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

// fields reads a struct. What it does not know, it passes over.
func (s *scanner) fields(h head, v reflect.Value) error {
	if h.major != majorMap {
		return mismatch(h, v.Type())
	}
	fields := fieldsOf(v.Type())
	missing := make(map[string]field, len(fields))
	for _, field := range fields {
		v.Field(field.index).SetZero()
		missing[field.name] = field
	}
	for range h.value {
		name, err := s.key()
		if err != nil {
			return err
		}
		field, known := missing[name]
		if !known {
			if err := s.item(0); err != nil {
				return err
			}
			continue
		}
		delete(missing, name)
		if field.nullable && s.isNull() {
			continue
		}
		if err := s.value(v.Field(field.index)); err != nil {
			return err
		}
	}
	for _, field := range fields {
		if _, absent := missing[field.name]; absent && !field.optional {
			return fmt.Errorf("%w: %s is missing", ErrMismatch, field.name)
		}
	}
	return nil
}
