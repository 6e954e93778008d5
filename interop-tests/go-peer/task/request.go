package task

import (
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Request is what the opener of a stream says: one of the five.
type Request struct {
	Submit *Submit
	// Report is what the worker says of a task.
	Report *Report
	Cancel *Cancel
	Query  *Query
	// Receipts asks for those of a pair, if the other serves any.
	Receipts *WantReceipts
}

// Submit gives the worker a task.
type Submit struct {
	Task ID `cbor:"task"`
	// Body is read by [ParseBody].
	Body []byte `cbor:"body"`
}

// Cancel says that the requester does not want a task any more.
type Cancel struct {
	Task ID `cbor:"task"`
	// Reason is [ByRequester] or [LimitReached].
	Reason Reason  `cbor:"reason"`
	Text   *string `cbor:"text,omitzero"`
}

// Query asks how a task is.
type Query struct {
	Task ID `cbor:"task"`
}

// WantReceipts asks for the receipts of a pair behind a place in its chain.
type WantReceipts struct {
	Requester id.AgentID `cbor:"requester"`
	Worker    id.AgentID `cbor:"worker"`
	After     uint64     `cbor:"after"`
}

// Report is how a task is, as its worker says.
type Report struct {
	Task ID `cbor:"task"`
	// Seq grows by one with every change at the worker. What is not higher than what was heard is no news.
	Seq   uint64 `cbor:"seq"`
	State State  `cbor:"state"`
	// Attempt is how often it was begun.
	Attempt uint32  `cbor:"attempt"`
	Reason  *Reason `cbor:"reason,omitzero"`
	// Text is the worker's, at most [MaxText] bytes, to be shown by id.Clean.
	Text *string `cbor:"text,omitzero"`
	// Progress is of a thousand.
	Progress *uint16  `cbor:"progress,omitzero"`
	Output   *Content `cbor:"output,omitzero"`
	// Claim is the envelope of what the worker claims to have done.
	Claim []byte `cbor:"claim,omitzero"`
}

// maxProgress is all of it.
const maxProgress = 1000

// Validate checks the rules.
func (r *Report) Validate() error {
	switch {
	case r.State == Submitted || r.State == Succeeded && r.Output != nil:
		return fmt.Errorf("%w: a worker does not report %s", ErrInvalid, r.State)
	case r.Text != nil && len(*r.Text) > MaxText:
		return fmt.Errorf("%w: a text of %d bytes, at most %d", ErrInvalid, len(*r.Text), MaxText)
	case r.Progress != nil && *r.Progress > maxProgress:
		return fmt.Errorf("%w: a progress of %d of %d", ErrInvalid, *r.Progress, maxProgress)
	case r.Output != nil:
		return r.Output.Validate()
	}
	return nil
}

// MarshalCBOR implements cbor.Marshaler.
func (r Request) MarshalCBOR() ([]byte, error) {
	switch {
	case r.Submit != nil:
		return choose("submit", r.Submit)
	case r.Report != nil:
		return choose("report", r.Report)
	case r.Cancel != nil:
		return choose("cancel", r.Cancel)
	case r.Query != nil:
		return choose("query", r.Query)
	}
	return choose("receipts", r.Receipts)
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (r *Request) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	*r = Request{}
	var into any
	switch one.Kind {
	case "submit":
		r.Submit = new(Submit)
		into = r.Submit
	case "report":
		r.Report = new(Report)
		into = r.Report
	case "cancel":
		r.Cancel = new(Cancel)
		into = r.Cancel
	case "query":
		r.Query = new(Query)
		into = r.Query
	case "receipts":
		r.Receipts = new(WantReceipts)
		into = r.Receipts
	default:
		return unknown(one)
	}
	return wire.DecodeItem(one.Value, into)
}
