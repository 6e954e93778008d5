package event

import (
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Told is what a subscriber is told, one frame each: one of the four.
type Told struct {
	// Subscribed is first, and once: the subscription is live, and this is the newest position of the broker.
	Subscribed *Position
	Event      *Event
	Gap        *Gap
	// Denied is last: there is no subscription, or none any more. 0: it is not.
	Denied Denied
}

// deniedFrame is a denial as it travels.
type deniedFrame struct {
	Why Denied `cbor:"why"`
}

// MarshalCBOR implements cbor.Marshaler.
func (t Told) MarshalCBOR() ([]byte, error) {
	switch {
	case t.Subscribed != nil:
		return choose("subscribed", t.Subscribed)
	case t.Event != nil:
		return choose("event", t.Event)
	case t.Gap != nil:
		return choose("gap", t.Gap)
	}
	return choose("denied", deniedFrame{t.Denied})
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (t *Told) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*t = Told{}
	switch one.Kind {
	case "subscribed":
		t.Subscribed = new(Position)
		return wire.DecodeItem(one.Value, t.Subscribed)
	case "event":
		t.Event = new(Event)
		return wire.DecodeItem(one.Value, t.Event)
	case "gap":
		t.Gap = new(Gap)
		return wire.DecodeItem(one.Value, t.Gap)
	case "denied":
		var denied deniedFrame
		err := wire.DecodeItem(one.Value, &denied)
		t.Denied = denied.Why
		return err
	}
	return unknown(one)
}

// Ask asks for events, and waits until the subscription is live. It returns the newest position of the broker.
func Ask(stream io.ReadWriter, what *Subscribe) (Position, error) {
	if err := what.Validate(); err != nil {
		return Position{}, err
	}
	if err := WriteRequest(stream, &Request{Subscribe: what}); err != nil {
		return Position{}, err
	}
	var told Told
	if err := wire.ReadMessage(stream, &told, EventFrame); err != nil {
		return Position{}, instead(err, ErrNoAnswer)
	}
	switch {
	case told.Denied != 0:
		return Position{}, told.Denied
	case told.Subscribed == nil:
		return Position{}, ErrUnexpected
	}
	return *told.Subscribed, nil
}

// ReadTold reads what a subscriber is told next: an event, a gap or a denial; [io.EOF] when the broker has ended the stream.
func ReadTold(r io.Reader) (*Told, error) {
	var told Told
	if err := wire.ReadMessage(r, &told, EventFrame); err != nil {
		return nil, err
	}
	if told.Subscribed != nil {
		return nil, ErrUnexpected
	}
	if told.Event != nil {
		if err := withinLimit(told.Event.Payload); err != nil {
			return nil, err
		}
	}
	return &told, nil
}

// Frame is the whole frame of what a subscriber is told.
func (t Told) Frame() ([]byte, error) {
	if t.Event != nil {
		if err := withinLimit(t.Event.Payload); err != nil {
			return nil, err
		}
	}
	body, err := wire.Encode(t)
	if err != nil {
		return nil, err
	}
	return wire.Frame(body, EventFrame)
}

// Publication is an event that a publisher hands to a broker. Reading does not [Publication.Validate].
type Publication struct {
	Topic   Topic  `cbor:"topic"`
	Payload []byte `cbor:"payload"`
}

// Validate checks the size of the payload.
func (p *Publication) Validate() error { return withinLimit(p.Payload) }

// WritePublication hands an event over. Further ones may follow before it is answered.
func WritePublication(w io.Writer, p *Publication) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return wire.WriteMessage(w, p, EventFrame)
}

// ReadPublication reads the next event; [io.EOF] when the publisher has closed its half.
func ReadPublication(r io.Reader) (*Publication, error) {
	var p Publication
	if err := wire.ReadMessage(r, &p, EventFrame); err != nil {
		return nil, err
	}
	return &p, nil
}

// Published is what became of a publication.
type Published struct {
	// Position is the one that it has now, if it was not denied.
	Position Position
	Denied   Denied
}

// MarshalCBOR implements cbor.Marshaler.
func (p Published) MarshalCBOR() ([]byte, error) {
	if p.Denied != 0 {
		return choose("denied", deniedFrame{p.Denied})
	}
	return choose("published", p.Position)
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (p *Published) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*p = Published{}
	switch one.Kind {
	case "published":
		return wire.DecodeItem(one.Value, &p.Position)
	case "denied":
		var denied deniedFrame
		err := wire.DecodeItem(one.Value, &denied)
		p.Denied = denied.Why
		return err
	}
	return unknown(one)
}

// WritePublished answers a publication. Answers go out in the order of the publications.
func WritePublished(w io.Writer, published Published) error {
	return wire.WriteMessage(w, published, wire.ControlFrame)
}

// ReadPublished reads the answer to the oldest publication that has none yet.
func ReadPublished(r io.Reader) (Published, error) {
	var published Published
	err := wire.ReadMessage(r, &published, wire.ControlFrame)
	return published, instead(err, ErrNoAnswer)
}
