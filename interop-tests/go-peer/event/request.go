package event

import (
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Protocol is spoken on port 1002:
//
//	subscriber                                        broker
//	  {subscribe {patterns, since}} ──────────────────►
//	  ◄── {subscribed position} {event …} {gap …} …     until the stream ends
//
//	publisher                                         broker
//	  {publish {}} {topic, payload} {topic, payload} ──►
//	  ◄────────────────────── {published position} …    in the order of the publications
const Protocol = service.EventsProtocol

const (
	// MaxPayload caps a payload, in bytes: with topic, certificate, signature and what is around them it fits 64 KiB.
	MaxPayload = 60 * 1024
	// MaxSubscribed is how many patterns a subscription has.
	MaxSubscribed = 32
	// RequestFrame caps the opener's first frame, in bytes.
	RequestFrame = 8 * 1024
	// EventFrame caps a frame with an event or a publication, in bytes.
	EventFrame = 64 * 1024
)

// Why an exchange failed, beside what wire says and a [Denied]. The stream is of no further use.
var (
	// ErrEnded says that the opener closed the stream before it had said anything.
	ErrEnded = errors.New("the stream ended before the request")
	// ErrNoAnswer says that the broker closed the stream in place of an answer.
	ErrNoAnswer = errors.New("the stream ended before the answer")
	// ErrInvalid says that a request, an event or a publication breaks a rule.
	ErrInvalid = errors.New("a rule for events is broken")
	// ErrUnexpected says that a frame is none that may follow.
	ErrUnexpected = errors.New("the broker says something that may not follow here")
)

// Request is the first frame of a stream.
type Request struct {
	// Subscribe is which events are wanted; nil: publications follow.
	Subscribe *Subscribe
}

// Subscribe says which events are wanted. Reading does not [Subscribe.Validate].
type Subscribe struct {
	// Patterns are those of which one has to match: at least one, at most [MaxSubscribed].
	Patterns []Pattern `cbor:"patterns"`
	Since    Since     `cbor:"since"`
}

// Validate checks the number of patterns.
func (s *Subscribe) Validate() error {
	if found := len(s.Patterns); found == 0 || found > MaxSubscribed {
		return fmt.Errorf("%w: a subscription has 1 to %d patterns, not %d", ErrInvalid, MaxSubscribed, found)
	}
	return nil
}

// MarshalCBOR implements cbor.Marshaler.
func (r Request) MarshalCBOR() ([]byte, error) {
	if r.Subscribe != nil {
		return choose("subscribe", r.Subscribe)
	}
	return choose("publish", struct{}{})
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (r *Request) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*r = Request{}
	switch one.Kind {
	case "subscribe":
		r.Subscribe = new(Subscribe)
		return wire.DecodeItem(one.Value, r.Subscribe)
	case "publish":
		return wire.DecodeItem(one.Value, &struct{}{})
	}
	return unknown(one)
}

// ReadRequest reads what a stream is for.
func ReadRequest(r io.Reader) (*Request, error) {
	var request Request
	if err := wire.ReadMessage(r, &request, RequestFrame); err != nil {
		return nil, instead(err, ErrEnded)
	}
	return &request, nil
}

// WriteRequest says what a stream is for.
func WriteRequest(w io.Writer, request *Request) error {
	return wire.WriteMessage(w, request, RequestFrame)
}

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

// instead gives the end of a stream its meaning.
func instead(err, end error) error {
	if errors.Is(err, io.EOF) {
		return end
	}
	return err
}

// withinLimit checks the size of a payload.
func withinLimit(payload []byte) error {
	if len(payload) > MaxPayload {
		return fmt.Errorf("%w: a payload of %d bytes is over the limit of %d", ErrInvalid, len(payload), MaxPayload)
	}
	return nil
}
