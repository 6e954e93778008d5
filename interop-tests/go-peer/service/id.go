package service

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Characters of the hyphenated form, the only one that is read: one id, one text but for case.
const messageIDText = 36

// MessageID is the id of a message or file: a UUID of version 7, chosen by the sender, so that ids sort by the time of
// their making. It travels as its 16 bytes.
type MessageID [16]byte

// ErrMessageID says that something is not a UUID of version 7.
var ErrMessageID = errors.New("a message id is a uuid of version 7")

// NewMessageID makes an id from the system's clock and random numbers.
func NewMessageID() (MessageID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return MessageID{}, fmt.Errorf("no random numbers: %w", err)
	}
	return MessageID(id), nil
}

// ParseMessageID reads the text of an id, with hyphens.
func ParseMessageID(text string) (MessageID, error) {
	if len(text) != messageIDText {
		return MessageID{}, ErrMessageID
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return MessageID{}, ErrMessageID
	}
	return MessageID(id), MessageID(id).Check()
}

// MessageIDOf reads the 16 bytes of an id.
func MessageIDOf(bytes []byte) (MessageID, error) {
	if len(bytes) != len(MessageID{}) {
		return MessageID{}, ErrMessageID
	}
	id := MessageID(bytes)
	return id, id.Check()
}

// Check refuses any other UUID than one of version 7 in the variant of RFC 9562. It is a wire.Checker.
func (id MessageID) Check() error {
	if u := uuid.UUID(id); u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		return ErrMessageID
	}
	return nil
}

// String is the hyphenated form in lower case.
func (id MessageID) String() string { return uuid.UUID(id).String() }

// MarshalText implements [encoding.TextMarshaler].
func (id MessageID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *MessageID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseMessageID(string(text))
	return err
}
