package task

import (
	"errors"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Protocol is spoken on port 1003: requests, each answered, in order.
const Protocol = service.TasksProtocol

// Frame caps a frame in either direction, in bytes: a description, an input and what is around them fit.
const Frame = 128 * 1024

// MaxReceipts is how many receipts one answer has.
const MaxReceipts = 100

// Why an exchange failed, besides what package wire says. The stream is of no further use.
var (
	// ErrNoAnswer says that the stream ended in place of an answer.
	ErrNoAnswer = errors.New("the stream ended before the answer")
	// ErrUnexpected says that an answer is none that fits the request.
	ErrUnexpected = errors.New("the answer is none that may follow here")
)

// Answer is the answer to a request: one of the five.
type Answer struct {
	// Status answers a submission, a cancellation and a query.
	Status *Report
	// Taken answers a report to which no receipt belongs.
	Taken bool
	// Receipt answers a report with a claim: the envelope of the receipt.
	Receipt  []byte
	Denied   *Denial
	Receipts *Receipts
}

// Denial is a denial as it travels.
type Denial struct {
	Code Denied  `cbor:"code"`
	Text *string `cbor:"text,omitzero"`
}

// Receipts are some of a pair, in the order of their chain.
type Receipts struct {
	// Receipts are envelopes, at most [MaxReceipts].
	Receipts [][]byte `cbor:"receipts"`
	// Last is the last place that there is.
	Last uint64 `cbor:"last"`
}

type receiptFrame struct {
	Receipt []byte `cbor:"receipt"`
}

// MarshalCBOR implements cbor.Marshaler.
func (a Answer) MarshalCBOR() ([]byte, error) {
	switch {
	case a.Status != nil:
		return choose("status", a.Status)
	case a.Receipt != nil:
		return choose("receipt", receiptFrame{a.Receipt})
	case a.Denied != nil:
		return choose("denied", a.Denied)
	case a.Receipts != nil:
		return choose("receipts", a.Receipts)
	}
	return choose("taken", struct{}{})
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (a *Answer) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*a = Answer{}
	switch one.Kind {
	case "status":
		a.Status = new(Report)
		return wire.DecodeItem(one.Value, a.Status)
	case "taken":
		a.Taken = true
		return wire.DecodeItem(one.Value, &struct{}{})
	case "receipt":
		var receipt receiptFrame
		err := wire.DecodeItem(one.Value, &receipt)
		a.Receipt = receipt.Receipt
		return err
	case "denied":
		a.Denied = new(Denial)
		return wire.DecodeItem(one.Value, a.Denied)
	case "receipts":
		a.Receipts = new(Receipts)
		return wire.DecodeItem(one.Value, a.Receipts)
	}
	return unknown(one)
}

// Deny is the answer that denies.
func Deny(why Denied) Answer { return Answer{Denied: &Denial{Code: why}} }

// WriteRequest asks. Further requests may follow before it is answered.
func WriteRequest(w io.Writer, r *Request) error { return wire.WriteMessage(w, r, Frame) }

// ReadRequest reads the next request, or [io.EOF] when the other has closed its half. What is wrong with what it says is for
// the answer.
func ReadRequest(r io.Reader) (*Request, error) {
	var request Request
	if err := wire.ReadMessage(r, &request, Frame); err != nil {
		return nil, err
	}
	return &request, nil
}

// WriteAnswer answers the oldest request that has no answer.
func WriteAnswer(w io.Writer, a *Answer) error { return wire.WriteMessage(w, a, Frame) }

// ReadAnswer reads the answer to the oldest request that has none.
func ReadAnswer(r io.Reader) (*Answer, error) {
	var answer Answer
	if err := wire.ReadMessage(r, &answer, Frame); errors.Is(err, io.EOF) {
		return nil, ErrNoAnswer
	} else if err != nil {
		return nil, err
	}
	return &answer, nil
}

// Ask asks, and waits for the answer.
func Ask(stream io.ReadWriter, r *Request) (*Answer, error) {
	if err := WriteRequest(stream, r); err != nil {
		return nil, err
	}
	return ReadAnswer(stream)
}
