package service

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxPayload is the cap of a message's payload, in bytes. One message is held in memory whole; what is larger is a file.
const MaxPayload = 1024 * 1024

// ErrUnknown says that a number from the wire stands for nothing in this version of the protocol.
var ErrUnknown = errors.New("not known")

// Kind is what the payload of a message is. It is a closed set: any other number is a malformed header.
type Kind uint8

// What a payload may be.
const (
	// KindText is text in UTF-8.
	KindText Kind = 0
	// KindJSON is one JSON value (RFC 8259) in UTF-8.
	KindJSON Kind = 1
	// KindBinary is any bytes.
	KindBinary Kind = 2
)

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (k Kind) Check() error {
	if k > KindBinary {
		return fmt.Errorf("%w: %v", ErrUnknown, k)
	}
	return nil
}

// String is what the kind is called.
func (k Kind) String() string {
	switch k {
	case KindText:
		return "text"
	case KindJSON:
		return "json"
	case KindBinary:
		return "binary"
	default:
		return fmt.Sprintf("kind %d", uint8(k))
	}
}

// Answer is what became of a message or file. It is a closed set: any other number is a malformed answer.
type Answer uint8

// What a receiver may answer.
const (
	// Stored: it is in the inbox, durably.
	Stored Answer = 0
	// Duplicate: it was stored before; also a success.
	Duplicate Answer = 1
	// Conflict: something else has this id. Sending again will not help.
	Conflict Answer = 2
	// Quota: the inbox is full, or the sender's part of it. Try again much later.
	Quota Answer = 3
	// Invalid: it breaks a rule. Sending again will not help.
	Invalid Answer = 4
	// Failed: storing it failed. Try again.
	Failed Answer = 5
)

// IsDelivered says whether the receiver has it, so that the sender may forget it.
func (a Answer) IsDelivered() bool { return a == Stored || a == Duplicate }

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (a Answer) Check() error {
	if a > Failed {
		return fmt.Errorf("%w: %v", ErrUnknown, a)
	}
	return nil
}

// String is what the answer is called.
func (a Answer) String() string {
	names := [...]string{"stored", "duplicate", "conflict", "quota", "invalid", "failed"}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("answer %d", uint8(a))
}

// Message is a message as sent and received. ReceiveMessage does not Validate it.
type Message struct {
	// ID is chosen by the sender; the same id is the same message.
	ID MessageID
	// Kind is what the payload is.
	Kind Kind
	// ReplyTo is the message that this one answers, or nil. Nobody has checked that it exists.
	ReplyTo *MessageID
	// SentAt is when the sender says that it made the message, in milliseconds since 1970. It never decides anything.
	SentAt uint64
	// Payload has at most MaxPayload bytes.
	Payload []byte
}

// Which rule a message breaks.
var (
	ErrTooLarge = errors.New("over the limit")
	ErrNotUTF8  = errors.New("the payload is not utf-8")
	ErrNotJSON  = errors.New("the payload is not one json value")
)

// Validate checks that the payload is what Kind says, and not too large. A receiver answers Invalid otherwise.
func (m *Message) Validate() error {
	switch {
	case len(m.Payload) > MaxPayload:
		return fmt.Errorf("a payload of %d bytes is %w of %d", len(m.Payload), ErrTooLarge, MaxPayload)
	case m.Kind == KindBinary:
		return nil
	case !utf8.Valid(m.Payload):
		return ErrNotUTF8
	case m.Kind == KindJSON && !validJSON(m.Payload):
		return ErrNotJSON
	default:
		return nil
	}
}
