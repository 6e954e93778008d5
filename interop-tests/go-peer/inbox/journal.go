package inbox

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/journal"
)

// What a record says.
const (
	opMessage = "message" // a message is in the inbox
	opFile    = "file"    // a file is in the inbox
	opSeen    = "seen"    // an id was accepted, and its message cleared since
	opClear   = "clear"   // some of those before are cleared
)

// record is the fields of a record.
type record struct {
	Op         string   `json:"op"`
	Seq        uint64   `json:"seq,omitempty"`
	From       []byte   `json:"from,omitempty"`
	ID         []byte   `json:"id,omitempty"`
	Kind       uint8    `json:"kind,omitempty"`
	ReplyTo    []byte   `json:"reply_to,omitempty"`
	SentAt     uint64   `json:"sent_at,omitempty"`
	ReceivedAt uint64   `json:"received_at,omitempty"`
	Content    []byte   `json:"content,omitempty"` // what makes a repeat the same
	Name       string   `json:"name,omitempty"`
	Size       uint64   `json:"size,omitempty"`
	Digest     []byte   `json:"digest,omitempty"`
	Began      uint64   `json:"began,omitempty"`
	Cleared    []uint64 `json:"cleared,omitempty"`
}

// errRecord says that a record is not one of ours.
var errRecord = errors.New("a record of the journal is damaged")

// appendRecord adds a record to bytes that are to be written.
func appendRecord(bytes []byte, r *record, payload []byte) ([]byte, error) {
	fields, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return journal.Record(bytes, fields, payload)
}

// records reads what stands in a journal.
func records(take func(r *record, payload []byte, at int64) error) journal.Taker {
	return func(fields, payload []byte, at int64) error {
		var found record
		if err := json.Unmarshal(fields, &found); err != nil {
			return fmt.Errorf("%w: %w", errRecord, err)
		}
		return take(&found, payload, at)
	}
}
