package trust

import (
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Why an exchange failed, besides what package wire says. The stream is of no further use; the same may be said again on
// another.
var (
	// ErrEnded says that the opener closed the stream before it had said anything.
	ErrEnded = errors.New("the stream ended before the statement")
	// ErrNoAnswer says that the responder closed the stream in place of an answer.
	ErrNoAnswer = errors.New("the stream ended before the answer")
)

// Verdict is what became of a statement. Closed: a number that is not here is a malformed answer.
type Verdict uint8

// What a responder says.
const (
	// Taken says that it was taken in, durably: also one that changes nothing.
	Taken Verdict = iota
	// Invalid says that it breaks a rule. Telling it again will not help.
	Invalid
	// Failed says that taking it in failed. Try again.
	Failed
)

// Check implements the rule of the set.
func (v Verdict) Check() error {
	if v > Failed {
		return fmt.Errorf("%d is no answer", v)
	}
	return nil
}

// answerFrame is an answer as it travels.
type answerFrame struct {
	Answer Verdict `cbor:"answer"`
}

// knockAnswer is the answer to a knock, which says nothing.
type knockAnswer struct{}

// Tell is the opener's side: it tells a statement, waits for the answer, and closes. If it fails, it is not known whether
// the responder has the statement.
func Tell(stream wire.Stream, statement *Statement) (Verdict, error) {
	if err := wire.WriteFrame(stream, statement.envelope, MaxFrame); err != nil {
		return 0, err
	}
	var frame answerFrame
	if err := readAnswer(stream, &frame); err != nil {
		return 0, err
	}
	return frame.Answer, nil
}

// Hear is the responder's side, first: it reads the bytes of a statement, for [FromBytes]. Call [Answer] in either case.
func Hear(stream io.Reader) ([]byte, error) {
	envelope, err := wire.ReadFrame(stream, MaxFrame)
	if errors.Is(err, io.EOF) {
		return nil, ErrEnded
	}
	return envelope, err
}

// Answer is the responder's side, second and last: it answers, closes, and waits for the opener to close, so that the
// answer is not lost if the connection is closed next. The answer may have arrived also if it fails.
func Answer(stream wire.Stream, verdict Verdict) error {
	return answer(stream, &answerFrame{Answer: verdict})
}

// Knock is what a stranger says.
type Knock struct {
	// Statement is the envelope of a [Statement], which nobody has verified.
	Statement []byte `cbor:"statement"`
	// Ticket is for a request of somebody who has a ticket.
	Ticket *Proof `cbor:"ticket,omitzero"`
}

// SendKnock is the opener's side: it knocks, waits for the answer, and closes.
func SendKnock(stream wire.Stream, knock *Knock) error {
	if err := wire.WriteMessage(stream, knock, MaxFrame); err != nil {
		return err
	}
	return readAnswer(stream, &knockAnswer{})
}

// HearKnock is the responder's side, first: it reads what the stranger says. Nothing of it is verified yet.
func HearKnock(stream io.Reader) (*Knock, error) {
	var knock Knock
	err := wire.ReadMessage(stream, &knock, MaxFrame)
	if errors.Is(err, io.EOF) {
		return nil, ErrEnded
	}
	if err != nil {
		return nil, err
	}
	return &knock, nil
}

// AnswerKnock is the responder's side, second and last: like [Answer], and always the same. It says neither whether the
// statement was valid nor whether anybody will look at it.
func AnswerKnock(stream wire.Stream) error { return answer(stream, &knockAnswer{}) }

func readAnswer(stream wire.Stream, frame any) error {
	err := wire.ReadMessage(stream, frame, wire.ControlFrame)
	if errors.Is(err, io.EOF) {
		return ErrNoAnswer
	}
	if err != nil {
		return err
	}
	// The close tells the responder that its answer has arrived; that it fails takes nothing back.
	_ = stream.CloseWrite()
	return nil
}

func answer(stream wire.Stream, frame any) error {
	if err := wire.WriteMessage(stream, frame, wire.ControlFrame); err != nil {
		return err
	}
	return wire.Finish(stream)
}
