package decode

import (
	"encoding/binary"
	"errors"

	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// eventBytes is how long an event is in the input of the decoder relation:
//
//	deed ‖ id ‖ kind ‖ answers ‖ generation, u64 big-endian ‖ at, u64 big-endian
//
// Each of the first four is a byte. An id of statements is 32 of that byte; answers of 0 are none.
const eventBytes = 20

// relation lets the events of its input happen, one after another, and understands what came of each: the state, what is
// said, and what has changed. What is left at the end is no event.
func relation(input []byte) (understood []byte, err error) {
	var now trust.Relation
	for ; len(input) >= eventBytes; input = input[eventBytes:] {
		step, err := now.Step(eventOf(input))
		if err != nil {
			understood = append(understood, refusal(err))
			continue
		}
		now = step.Relation
		understood = appendStep(understood, step)
	}
	return understood, nil
}

func eventOf(b []byte) trust.Event {
	named, kind := idOf(b[1]), trust.Kind(b[2]%4)
	generation, at := binary.BigEndian.Uint64(b[4:]), binary.BigEndian.Uint64(b[12:])
	switch b[0] % 10 {
	case 0:
		return trust.Ask{Request: named}
	case 1:
		return trust.Approve{}
	case 2:
		return trust.Reject{Tell: b[1]%2 == 1}
	case 3:
		return trust.Revoke{}
	case 4:
		return trust.Block{}
	case 5:
		return trust.Unblock{}
	case 6:
		return trust.Lapse{}
	case 7:
		return trust.Vouched{ID: named, Generation: generation, At: at}
	}
	heard := trust.Heard{Kind: kind, ID: named, Generation: generation, At: at}
	if b[3] != 0 {
		answers := idOf(b[3])
		heard.Answers = &answers
	}
	return heard
}

func idOf(b byte) (s trust.StatementID) {
	for index := range s {
		s[index] = b
	}
	return s
}

// refusal is a byte above all that stand for a state.
func refusal(err error) byte {
	reasons := []error{
		trust.ErrBlocked, trust.ErrAlreadyTrusted, trust.ErrNothingPending, trust.ErrNothingToRevoke, trust.ErrNotBlocked,
	}
	for index, reason := range reasons {
		if errors.Is(err, reason) {
			return 0xF0 + byte(index)
		}
	}
	return 0xFF
}

func appendStep(b []byte, step trust.Step) []byte {
	b = append(b, byte(step.Relation.State.Standing))
	b = appendID(b, step.Relation.State.Request)
	b = binary.BigEndian.AppendUint64(b, step.Relation.Generation)
	b = binary.BigEndian.AppendUint64(b, step.Relation.Heard)
	if step.Say != nil {
		b = append(b, byte(step.Say.Kind)+1)
		b = binary.BigEndian.AppendUint64(b, step.Say.Generation)
		b = appendID(b, step.Say.Answers)
	} else {
		b = append(b, 0)
	}
	return append(b, byte(step.Change))
}

// appendID writes whether there is an id, and its first byte.
func appendID(b []byte, s *trust.StatementID) []byte {
	if s == nil {
		return append(b, 0)
	}
	return append(b, 1, s[0])
}
