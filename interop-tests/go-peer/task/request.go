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

const (
	// maxProgress is all of a task.
	maxProgress = 1000
	// maxClaim caps a claim, in bytes of its envelope.
	maxClaim = 512
)

// Validate checks the rules, those of a body excepted: see [ParseBody].
func (r *Request) Validate() error {
	switch {
	case r.Cancel != nil && r.Cancel.Reason != ByRequester && r.Cancel.Reason != LimitReached:
		return fmt.Errorf("%w: no requester cancels for the reason: %s", ErrInvalid, r.Cancel.Reason)
	case r.Cancel != nil:
		return checkText(r.Cancel.Text)
	case r.Report == nil:
		return nil
	case r.Report.State == Succeeded:
		return fmt.Errorf("%w: no worker reports a task as %s", ErrInvalid, r.Report.State)
	case (r.Report.State == Completed || r.Report.State == Expired) && r.Report.Claim == nil:
		// What has to leave a receipt brings the claim for it.
		return fmt.Errorf("%w: a task that is %s is reported with a claim", ErrInvalid, r.Report.State)
	}
	return r.Report.Validate()
}

// Validate checks the rules for every report, also where it is an answer.
func (r *Report) Validate() error {
	if err := checkText(r.Text); err != nil {
		return err
	}
	switch {
	case r.State == Submitted:
		return fmt.Errorf("%w: no worker reports a task as %s", ErrInvalid, r.State)
	case r.Progress != nil && *r.Progress > maxProgress:
		return fmt.Errorf("%w: a progress of %d is more than all", ErrInvalid, *r.Progress)
	case len(r.Claim) > maxClaim:
		return fmt.Errorf("%w: a claim of %d bytes, at most %d", ErrInvalid, len(r.Claim), maxClaim)
	case r.Output != nil:
		return r.Output.Validate()
	}
	return nil
}

func checkText(text *string) error {
	if text != nil && len(*text) > MaxText {
		return fmt.Errorf("%w: a text of %d bytes, at most %d", ErrInvalid, len(*text), MaxText)
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
