package decode

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func trustDecoders() map[string]Decoder {
	return map[string]Decoder{
		"knock":           knock,
		"relation":        relation,
		"statement_id":    Text(trust.ParseStatementID),
		"ticket":          ticket,
		"ticket_contents": ticketContents,
		"trust_answer":    trustAnswer,
		"trust_hear":      trustHear,
		"trust_pattern":   Text(trust.ParsePattern),
		"trust_payload":   Sealed("airway-trust-v1", resigned),
		"trust_scopes":    scopes,
		"trust_statement": statement,
	}
}

// statement understands the id, and what reading has made of it.
func statement(input []byte) ([]byte, error) {
	s, err := trust.FromBytes(input)
	if err != nil {
		return nil, err
	}
	author, err := s.AgentID()
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %d %s %s %d %d", s.ID(), s.Kind, author, s.To(), s.Generation, s.At), nil
}

// resigned understands a statement that says the same and nothing else.
func resigned(input []byte) ([]byte, error) {
	s, err := trust.FromBytes(input)
	if err != nil {
		return nil, err
	}
	key, err := Key()
	if err != nil {
		return nil, err
	}
	again, err := trust.Sign(key, s.To(), s.Draft)
	if err != nil {
		return nil, err
	}
	return again.Bytes(), nil
}

func scopes(input []byte) ([]byte, error) {
	var s trust.Scopes
	if err := wire.Decode(input, &s); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return wire.Encode(&s)
}

// talk is a stream whose other end has said all that it will ever say.
type talk struct {
	*bytes.Reader
	said bytes.Buffer
}

func hearing(input []byte) *talk                  { return &talk{Reader: bytes.NewReader(input)} }
func (t *talk) Write(b []byte) (n int, err error) { return t.said.Write(b) }
func (t *talk) CloseWrite() error                 { return nil }

// knock hears a knock and answers it.
func knock(input []byte) ([]byte, error) {
	stream := hearing(input)
	heard, err := trust.HearKnock(stream)
	if err != nil {
		return nil, err
	}
	if err := trust.AnswerKnock(stream); err != nil {
		return nil, err
	}
	return wire.Encode(heard)
}

// trustHear hears what may be a statement and answers.
func trustHear(input []byte) ([]byte, error) {
	stream := hearing(input)
	heard, err := trust.Hear(stream)
	if err != nil {
		return nil, err
	}
	return heard, trust.Answer(stream, trust.Taken)
}

// trustAnswer takes the input for the answer to a statement.
func trustAnswer(input []byte) ([]byte, error) {
	key, err := Key()
	if err != nil {
		return nil, err
	}
	told, err := trust.Sign(key, id.AgentID{}, trust.Draft{Kind: trust.KindRevoke, Generation: 1, At: 1})
	if err != nil {
		return nil, err
	}
	verdict, err := trust.Tell(hearing(input), told)
	return []byte{byte(verdict)}, err
}

func ticket(input []byte) ([]byte, error) {
	if !utf8.Valid(input) {
		return nil, ErrNotText
	}
	t, err := trust.ParseTicket(string(input))
	if err != nil {
		return nil, err
	}
	text, err := t.Encode()
	return []byte(text), err
}

// ticketContents reads a ticket with these contents, whose digest fits whatever they are.
func ticketContents(input []byte) ([]byte, error) {
	return ticket([]byte(wire.SecretText(trust.TicketPrefix, input)))
}
