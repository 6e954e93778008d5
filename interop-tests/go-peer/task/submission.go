package task

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// MaxDescription caps a description, in bytes of UTF-8.
	MaxDescription = 16 * 1024
	// MaxBody caps a submission as it travels, in bytes.
	MaxBody = 96 * 1024
	// MaxInline caps input and output that travel inside a frame, in bytes. What is larger is a file.
	MaxInline = 64 * 1024
	// MaxText caps a text that goes with a report, a denial or a cancellation, in bytes.
	MaxText = 1024
	// DefaultLimit is how long a worker may take if nobody says anything else; MinLimit and MaxLimit bound what may be said.
	DefaultLimit, MinLimit, MaxLimit = 24 * time.Hour, time.Second, 28 * 24 * time.Hour
	// DefaultReward is the most that a task is worth if nobody says anything else.
	DefaultReward = 10
)

// Domains of the hashes of tasks and their output.
const (
	bodyDomain   = "airway-task-v1\x00"
	outputDomain = "airway-output-v1\x00"
)

// ErrInvalid says that a task, a report or an answer breaks a rule.
var ErrInvalid = errors.New("a rule for tasks is broken")

// Submission is a task as its requester describes it.
type Submission struct {
	// Description is what is to be done: 1 to [MaxDescription] bytes of hostile text, to be shown by id.Clean.
	Description string `cbor:"description"`
	// Input is what it is to be done with, or nil.
	Input *Content `cbor:"input,omitzero"`
	// Limit is how long the worker may take from receiving it, in milliseconds.
	Limit     uint64    `cbor:"limit"`
	Execution Execution `cbor:"execution"`
	// MaxReward is the most that a receipt may say that it was worth.
	MaxReward uint64 `cbor:"max_reward"`
	// Supersedes is the task in whose place this one is submitted.
	Supersedes *ID `cbor:"supersedes,omitzero"`
	// At is when the requester says that it made it, in milliseconds since 1970. It never decides anything.
	At uint64 `cbor:"at"`
}

// Validate checks the rules.
func (s *Submission) Validate() error {
	switch limit := time.Duration(min(s.Limit, 1<<40)) * time.Millisecond; {
	case s.Description == "" || len(s.Description) > MaxDescription:
		return fmt.Errorf("%w: a description has 1 to %d bytes, not %d", ErrInvalid, MaxDescription, len(s.Description))
	case limit < MinLimit || limit > MaxLimit:
		return fmt.Errorf("%w: a limit of %d ms is not from a second to 28 days", ErrInvalid, s.Limit)
	case s.Input != nil:
		return s.Input.Validate()
	}
	return nil
}

// Content is input or output: one of the two.
type Content struct {
	// Inline is the bytes themselves, at most [MaxInline]; not nil if File is.
	Inline []byte
	// File is a file that was delivered before.
	File *Attachment
}

// Attachment names a file in the inbox of whoever reads this.
type Attachment struct {
	// ID is the id of the message by which it came.
	ID   service.MessageID `cbor:"id"`
	Name string            `cbor:"name"`
	Size uint64            `cbor:"size"`
	// Digest is BLAKE3 of its bytes.
	Digest service.Digest `cbor:"digest"`
}

// inlineFrame is content inside a frame.
type inlineFrame struct {
	Data []byte `cbor:"data"`
}

// Validate checks the rules.
func (c *Content) Validate() error {
	if c.File == nil {
		if len(c.Inline) > MaxInline {
			return fmt.Errorf("%w: %d bytes inline, at most %d", ErrInvalid, len(c.Inline), MaxInline)
		}
		return nil
	}
	offer := service.Offer{Name: c.File.Name, Size: c.File.Size}
	if _, err := offer.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Digest is the hash by which a claim names the content.
func (c *Content) Digest() ([32]byte, error) {
	encoded, err := wire.EncodeItem(c)
	if err != nil {
		return [32]byte{}, err
	}
	return sha256.Sum256(append([]byte(outputDomain), encoded...)), nil
}

// MarshalCBOR implements cbor.Marshaler.
func (c Content) MarshalCBOR() ([]byte, error) {
	if c.File != nil {
		return choose("file", c.File)
	}
	return choose("inline", inlineFrame{c.Inline})
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (c *Content) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*c = Content{}
	switch one.Kind {
	case "inline":
		var inline inlineFrame
		err := wire.DecodeItem(one.Value, &inline)
		c.Inline = inline.Data
		return err
	case "file":
		c.File = new(Attachment)
		return wire.DecodeItem(one.Value, c.File)
	}
	return unknown(one)
}

// Body is a submission as it was sent: these bytes are what the claim of the worker is about.
type Body struct {
	bytes      []byte
	submission Submission
}

// BodyOf writes a submission.
func BodyOf(s *Submission) (*Body, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	bytes, err := wire.Encode(s)
	if err != nil {
		return nil, err
	}
	return ParseBody(bytes)
}

// ParseBody reads a submission, and keeps the bytes as they are.
func ParseBody(bytes []byte) (*Body, error) {
	if len(bytes) > MaxBody {
		return nil, fmt.Errorf("%w: a task of %d bytes, at most %d", ErrInvalid, len(bytes), MaxBody)
	}
	b := &Body{bytes: slices.Clone(bytes)}
	if err := wire.Decode(bytes, &b.submission); err != nil {
		return nil, err
	}
	if err := b.submission.Validate(); err != nil {
		return nil, err
	}
	return b, nil
}

// Bytes are those that were sent.
func (b *Body) Bytes() []byte { return slices.Clone(b.bytes) }

// Submission is what they say.
func (b *Body) Submission() Submission { return b.submission }

// Digest makes a repeat the same task.
func (b *Body) Digest() [32]byte { return sha256.Sum256(append([]byte(bodyDomain), b.bytes...)) }

// choose encodes a map with one key.
func choose(kind string, value any) ([]byte, error) {
	one, err := wire.Choose(kind, value)
	if err != nil {
		return nil, err
	}
	return one.MarshalCBOR()
}

func unknown(one wire.Choice) error {
	return fmt.Errorf("%w: %q is nothing that is known", wire.ErrMismatch, one.Kind)
}
