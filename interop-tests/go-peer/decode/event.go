package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func eventDecoders() map[string]Decoder {
	return map[string]Decoder{
		"broadcast":         broadcast,
		"broadcast_payload": Sealed("airway-event-v1", broadcast),
		"event_request":     eventRequest,
		"event_subscribed":  eventSubscribed,
		"event_told":        eventTold,
		"position":          Text(event.ParsePosition),
		"publication":       publication,
		"published":         published,
		"topic":             Text(event.ParseTopic),
	}
}

// eventRequest reads what the opener of a stream asks for, within its rules.
func eventRequest(input []byte) ([]byte, error) {
	request, err := event.ReadRequest(bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	if request.Subscribe != nil {
		if err := request.Subscribe.Validate(); err != nil {
			return nil, err
		}
	}
	return wire.Encode(request)
}

// eventSubscribed takes the input for the answer to a subscription, and understands the position.
func eventSubscribed(input []byte) ([]byte, error) {
	position, err := event.Ask(hearing(input), &event.Subscribe{Patterns: []event.Pattern{event.AnyTopic}, Since: event.Start()})
	return []byte(position.String()), err
}

// eventTold reads all that a live subscription is told, and understands what would be told again.
func eventTold(input []byte) ([]byte, error) {
	stream := bytes.NewReader(input)
	return untilEnd(func(understood []byte) ([]byte, error) {
		told, err := event.ReadTold(stream)
		if err != nil {
			return nil, err
		}
		frame, err := told.Frame()
		return append(understood, frame...), err
	})
}

// publication reads all publications of a stream, and understands each with whether it keeps to the rules.
func publication(input []byte) ([]byte, error) {
	stream := bytes.NewReader(input)
	return untilEnd(func(understood []byte) ([]byte, error) {
		p, err := event.ReadPublication(stream)
		if err != nil {
			return nil, err
		}
		body, err := wire.Encode(p)
		if err != nil {
			return nil, err
		}
		frame, err := wire.Frame(body, event.EventFrame)
		valid := byte(0)
		if p.Validate() == nil {
			valid = 1
		}
		return append(append(understood, frame...), valid), err
	})
}

// untilEnd takes steps until one meets the end of its stream.
func untilEnd(step func(understood []byte) ([]byte, error)) ([]byte, error) {
	understood := []byte{}
	for {
		more, err := step(understood)
		if errors.Is(err, io.EOF) {
			return understood, nil
		}
		if err != nil {
			return nil, err
		}
		understood = more
	}
}

func published(input []byte) ([]byte, error) {
	answer, err := event.ReadPublished(bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	var again bytes.Buffer
	err = event.WritePublished(&again, answer)
	return again.Bytes(), err
}

// broadcast understands what gossipsub calls it, and what it says.
func broadcast(input []byte) ([]byte, error) {
	realm, err := network()
	if err != nil {
		return nil, err
	}
	b, err := event.ParseBroadcast(input, realm.ID(), func(envelope []byte) (*mesh.Certificate, error) {
		return mesh.ParseCertificate(envelope, realm)
	})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%x %s %s %s %d %x", b.ID(), b.Certificate().Agent(), b.Topic(), b.Position(), b.At(), b.Payload()), nil
}
