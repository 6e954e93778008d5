package task

import (
	"errors"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// ID is the id of a task: a UUID of version 7, chosen by the requester. It travels as its 16 bytes. What it names is a task of
// this requester at this worker: two requesters may choose the same one.
type ID service.MessageID

// ErrID says that something is not a UUID of version 7.
var ErrID = errors.New("the id of a task is a uuid of version 7")

// NewID makes an id from the system's clock and random numbers.
func NewID() (ID, error) {
	id, err := service.NewMessageID()
	return ID(id), err
}

// ParseID reads the text of an id, with hyphens.
func ParseID(text string) (ID, error) {
	id, err := service.ParseMessageID(text)
	if err != nil {
		return ID{}, ErrID
	}
	return ID(id), nil
}

// Check refuses any other UUID. It is a wire.Checker.
func (id ID) Check() error {
	if service.MessageID(id).Check() != nil {
		return ErrID
	}
	return nil
}

// String is the hyphenated form in lower case.
func (id ID) String() string { return service.MessageID(id).String() }

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}
